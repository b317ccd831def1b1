import { equal, deepEqual as same } from "node:assert/strict";
import { test } from "node:test";
import { DataLayerReader, decimal, order, priced } from "../src/ecommerce";

/** What gtag() pushes: its own arguments object. */
function gtag(..._given: unknown[]): IArguments {
  // biome-ignore lint/complexity/noArguments: it is what gtag pushes
  return arguments;
}

const ITEM = { item_id: "SKU-1", item_name: "Fjell", price: 89, quantity: 2, coupon: "ADA2" };
const DETAILS = { transaction_id: "#1001", value: 178.5, currency: "eur", coupon: "ada2-2026", items: [ITEM] };
const ORDER = {
  order: "#1001",
  value: "178.50",
  currency: "EUR",
  coupon: ["ada2-2026", "ADA2"],
  items: [{ id: "SKU-1", name: "Fjell", price: "89", quantity: 2 }],
};

test("a GA4 purchase in the data layer", () => {
  same(new DataLayerReader().read({ event: "purchase", ecommerce: DETAILS }), { name: "purchase", data: ORDER });
});

test("a GA4 purchase without the wrapping, as some shops write it", () => {
  same(new DataLayerReader().read({ event: "purchase", ...DETAILS }), { name: "purchase", data: ORDER });
});

test("a purchase by gtag", () => {
  same(new DataLayerReader().read(gtag("event", "purchase", DETAILS)), { name: "purchase", data: ORDER });
});

test("ecommerce ahead of its event, and cleared between two", () => {
  const reader = new DataLayerReader();
  equal(reader.read({ ecommerce: DETAILS }), null);
  same(reader.read({ event: "purchase" }), { name: "purchase", data: ORDER });
  equal(reader.read({ ecommerce: null }), null);
  equal(reader.read({ event: "purchase" }), null);
});

test("an order with a number of its own is none of what was pushed before", () => {
  const reader = new DataLayerReader();
  reader.read({ event: "view_item", ecommerce: { items: [{ item_id: "other" }], value: 1 } });
  same(reader.read({ event: "purchase", ...DETAILS }), { name: "purchase", data: ORDER });
  const { transaction_id, ...ecommerce } = DETAILS;
  same(reader.read({ event: "purchase", transaction_id, ecommerce }), { name: "purchase", data: ORDER });
});

test("the oldest Universal Analytics shape, without enhanced e-commerce", () => {
  const products = [{ sku: "P1", name: "Lamp", category: "Lamps", price: 15.25, quantity: 1 }];
  const said = { transactionId: "T-8", transactionTotal: 15.25, transactionTax: 2, transactionProducts: products };
  same(new DataLayerReader().read({ event: "trackTrans", ...said }), {
    name: "purchase",
    data: {
      order: "T-8",
      value: "15.25",
      currency: null,
      coupon: [],
      items: [{ id: "P1", name: "Lamp", price: "15.25", quantity: 1 }],
    },
  });
  equal(new DataLayerReader().read({ event: "pageview", transactionId: "T-8" }), null);
});

test("the older Universal Analytics shape, whatever its event is called", () => {
  const ecommerce = {
    currencyCode: "EUR",
    purchase: {
      actionField: { id: "T-7", revenue: "35.43", coupon: "SUMMER" },
      products: [{ id: "P1", name: "Lamp", price: "15.25", quantity: "1" }],
    },
  };
  for (const entry of [{ ecommerce }, { event: "orderCompleted", ecommerce }]) {
    same(new DataLayerReader().read(entry), {
      name: "purchase",
      data: {
        order: "T-7",
        value: "35.43",
        currency: "EUR",
        coupon: ["SUMMER"],
        items: [{ id: "P1", name: "Lamp", price: "15.25", quantity: 1 }],
      },
    });
  }
  const refunded = new DataLayerReader().read({ ecommerce: { refund: { actionField: { id: "T-7" } } } });
  equal(refunded?.name, "refund");
});

test("whom the buyer names goes along, wherever the shop says it", () => {
  const friend_of = " Lovelace,\nAda ";
  for (const entry of [
    { event: "purchase", friend_of, ecommerce: DETAILS },
    { event: "purchase", ecommerce: { ...DETAILS, friend_of } },
    gtag("event", "purchase", { ...DETAILS, friend_of }),
  ])
    same(new DataLayerReader().read(entry), { name: "purchase", data: { ...ORDER, friend_of: "Lovelace, Ada" } });
  equal("friend_of" in (order({ order: "1", friend_of: "" }) ?? {}), false);
});

