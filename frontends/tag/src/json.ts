// What is sent, as JSON. Old libraries give arrays a `toJSON` of their own, which makes texts of them.

import { isLoose } from "./ecommerce";

const MOST_BYTES = 16_000;

/** The value as JSON, its arrays as arrays whatever the page did to them. */
export function toJson(value: unknown): string {
  return JSON.stringify(value, function (this: Record<string, unknown>, key: string, said: unknown) {
    const given = this[key];
    return Array.isArray(given) ? given : said;
  });
}

/** A copy that can be sent: without its items when it is too large, empty when no JSON can be made of it. */
export function bounded(given: unknown): Record<string, unknown> {
  if (!isLoose(given)) return {};
  return copied(given) ?? copied({ ...given, items: [] }) ?? {};
}

function copied(given: Record<string, unknown>): Record<string, unknown> | null {
  try {
    const json = toJson(given);
    return new TextEncoder().encode(json).length <= MOST_BYTES ? JSON.parse(json) : null;
  } catch {
    return null;
  }
}
