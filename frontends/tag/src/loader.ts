// The script that shops install: asks whether the tag is on, then fetches the core. Whatever the host does (down,
// hanging, garbage), the page's own loading never waits for it and nothing is thrown.

import type { Command, Config, Options, Stub, Trusting } from "./types";

declare const CORE_FILE: string;
declare const CORE_INTEGRITY: string;
declare const VERSION: string;

const PATIENCE_MS = 10_000;
const TRIES_AFTER_MS = [0, 4_000, 30_000];

try {
  start(window, document);
} catch {
  // A page with a surprise for us stays as it is.
}

function start(w: Window, d: Document): void {
  const me = running(d) ?? d.querySelector<HTMLScriptElement>('script[src*="/tag/grapevine."]');
  // A page's element of that id is a global, too.
  const stub: Stub = typeof w.grapevine === "function" ? w.grapevine : newStub();
  w.grapevine = stub;
  if (stub.loaded || !me) return;
  stub.loaded = VERSION;
  const landing = stub.landing || w.location.href;
  stub.q ??= [];
  const queue = stub.q;
  let begun = false;
  const begin = (options: Options): void => {
    const key = options.key ?? me.dataset.key;
    if (begun || !key) return;
    begun = true;
    const base = (options.host ?? me.src.slice(0, me.src.lastIndexOf("/tag/"))).replace(/\/+$/, "");
    load(d, stub, { key, base, landing, options }, me.nonce);
  };
  for (const command of Array.from(queue)) {
    if (command[0] === "init") begin(optionsOf(command));
  }
  begin({});
  if (begun) return;
  const push = queue.push;
  queue.push = (command: Command) => {
    const length = push.call(queue, command);
    if (command[0] === "init") begin(optionsOf(command));
    return length;
  };
}

/** The script that runs, as the browser itself says: an element of the name `currentScript`, which people who may write
 * on a page can put there, would have us load from wherever it says. */
function running(d: Document): HTMLScriptElement | null {
  return Object.getOwnPropertyDescriptor(Document.prototype, "currentScript")?.get?.call(d) ?? null;
}

function newStub(): Stub {
  const stub: Stub = (...command) => {
    stub.q ??= [];
    stub.q.push(command);
  };
  return stub;
}

function optionsOf(command: Command): Options {
  const given = command[1];
  if (typeof given === "string") return { key: given };
  return given && typeof given === "object" ? (given as Options) : {};
}

interface Found {
  key: string;
  base: string;
  landing: string;
  options: Options;
}

function load(d: Document, stub: Stub, found: Found, nonce: string | undefined, turn = 0): void {
  const wait = TRIES_AFTER_MS[turn];
  if (wait === undefined) {
    silence(stub);
    return;
  }
  setTimeout(async () => {
    try {
      const address = `${found.base}/tag/v1/config/${encodeURIComponent(found.key)}.json`;
      const config = JSON.parse(await text(address)) as Config | null;
      if (config?.on !== true) {
        silence(stub);
        return;
      }
      stub.handover = { ...found, config, readAt: Date.now() };
    } catch {
      load(d, stub, found, nonce, turn + 1);
      return;
    }
    try {
      const address = `${found.base}/tag/${CORE_FILE}`;
      // Fetched first, so that a hanging host delays no page: the element below then finds it in the cache.
      await text(address, CORE_INTEGRITY);
      insert(d, stub, found, address, nonce, CORE_INTEGRITY);
    } catch {
      refresh(d, stub, found, nonce);
    }
  }, wait);
}

/** The core of this loader is gone, after an upgrade say: ask once for the loader that belongs to what is there. */
async function refresh(d: Document, stub: Stub, found: Found, nonce: string | undefined): Promise<void> {
  try {
    const address = `${found.base}/tag/grapevine.js?again=${Date.now()}`;
    if (stub.again || !(await text(address)).startsWith("/*! Grapevine")) throw new Error("no newer loader");
    stub.again = true;
    stub.loaded = "";
    insert(d, stub, found, address, nonce).dataset.key = found.key;
  } catch {
    silence(stub);
  }
}

async function text(address: string, integrity = ""): Promise<string> {
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), PATIENCE_MS);
  try {
    const answer = await fetch(address, { integrity, credentials: "omit", signal: abort.signal });
    if (!answer.ok) throw new Error(String(answer.status));
    return await answer.text();
  } finally {
    clearTimeout(timer);
  }
}

function insert(
  d: Document,
  stub: Stub,
  found: Found,
  address: string,
  nonce: string | undefined,
  integrity = "",
): HTMLScriptElement {
  const script = d.createElement("script");
  script.async = true;
  script.crossOrigin = "anonymous";
  if (nonce) script.nonce = nonce;
  if (integrity) script.integrity = integrity;
  script.src = trusted(stub, `${found.base}/tag/`, address);
  d.head.appendChild(script);
  return script;
}

/** Pages that demand trusted types get one, by a policy named grapevine. */
function trusted(stub: Stub, base: string, address: string): string {
  const types = (window as Trusting).trustedTypes;
  if (!types) return address;
  try {
    stub.policy ??= types.createPolicy("grapevine", {
      createScriptURL: (url) => (url.startsWith(base) ? url : ""),
    });
    return stub.policy.createScriptURL(address);
  } catch {
    return address;
  }
}

/** Off, or not to be reached: commands go nowhere, and nothing piles up. */
function silence(stub: Stub): void {
  stub.q ??= [];
  stub.q.length = 0;
  stub.q.push = () => 0;
}
