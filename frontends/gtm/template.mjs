// Reads a Tag Manager template: the sections of a template.tpl, as the gallery's export writes them.

import { readFile } from "node:fs/promises";
import { parse } from "yaml";

/**
 * @typedef {{ name: string, code: string }} Scenario
 * @typedef {{ urls: string[], cookies: string[], keys: Map<string, Set<string>>, events: string[], consent: Set<string> }} Scope
 * @typedef {{
 *   path: string, kind: "WEB" | "SERVER", info: Record<string, unknown>, parameters: Record<string, unknown>[], code: string,
 *   permissions: Set<string>, scope: Scope, setup: string, scenarios: Scenario[]
 * }} Template
 */

const SECTION = /^___([A-Z_]+)___$/gm;
const WANTED = ["TERMS_OF_SERVICE", "INFO", "TEMPLATE_PARAMETERS", "TESTS", "NOTES"];

/** @param {string} path */
export async function readTemplate(path) {
  return templateOf(await readFile(path, "utf-8"), path);
}

/**
 * @param {string} text
 * @param {string} [path]
 * @returns {Template}
 */
export function templateOf(text, path = "template.tpl") {
  const sections = sectionsOf(text);
  const kind = sections.has("WEB_PERMISSIONS") ? "WEB" : "SERVER";
  const codeName = kind === "WEB" ? "SANDBOXED_JS_FOR_WEB_TEMPLATE" : "SANDBOXED_JS_FOR_SERVER";
  for (const name of [...WANTED, codeName, `${kind}_PERMISSIONS`]) {
    if (!sections.get(name)) throw new Error(`${path}: the section ${name} is missing`);
  }
  /** @param {string} name */
  const json = (name) => JSON.parse(sections.get(name) ?? "");
  const permissions = json(`${kind}_PERMISSIONS`);
  const tests = parse(sections.get("TESTS") ?? "");
  return {
    path,
    kind,
    info: json("INFO"),
    parameters: json("TEMPLATE_PARAMETERS"),
    code: sections.get(codeName) ?? "",
    permissions: new Set(permissions.map((/** @type {any} */ one) => one.instance.key.publicId)),
    scope: scopeOf(permissions),
    setup: tests.setup ?? "",
    scenarios: tests.scenarios ?? [],
  };
}

/** @param {string} text */
function sectionsOf(text) {
  const marks = [...text.matchAll(SECTION)];
  return new Map(
    marks.map((mark, at) => {
      const end = marks[at + 1]?.index ?? text.length;
      return [mark[1] ?? "", text.slice(mark.index + mark[0].length, end).trim()];
    }),
  );
}

/**
 * What each permission is limited to.
 * @param {any[]} permissions
 * @returns {Scope}
 */
function scopeOf(permissions) {
  /** @param {string} name @param {string} key */
  const list = (name, key) => {
    const found = permissions.find((one) => one.instance.key.publicId === name);
    const param = found?.instance.param.find((/** @type {any} */ one) => one.key === key);
    return /** @type {any[]} */ (param?.value.listItem ?? []);
  };
  /** @param {any} item @returns {Record<string, any>} */
  const map = (item) =>
    Object.fromEntries(
      item.mapKey.map((/** @type {any} */ key, /** @type {number} */ at) => [key.string, plain(item.mapValue[at])]),
    );
  /** @param {any} value */
  const plain = (value) => value.string ?? value.boolean;
  const keys = list("access_globals", "keys").map(map);
  const consent = list("access_consent", "consentTypes").map(map);
  return {
    urls: [...list("inject_script", "urls"), ...list("send_http", "urls")].map(plain),
    cookies: list("get_cookies", "cookieNames").map(plain),
    keys: new Map(keys.map((one) => [one.key, new Set(["read", "write", "execute"].filter((right) => one[right]))])),
    events: list("read_event_data", "keyPatterns").map(plain),
    consent: new Set(consent.filter((one) => one.read).map((one) => one.consentType)),
  };
}
