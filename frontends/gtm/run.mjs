// node run.mjs check|test: compares the templates' permissions with what they use, or runs the templates' own tests.

import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parse } from "yaml";
import { wrongPermissions } from "./permissions.mjs";
import { runScenario } from "./sandbox.mjs";
import { readTemplate } from "./template.mjs";

const HERE = dirname(fileURLToPath(import.meta.url));
const TEMPLATES = ["web", "server"];
const problems = [];
let passed = 0;

for (const name of TEMPLATES) {
  const template = await readTemplate(join(HERE, name, "template.tpl"));
  if (process.argv[2] === "check") {
    problems.push(...wrongPermissions(template).map((wrong) => `${name}: ${wrong}`));
    problems.push(...(await wrongMetadata(name)));
    continue;
  }
  for (const scenario of template.scenarios) {
    try {
      runScenario(template, scenario);
      passed++;
    } catch (error) {
      problems.push(`${name}: ${scenario.name}\n    ${error instanceof Error ? error.message : error}`);
    }
  }
}

for (const problem of problems) process.stderr.write(`  ${problem}\n`);
if (process.argv[2] !== "check")
  process.stdout.write(`  tag manager templates: ${passed} tests passed, ${problems.length} failed\n`);
process.exitCode = problems.length ? 1 : 0;

/** The gallery takes versions by the commit that holds them. @param {string} name */
async function wrongMetadata(name) {
  const metadata = parse(await readFile(join(HERE, name, "metadata.yaml"), "utf-8"));
  const versions = /** @type {any[]} */ (metadata.versions ?? []);
  const right = versions.length > 0 && versions.every((one) => /^[\da-f]{40}$/.test(one.sha) && one.changeNotes);
  return right ? [] : [`${name}: metadata.yaml names no version by its commit, with what changed`];
}
