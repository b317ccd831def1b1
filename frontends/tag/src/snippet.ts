// What a shop pastes into its pages. Commands wait in a queue from the first moment on; the loader is fetched before it
// becomes a script, so that a hanging host delays no page and whatever a broken one answers is never run.

import type { Stub, Trusting } from "./types";

declare const HOST: string;
declare const KEY: string;

((w: Window & Trusting, d: Document, base: string) => {
  // A page may have taken fetch away, or our name.
  try {
    const current = d.currentScript as HTMLScriptElement | null;
    const nonce = current ? current.nonce : "";
    // A page's element of that id is a global, too.
    const stub: Stub = typeof w.grapevine === "function" ? w.grapevine : (...command) => stub.q?.push(command);
    stub.q = stub.q || [];
    // Applications may tidy their address before our script is there.
    stub.landing = stub.landing || w.location.href;
    w.grapevine = stub;
    stub("init", { key: KEY });
    const address = `${base}grapevine.js`;
    fetch(address)
      .then((answer) => answer.text())
      .then((text) => {
        if (text.indexOf("/*! Grapevine")) return;
        if (w.trustedTypes && !stub.policy) {
          stub.policy = w.trustedTypes.createPolicy("grapevine", {
            createScriptURL: (url: string) => (url.indexOf(base) ? "" : url),
          });
        }
        const script = d.createElement("script");
        script.async = true;
        script.crossOrigin = "anonymous";
        if (nonce) script.nonce = nonce;
        script.src = stub.policy ? stub.policy.createScriptURL(address) : address;
        d.head.appendChild(script);
      })
      .catch(() => 0);
  } catch {
    // It stays as it is.
  }
})(window, document, `${HOST}/tag/`);