test("a purchase that is only looked at or has no number is none", () => {
  const reader = new DataLayerReader();
  equal(reader.read({ event: "view_item", ecommerce: DETAILS }), null);
  equal(reader.read({ event: "purchase", ecommerce: { value: 3 } }), null);
  for (const odd of [null, 7, "purchase", () => 0, [], {}, { event: {} }, { ecommerce: [] }])
    equal(reader.read(odd), null);
});

test("sign-ups and refunds", () => {
  same(new DataLayerReader().read({ event: "sign_up", method: "Google" }), {
    name: "sign_up",
    data: { method: "Google" },
  });
  same(new DataLayerReader().read(gtag("event", "sign_up", { method: "mail" })), {
    name: "sign_up",
    data: { method: "mail" },
  });
  equal(new DataLayerReader().read(gtag("event", "refund", DETAILS))?.name, "refund");
});

test("consent by gtag", () => {
  same(new DataLayerReader().read(gtag("consent", "update", { ad_storage: "granted" })), {
    name: "consent",
    kind: "update",
    given: { ad_storage: "granted" },
  });
});

test("amounts as shops write them", () => {
  const cases: [unknown, string | null][] = [
    [12.5, "12.50"],
    [12.499999999999998, "12.50"],
    [89, "89"],
    [0, "0"],
    ["12,50", "12.50"],
    ["1.234,56 €", "1234.56"],
    ["1,234.56", "1234.56"],
    ["1,234", "1234"],
    ["1.234.567", "1234567"],
    ["CHF 20", "20"],
    ["-5.00", "-5"],
    ["free", null],
    ["", null],
    [Number.NaN, null],
    [Number.POSITIVE_INFINITY, null],
    [{}, null],
    [null, null],
  ];
  for (const [given, wanted] of cases) equal(decimal(given), wanted, String(given));
});

test("an order's value has the digits of its currency", () => {
  const of = (value: unknown, currency?: string) => priced(order({ order: 1, value, currency }) ?? {}, "EUR");
  equal(of(12.345, "SEK").value, "12.35");
  equal(of(1200.4, "ISK").value, "1200");
  same([of(1200, "HUF").value, of(1200, "HUF").currency], [null, "HUF"]);
  equal(of("-7,5").value, "7.50");
  equal(of("-7,5").currency, "EUR");
  equal(priced(order({ order: 1, value: 3 }) ?? {}, undefined).value, null);
});

test("what is too long or strange in an order is cut or left out", () => {
  equal(order({ order: "x".repeat(101) }), null);
  same(order({ order: "1", coupon: ["y".repeat(65), " A\nB ", "A B"] })?.coupon, ["A B"]);
  const many = order({ order: "1", items: Array.from({ length: 80 }, () => ({ quantity: -2 })) });
  equal((many as { items: unknown[] }).items.length, 50);
});

test("a cart without a coupon names none, however its shop says so", () => {
  const coupon = (given: unknown) => order({ order: "1", coupon: given })?.coupon;
  for (const none of [false, true, null, undefined, "", {}, [false, {}]]) same(coupon(none), []);
  same(coupon(["A", "B"]), ["A", "B"]);
  same(coupon("A|B,C"), ["A", "B", "C"]);
  same(coupon(2026), ["2026"]);
});

test("amounts as shops write them", () => {
  const written = { "1.234,50 kr.": "1234.50", "kr. 499": "499", "499,00 kr.": "499", "Fr. 49.90": "49.90" };
  for (const [given, read] of Object.entries(written)) equal(decimal(given), read);
  for (const given of ["1'299.-", "1.299,-", "CHF 1’299.–"]) equal(decimal(given), "1299");
});

test("GA4's names in the older place", () => {
  const { items, ...details } = DETAILS;
  for (const ecommerce of [{ purchase: DETAILS }, { currencyCode: "EUR", purchase: { ...details, products: items } }])
    same(new DataLayerReader().read({ event: "purchase", ecommerce }), { name: "purchase", data: ORDER });
  equal(new DataLayerReader().read({ ecommerce: { purchase: { items } } }), null);
});
