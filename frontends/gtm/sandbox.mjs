// Runs a template's own tests: its code and theirs in a context without anything but the sandbox's APIs, each of which
// refuses what the template's permissions do not allow.

import { createHash } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import { createContext, runInContext } from "node:vm";

/** @typedef {import("./template.mjs").Template} Template */
/** @typedef {import("./template.mjs").Scenario} Scenario */
/** @typedef {(...given: any[]) => unknown} Api */

/**
 * Run one scenario; throws what went wrong.
 * @param {Template} template
 * @param {Scenario} scenario
 */
export function runScenario(template, scenario) {
  const bench = new Bench(template);
  const context = createContext(bench.globals(), { codeGeneration: { strings: false, wasm: false } });
  runInContext(`"use strict";(() => {\n${template.setup}\n${scenario.code}\n})()`, context, { timeout: 2_000 });
}

class Bench {
  /** @type {Map<string, Api>} */
  mocks = new Map();
  /** @type {Map<string, unknown[][]>} */
  calls = new Map();
  /** @type {Set<string>} */
  used = new Set();

  /** @param {Template} template */
  constructor(template) {
    this.template = template;
    this.apis = apis();
  }

  globals() {
    return {
      require: (/** @type {string} */ name) => this.require(name),
      runCode: (/** @type {Record<string, unknown>} */ data) => this.runCode(data),
      mock: (/** @type {string} */ name, /** @type {unknown} */ value) =>
        void this.mocks.set(name, typeof value === "function" ? /** @type {Api} */ (value) : () => value),
      assertApi: (/** @type {string} */ name) => this.assertApi(name),
      assertThat: (/** @type {unknown} */ value) => assertThat(value),
      fail: (/** @type {string} */ why) => {
        throw new Error(why);
      },
    };
  }

  /** @param {string} name */
  require(name) {
    if (!(name in this.apis)) throw new Error(`there is no API ${name} in the sandbox`);
    const api = this.apis[name];
    return typeof api === "function" ? (/** @type {any[]} */ ...given) => this.call(name, given) : api;
  }

  /** @param {string} name @param {any[]} given */
  call(name, given) {
    const refusal = refusalOf(name, given, this.template.scope);
    if (refusal) throw new Error(`the template's permissions do not allow it: ${refusal}`);
    this.calls.set(name, [...(this.calls.get(name) ?? []), given]);
    return (this.mocks.get(name) ?? /** @type {Api} */ (this.apis[name]))(...given);
  }

  /** @param {Record<string, unknown>} data */
  runCode(data) {
    /** @param {string} name */
    const told = (name) => () => void this.calls.set(name, [...(this.calls.get(name) ?? []), []]);
    const known = { ...data, gtmOnSuccess: told("gtmOnSuccess"), gtmOnFailure: told("gtmOnFailure") };
    const context = createContext(
      { data: known, require: (/** @type {string} */ name) => this.require(name) },
      { codeGeneration: { strings: false, wasm: false } },
    );
    runInContext(`"use strict";(() => {\n${this.template.code}\n})()`, context, { timeout: 2_000 });
  }

  /** @param {string} name */
  assertApi(name) {
    const calls = this.calls.get(name) ?? [];
    /** @param {boolean} right @param {string} what */
    const check = (right, what) => {
      if (!right) throw new Error(`${name} ${what}; it was called with ${JSON.stringify(calls)}`);
    };
    return {
      wasCalled: () => check(calls.length > 0, "was not called"),
      wasNotCalled: () => check(calls.length === 0, "was called"),
      wasCalledWith: (/** @type {unknown[]} */ ...wanted) =>
        check(
          calls.some((given) => same(given, wanted)),
          `was not called with ${JSON.stringify(wanted)}`,
        ),
    };
  }
}

