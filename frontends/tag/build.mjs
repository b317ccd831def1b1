// Builds the tag: node build.mjs [folder]. The core gets the hash of its content in its name, the loader knows that
// name and its checksum, and the manifest knows all of it. Fails when a script grew beyond what a shop's page may carry.

import { createHash } from "node:crypto";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { build } from "esbuild";

const HERE = dirname(fileURLToPath(import.meta.url));
const FOLDER = resolve(process.argv[2] ?? join(HERE, "../../adapters/tracking/tag/dist"));
const MOST_BYTES = { loader: 4_096, core: 12_288, snippet: 1_024 };
const { version } = JSON.parse(await readFile(join(HERE, "package.json"), "utf-8"));

/**
 * @param {string} name
 * @param {Record<string, string>} known what stands in the script for these names
 */
async function script(name, known) {
  const define = Object.fromEntries(Object.entries(known).map(([key, value]) => [key, JSON.stringify(value)]));
  const built = await build({
    entryPoints: [join(HERE, "src", `${name}.ts`)],
    bundle: true,
    minify: true,
    write: false,
    format: "iife",
    target: ["es2019"],
    legalComments: "none",
    define: { VERSION: JSON.stringify(version), ...define },
  });
  const [file] = built.outputFiles;
  if (!file) throw new Error(`nothing was built of ${name}`);
  return file.text.trim();
}

/** @param {string} text */
const hashOf = (text) => createHash("sha256").update(text).digest("hex").slice(0, 16);
/** @param {string} text */
const integrityOf = (text) => `sha384-${createHash("sha384").update(text).digest("base64")}`;

/**
 * @param {"loader" | "core" | "snippet"} name
 * @param {string} text
 */
function weigh(name, text) {
  const bytes = gzipSync(text, { level: 9 }).length;
  const most = MOST_BYTES[name];
  process.stderr.write(`  ${name}: ${bytes} of at most ${most} bytes gzipped\n`);
  if (bytes > most) throw new Error(`The ${name} is too large: ${bytes} bytes gzipped, at most ${most} are allowed.`);
  return bytes;
}

/**
 * Write a script with its compressed forms.
 * @param {string} folder
 * @param {string} name
 * @param {string} text
 */
async function put(folder, name, text) {
  const brotli = brotliCompressSync(text, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } });
  await writeFile(join(folder, name), text);
  await writeFile(join(folder, `${name}.gz`), gzipSync(text, { level: 9 }));
  await writeFile(join(folder, `${name}.br`), brotli);
}

const banner = `/*! Grapevine ${version}, Apache-2.0 */\n`;
const core = banner + (await script("core", {}));
const coreFile = `core.${hashOf(core)}.js`;
const loader = banner + (await script("loader", { CORE_FILE: coreFile, CORE_INTEGRITY: integrityOf(core) }));
const loaderFile = `grapevine.${hashOf(loader)}.js`;
const snippet = await script("snippet", { HOST: "https://HOST", KEY: "PUBLISHABLE_KEY" });
const manifest = {
  version,
  loader: { file: loaderFile, integrity: integrityOf(loader), gzipped: weigh("loader", loader) },
  core: { file: coreFile, integrity: integrityOf(core), gzipped: weigh("core", core) },
  snippet: { text: snippet, gzipped: weigh("snippet", snippet) },
};

// Made beside it and then put in its place, so that nobody reads half a build.
const fresh = `${FOLDER}.${process.pid}`;
await rm(fresh, { recursive: true, force: true });
await mkdir(fresh, { recursive: true });
await put(fresh, coreFile, core);
await put(fresh, loaderFile, loader);
await writeFile(join(fresh, "manifest.json"), `${JSON.stringify(manifest, null, 2)}\n`);
await rm(FOLDER, { recursive: true, force: true });
await rename(fresh, FOLDER);
