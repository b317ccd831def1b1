// Runs the unit tests: bundles each test file with esbuild, and has Node's own runner execute them.

import { spawnSync } from "node:child_process";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const HERE = dirname(fileURLToPath(import.meta.url));
const tests = (await readdir(join(HERE, "test"))).filter((name) => name.endsWith(".test.ts"));
// Inside of the workspace, so that imports are found.
const folder = await mkdtemp(join(HERE, "..", "node_modules", ".tests-"));
try {
  await build({
    entryPoints: tests.map((name) => join(HERE, "test", name)),
    outdir: folder,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    format: "esm",
    platform: "node",
    target: "node20",
    sourcemap: "inline",
    logLevel: "warning",
  });
  const files = tests.map((name) => join(folder, name.replace(/\.ts$/, ".mjs")));
  const run = spawnSync(process.execPath, ["--enable-source-maps", "--test", "--test-reporter=dot", ...files], {
    stdio: "inherit",
    env: { ...process.env, TZ: "UTC" },
  });
  process.exitCode = run.status ?? 1;
} finally {
  await rm(folder, { recursive: true, force: true });
}
