// Old libraries give arrays a `toJSON` of their own, which makes texts of them.

/** The value as JSON, its arrays as arrays whatever the page did to them. */
export function toJson(value: unknown): string {
  return JSON.stringify(value, function (this: Record<string, unknown>, key: string, said: unknown) {
    const given = this[key];
    return Array.isArray(given) ? given : said;
  });
}
