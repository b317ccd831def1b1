// That the runner notices: each permission, each key and each address that is taken away, and a test that is wrong.

import { equal, match, throws } from "node:assert/strict";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { wrongPermissions } from "../permissions.mjs";
import { runScenario } from "../sandbox.mjs";
import { templateOf } from "../template.mjs";

const HERE = dirname(fileURLToPath(import.meta.url));
const TEXTS = ["web", "server"].map((name) => readFileSync(join(HERE, "..", name, "template.tpl"), "utf-8"));
const MARK = /___(WEB|SERVER)_PERMISSIONS___\s+(\[[\s\S]*?\n\])/;

/** The template with other permissions. @param {string} text @param {(permissions: any[]) => any[]} change */
function changed(text, change) {
  return templateOf(
    text.replace(
      MARK,
      (_whole, kind, json) => `___${kind}_PERMISSIONS___\n\n${JSON.stringify(change(JSON.parse(json)))}`,
    ),
  );
}

/** @param {import("../template.mjs").Template} template */
function runAll(template) {
  for (const scenario of template.scenarios) runScenario(template, scenario);
}

test("web: a tag that installs asks for nothing of an event", () => {
  const shown = templateOf(TEXTS[0] ?? "").parameters.filter((one) => {
    const conditions = /** @type {any[]} */ (
      one.enablingConditions ?? [{ paramName: "action", paramValue: "install" }]
    );
    return conditions.some((each) => each.paramName !== "action" || each.paramValue === "install");
  });
  equal(shown.map((one) => one.name).join(), "action,host,key,reading,consent");
});

for (const text of TEXTS) {
  const whole = templateOf(text);

  test(`${whole.kind}: asks for what it needs and nothing else`, () => {
    equal(wrongPermissions(whole).join(), "");
    runAll(whole);
  });

  test(`${whole.kind}: its field takes the addresses that its permissions reach, and no others`, () => {
    const field = /** @type {any} */ (whole.parameters.find((one) => one.name === "host"));
    const wanted = new RegExp(field.valueValidators.find((/** @type {any} */ one) => one.type === "REGEX").args[0]);
    for (const good of ["https://refer.example.com", "https://refer.example.com:8443/", "{{Grapevine host}}"]) {
      equal(wanted.test(good), true, good);
    }
    for (const bad of ["http://refer.example.com", "https://shop.example/refer", "refer.example.com", ""]) {
      equal(wanted.test(bad), false, bad);
    }
  });

  for (const permission of whole.permissions) {
    test(`${whole.kind}: without ${permission} the comparison fails`, () => {
      const less = changed(text, (all) => all.filter((one) => one.instance.key.publicId !== permission));
      match(wrongPermissions(less).join(), new RegExp(`needs the permission ${permission}`));
      throws(() => runAll(less), /permissions do not allow/);
    });
  }

  const lists = JSON.parse(text.match(MARK)?.[2] ?? "[]").flatMap((/** @type {any} */ one, /** @type {number} */ at) =>
    one.instance.param.flatMap((/** @type {any} */ param, /** @type {number} */ which) =>
      (param.value.listItem ?? []).map((/** @type {any} */ _item, /** @type {number} */ item) => [at, which, item]),
    ),
  );
  for (const [at, which, item] of lists) {
    test(`${whole.kind}: entry ${item} of permission ${at} is used by its tests`, () => {
      const less = changed(text, (all) => {
        all[at].instance.param[which].value.listItem.splice(item, 1);
        return all;
      });
      throws(() => runAll(less), /permissions do not allow/);
    });
  }

  test(`${whole.kind}: a permission too many is named`, () => {
    const logging = { instance: { key: { publicId: "logging", versionId: "1" }, param: [] } };
    match(wrongPermissions(changed(text, (all) => [...all, logging])).join(), /logging is granted and not needed/);
  });

  test(`${whole.kind}: an address of anybody's is too wide`, () => {
    const wide = templateOf(text.replace(/https:\/\/\*\/tag\/[\w./]+(?="\n)/, "https://*/*"));
    match(wrongPermissions(wide).join(), /wider than Grapevine's own paths/);
  });

  test(`${whole.kind}: an unknown or a hidden API is named`, () => {
    match(wrongPermissions({ ...whole, code: "require('getRemoteAddress')" }).join(), /no API that this runner knows/);
    match(wrongPermissions({ ...whole, code: "const r = require; r('injectScript')" }).join(), /in plain words/);
  });

  test(`${whole.kind}: the code sees nothing but the sandbox`, () => {
    for (const code of ["process.exit()", "fetch('x')", "new Function('return 1')()", "globalThis.window.x"]) {
      throws(() => runScenario({ ...whole, code }, { name: "out", code: "runCode({})" }));
    }
  });
}

test("a wrong expectation fails", () => {
  const template = templateOf(TEXTS[0] ?? "");
  for (const code of [
    "assertThat(1).isEqualTo(2)",
    "assertThat([{a: 1}]).isNotEqualTo([{a: 1}])",
    "assertApi('injectScript').wasCalled()",
    "runCode(installed); assertApi('injectScript').wasNotCalled()",
    "runCode(installed); assertApi('createArgumentsQueue').wasCalledWith('other', 'other.q')",
    "fail('no')",
  ]) {
    throws(() => runScenario(template, { name: code, code }));
  }
});

test("half a template is none", () => {
  throws(() => templateOf((TEXTS[0] ?? "").replace("___TESTS___", "")), /TESTS is missing/);
});
