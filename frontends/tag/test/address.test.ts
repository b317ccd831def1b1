import { equal } from "node:assert/strict";
import { test } from "node:test";
import { clean, queryValue, viewOf } from "../src/address";

const AT = "https://shop.example/p?a=1&a=&utm_source=x&gclid=G&gv_click=C&b=%C3%A9&mail=ada%40example.com#top";

test("addresses leave without our tokens, mail addresses and what was not consented to", () => {
  equal(clean(AT, false), "https://shop.example/p?a=1&a=&utm_source=x&b=%C3%A9");
  equal(clean(AT, true), "https://shop.example/p?a=1&a=&utm_source=x&gclid=G&b=%C3%A9");
  equal(clean("https://shop.example/?gv_claim=x", true), "https://shop.example/");
  equal(clean("https://shop.example/#/cart?token=1", true), "https://shop.example/#/cart");
  equal(clean("", true), "");
  equal(clean(`https://shop.example/${"x".repeat(5000)}`, true).length, 2000);
});

test("a fragment is another view only where it is a route", () => {
  equal(viewOf("https://shop.example/a#reviews"), "https://shop.example/a");
  equal(viewOf("https://shop.example/#/cart"), "https://shop.example/#/cart");
});

test("values of the query", () => {
  equal(queryValue("https://shop.example/?gv_code=ADA%20B&x", "gv_code"), "ADA B");
  equal(queryValue("https://shop.example/?gv_code=%E0%A4%A", "gv_code"), null);
  equal(queryValue("https://shop.example/?gv_click=copied&x=1&gv_click=ours", "gv_click"), "ours");
  equal(queryValue("https://shop.example/#?gv_code=1", "gv_code"), null);
});

test("mail addresses in a path do not leave the page", () => {
  equal(clean("https://shop.example/bye/ben@example.com?x=1", true), "https://shop.example/bye/-?x=1");
  equal(clean("https://shop.example/bye/ben%40example.com/now", true), "https://shop.example/bye/-/now");
  equal(clean("https://shop.example/@fjell/lamp", true), "https://shop.example/@fjell/lamp");
  equal(clean(`https://shop.example/${"@".repeat(50_000)}`, true).length, 2000);
});

test("an address that an application tidies is no other view", () => {
  const tidy = "https://shop.example/a?color=red";
  equal(viewOf("https://shop.example/a?utm_source=x&color=red&gclid=1&gv_claim=m#top"), tidy);
  equal(viewOf("https://shop.example/a?utm_source=x"), "https://shop.example/a");
});
