import { equal, deepEqual as same } from "node:assert/strict";
import { test } from "node:test";
import { Consent } from "../src/consent";

const NOTHING = {
  ad_storage: "denied",
  analytics_storage: "denied",
  ad_user_data: "denied",
  ad_personalization: "denied",
};
const made = (consent = {}, now = () => 1_000) => new Consent({ on: true, consent }, now);

test("without a word everything is denied", () => {
  same(made().state(), NOTHING);
  equal(made().storage, false);
});

test("the page's default goes before the shop's configuration, an update before both", () => {
  const consent = made({ ad_storage: "granted", functionality_storage: "granted" });
  equal(consent.allows("ad_storage"), true);
  equal(consent.hear("default", { ad_storage: "denied", analytics_storage: "granted" }), true);
  equal(consent.allows("ad_storage"), false);
  equal(consent.hear("update", { ad_storage: "granted" }), true);
  equal(consent.hear("default", { ad_storage: "denied" }), false);
  equal(consent.allows("ad_storage"), true);
});

test("our own command may leave the kind out", () => {
  const consent = made();
  equal(consent.hear({ analytics_storage: "granted" }), true);
  equal(consent.allows("analytics_storage"), true);
  for (const odd of [null, undefined, "granted", 7]) equal(consent.hear(odd), false);
  equal(consent.hear("update", { ad_storage: "perhaps", __proto__: { ad_storage: "x" } }), false);
});

test("a default for a region counts where it denies, until somebody decides", () => {
  const consent = made();
  consent.hear("default", { ad_storage: "denied", region: ["DE"] });
  consent.hear("default", { ad_storage: "granted", analytics_storage: "granted" });
  equal(consent.allows("ad_storage"), false);
  equal(consent.allows("analytics_storage"), true);
  consent.hear("default", { analytics_storage: "granted", region: ["US"] });
  consent.hear("update", { ad_storage: "granted" });
  equal(consent.allows("ad_storage"), true);
});

test("a page may ask to wait for the visitor's word, for two seconds at most", () => {
  const consent = made();
  consent.hear("default", { ad_storage: "denied", wait_for_update: 60_000 });
  equal(consent.waitUntil, 3_000);
  consent.hear("update", { ad_storage: "denied" });
  equal(consent.waitUntil, 0);
});

test("a yes to one thing does not end the wait for another", () => {
  const consent = made();
  consent.hear("update", { ad_user_data: "granted" });
  consent.hear("default", { ad_storage: "denied", wait_for_update: 500 });
  equal(consent.waitUntil, 1_500);
  consent.hear("update", { ad_storage: "granted" });
  consent.hear("default", { ad_storage: "denied", wait_for_update: 500 });
  equal(consent.waitUntil, 0);
});
