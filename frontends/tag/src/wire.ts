// The tag's three requests. Each is bounded in time, sends no cookie and needs no preflight.

import type { Config } from "./types";

const PATIENCE_MS = 10_000;
/** No status of HTTP: the tag was switched off. */
export const OFF = 1;

export class Wire {
  constructor(
    private readonly base: string,
    private readonly key: string,
  ) {}

  async config(): Promise<Config | null> {
    const address = `${this.base}/tag/v1/config/${encodeURIComponent(this.key)}.json`;
    const answer = await this.fetch(address, { cache: "no-cache" });
    return answer.status === 200 ? (JSON.parse(answer.text) as Config) : null;
  }

  /** The status of the answer; OFF when it says so; 0 when it is not ours, as a proxy's page is: that confirms nothing. */
  async post(body: string): Promise<number> {
    const answer = await this.fetch(`${this.base}/tag/v1/events`, { method: "POST", body, keepalive: true });
    if (answer.status < 300) {
      const said = JSON.parse(answer.text) as { accepted?: unknown; off?: unknown };
      if (said.off === true) return OFF;
      if (typeof said.accepted !== "number") return 0;
    }
    return answer.status;
  }

  beacon(body: string): boolean {
    const address = `${this.base}/tag/v1/events`;
    try {
      if (navigator.sendBeacon?.(address, body)) return true;
    } catch {
      // Some extensions take it away.
    }
    try {
      void fetch(address, { method: "POST", body, keepalive: true, credentials: "omit" }).catch(() => 0);
      return true;
    } catch {
      return false;
    }
  }

  private async fetch(address: string, options: RequestInit): Promise<{ status: number; text: string }> {
    const abort = new AbortController();
    const timer = setTimeout(() => abort.abort(), PATIENCE_MS);
    try {
      const answer = await fetch(address, { ...options, credentials: "omit", signal: abort.signal });
      return { status: answer.status, text: await answer.text() };
    } finally {
      clearTimeout(timer);
    }
  }
}

/** A random UUID, also where the page is not secure. */
export function newId(): string {
  try {
    return crypto.randomUUID();
  } catch {
    return "xxxxxxxx-xxxx-4xxx-yxxx-xxxxxxxxxxxx".replace(/[xy]/g, (place) =>
      Math.floor(place === "x" ? random() * 16 : 8 + random() * 4).toString(16),
    );
  }
}

/** An id that begins with its time (UUID version 7): events of one time stand together where they are stored. */
export function newEventId(at: number): string {
  const time = Math.max(0, Math.floor(at)).toString(16).padStart(12, "0").slice(-12);
  return `${time.slice(0, 8)}-${time.slice(8)}-7${newId().slice(15)}`;
}

function random(): number {
  try {
    return (crypto.getRandomValues(new Uint32Array(1))[0] ?? 0) / 2 ** 32;
  } catch {
    return Math.random();
  }
}