/** @param {unknown} value */
function assertThat(value) {
  /** @param {boolean} right @param {string} what */
  const check = (right, what) => {
    if (!right) throw new Error(`${JSON.stringify(value)} ${what}`);
  };
  return {
    isEqualTo: (/** @type {unknown} */ wanted) => check(same(value, wanted), `is not ${JSON.stringify(wanted)}`),
    isNotEqualTo: (/** @type {unknown} */ other) => check(!same(value, other), `is ${JSON.stringify(other)}`),
    isTrue: () => check(value === true, "is not true"),
    isFalse: () => check(value === false, "is not false"),
    isDefined: () => check(value !== undefined, "is not defined"),
    isUndefined: () => check(value === undefined, "is defined"),
  };
}

/** Equal whatever context the objects come from. @param {unknown} one @param {unknown} other */
function same(one, other) {
  return isDeepStrictEqual(structuredClone(one), structuredClone(other));
}

/**
 * What the APIs do where a test does not replace them: nothing that leaves the machine.
 * @returns {Record<string, any>}
 */
function apis() {
  const nothing = () => undefined;
  return {
    addConsentListener: nothing,
    callInWindow: nothing,
    copyFromWindow: nothing,
    createArgumentsQueue: nothing,
    createQueue: nothing,
    injectScript: (/** @type {string} */ _url, /** @type {Api} */ onSuccess) => onSuccess?.(),
    isConsentGranted: () => true,
    setInWindow: () => true,
    generateRandom: (/** @type {number} */ least, /** @type {number} */ most) => Math.floor((least + most) / 2),
    getAllEventData: () => ({}),
    getEventData: nothing,
    // biome-ignore lint/suspicious/noThenProperty: a promise that is kept at once, so that a test need not wait
    sendHttpRequest: () => ({ then: (/** @type {Api} */ onAnswer) => onAnswer({ statusCode: 200 }) }),
    sha256Sync: (/** @type {string} */ text) => createHash("sha256").update(text).digest("hex"),
    JSON: { parse: JSON.parse, stringify: JSON.stringify },
    Math: { abs: Math.abs, floor: Math.floor, round: Math.round },
    getCookieValues: () => [],
    getTimestampMillis: () => 0,
    logToConsole: nothing,
    makeNumber: Number,
    makeString: String,
  };
}

/** What a call to each of the global-access APIs needs. @type {Record<string, string[]>} */
const RIGHTS = {
  copyFromWindow: ["read"],
  callInWindow: ["execute"],
  setInWindow: ["write"],
  createQueue: ["read", "write"],
  createArgumentsQueue: ["read", "write"],
};

/**
 * Why the template may not make this call; an empty text when it may.
 * @param {string} name
 * @param {any[]} given
 * @param {import("./template.mjs").Scope} scope
 */
function refusalOf(name, given, scope) {
  const first = String(given[0]);
  if (name in RIGHTS) {
    const keys = name === "createArgumentsQueue" ? given.slice(0, 2) : [given[0]];
    for (const key of keys) {
      const missing = RIGHTS[name]?.find((right) => !scope.keys.get(String(key))?.has(right));
      if (missing) return `to ${missing} the global ${key}`;
    }
  }
  if ((name === "injectScript" || name === "sendHttpRequest") && !scope.urls.some((url) => matches(url, first))) {
    return `to ask for ${first}`;
  }
  if (name === "getCookieValues" && !scope.cookies.includes(first)) return `to read the cookie ${first}`;
  if (name === "getEventData" && !scope.events.includes(first)) return `to read ${first} of the event`;
  if ((name === "isConsentGranted" || name === "addConsentListener") && !scope.consent.has(first)) {
    return `to read the consent ${first}`;
  }
  return "";
}

/** @param {string} pattern @param {string} url */
function matches(pattern, url) {
  const escaped = pattern.replace(/[.+?^${}()|[\]\\]/g, "\\$&").replaceAll("*", "[^/]*");
  return new RegExp(`^${escaped}$`).test(url);
}
