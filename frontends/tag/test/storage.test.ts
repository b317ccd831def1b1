import { equal, match, deepEqual as same } from "node:assert/strict";
import { test } from "node:test";
import { Cookies, Kept } from "../src/storage";
import { newEventId, newId } from "../src/wire";

test("blocked storage becomes this page's memory", () => {
  const blocked = Object.defineProperty({}, "localStorage", {
    get() {
      throw new Error("SecurityError");
    },
  });
  const kept = new Kept(blocked as Window, "localStorage");
  kept.set("gv_a", "1");
  equal(kept.get("gv_a"), "1");
  same(kept.names("gv_"), ["gv_a"]);
  kept.remove("gv_a");
  equal(kept.get("gv_a"), null);
});

/** A browser's cookie jar as far as it matters: it refuses domains that are a public suffix. */
function jar(hostname: string, suffix: string): { w: Window; written: string[] } {
  const written: string[] = [];
  const values = new Map<string, string>();
  const d = {
    get cookie() {
      return [...values].map(([name, value]) => `${name}=${value}`).join("; ");
    },
    set cookie(text: string) {
      if (text.includes(`Domain=${suffix}`)) return;
      written.push(text);
      const [name = "", value = ""] = (text.split("; ")[0] ?? "").split("=");
      if (text.includes("Max-Age=0;")) values.delete(name);
      else values.set(name, value);
    },
  };
  return { w: { document: d, location: { hostname, protocol: "https:" } } as unknown as Window, written };
}

test("a cookie is for the whole shop, on the widest domain that is allowed", () => {
  const { w, written } = jar("www.shop.co.uk", "co.uk");
  const cookies = new Cookies(w);
  cookies.set("gv_click", "a b", 30);
  const last = written.at(-1) ?? "";
  match(last, /^gv_click=a%20b; Path=\/; Max-Age=2592000; SameSite=Lax; Secure; Domain=shop\.co\.uk$/);
  equal(new Cookies(w).get("gv_click"), "a b");
  cookies.remove("gv_click");
  equal(cookies.get("gv_click"), null);
});

test("a cookie that was there and is gone was taken away by somebody else", () => {
  const { w } = jar("shop.example", "example");
  const [here, elsewhere] = [new Cookies(w), new Cookies(w)];
  equal(here.gone("gv_click"), false);
  here.set("gv_click", "a", 30);
  equal(elsewhere.get("gv_click"), "a");
  equal(here.gone("gv_click"), false);
  elsewhere.remove("gv_click");
  equal(elsewhere.gone("gv_click"), false);
  equal(here.gone("gv_click"), true);
  here.remove("gv_click");
  equal(here.gone("gv_click"), false);
});

test("a cookie that the browser never held is not gone", () => {
  const { w } = jar("shop.example", "example");
  Object.defineProperty(w.document, "cookie", { get: () => "", set: () => {} });
  const cookies = new Cookies(w);
  cookies.set("gv_click", "a", 30);
  equal(cookies.get("gv_click"), "a");
  equal(cookies.gone("gv_click"), false);
});

test("ids are random UUIDs", () => {
  const ids = new Set(Array.from({ length: 100 }, newId));
  equal(ids.size, 100);
  for (const id of ids) match(id, /^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/);
});

test("ids of events begin with their time", () => {
  const at = Date.UTC(2026, 10, 27, 9, 30);
  const ids = new Set(Array.from({ length: 100 }, () => newEventId(at)));
  equal(ids.size, 100);
  for (const id of ids) match(id, /^[\da-f]{8}-[\da-f]{4}-7[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/);
  for (const id of ids) equal(parseInt(id.slice(0, 8) + id.slice(9, 13), 16), at);
  for (const odd of [-5, 0.5, 2 ** 50]) match(newEventId(odd), /^[\da-f]{8}-[\da-f]{4}-7/);
});

test("what no longer fits into the storage is remembered by the page, not what was there before", () => {
  const values = new Map<string, string>();
  const area = {
    getItem: (name: string) => values.get(name) ?? null,
    setItem: (name: string, value: string) => {
      if (value.length > 3) throw new Error("QuotaExceededError");
      values.set(name, value);
    },
    removeItem: (name: string) => void values.delete(name),
  };
  const kept = new Kept({ sessionStorage: area } as unknown as Window, "sessionStorage");
  kept.set("gv_a", "old");
  kept.set("gv_a", "longer");
  equal(kept.get("gv_a"), "longer");
  kept.set("gv_a", "new");
  equal(kept.get("gv_a"), "new");
});
