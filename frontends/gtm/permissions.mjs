// Compares what a template's code asks for by `require` with the permissions that it is granted: not one less, not one more.

/** @typedef {import("./template.mjs").Template} Template */

/** The permission that each API of the sandbox needs; null: none. @type {Record<string, string | null>} */
const NEEDS = {
  // web
  addConsentListener: "access_consent",
  callInWindow: "access_globals",
  copyFromWindow: "access_globals",
  createArgumentsQueue: "access_globals",
  createQueue: "access_globals",
  injectScript: "inject_script",
  isConsentGranted: "access_consent",
  setInWindow: "access_globals",
  // server
  generateRandom: null,
  getAllEventData: "read_event_data",
  getEventData: "read_event_data",
  sendHttpRequest: "send_http",
  sha256Sync: null,
  // both
  JSON: null,
  Math: null,
  getCookieValues: "get_cookies",
  getTimestampMillis: null,
  logToConsole: "logging",
  makeNumber: null,
  makeString: null,
};

/**
 * What is wrong with a template's permissions, in words; nothing when all is well.
 * @param {Template} template
 * @returns {string[]}
 */
export function wrongPermissions(template) {
  const asked = [...template.code.matchAll(/\brequire\(\s*(['"])(\w+)\1\s*\)/g)].map((found) => found[2] ?? "");
  const others = template.code.match(/\brequire\b/g)?.length ?? 0;
  const wrong = others === asked.length ? [] : ["a require does not name its API in plain words"];
  const needed = new Set();
  for (const name of asked) {
    if (!(name in NEEDS)) wrong.push(`${name} is no API that this runner knows`);
    const permission = NEEDS[name];
    if (!permission) continue;
    needed.add(permission);
    if (!template.permissions.has(permission)) wrong.push(`${name} needs the permission ${permission}`);
  }
  for (const permission of template.permissions) {
    if (!needed.has(permission)) wrong.push(`the permission ${permission} is granted and not needed`);
  }
  for (const url of template.scope.urls) {
    if (!/^https:\/\/\*\/tag\/[\w./]+$/.test(url)) wrong.push(`the address ${url} is wider than Grapevine's own paths`);
  }
  return wrong;
}
