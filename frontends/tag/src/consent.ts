// Consent Mode v2: what the visitor allowed, from the shop's configuration, the page's gtag calls and our own command.

import type { Config, Grant, Signal, Signals } from "./types";

export const SIGNALS: readonly Signal[] = ["ad_storage", "analytics_storage", "ad_user_data", "ad_personalization"];
const LONGEST_WAIT_MS = 2_000;

type Given = Partial<Record<string, unknown>>;

/** A later default never undoes an update; a default for a region counts where it denies, as we do not know regions. */
export class Consent {
  private readonly defaults: Partial<Signals> = {};
  private readonly regional: Partial<Signals> = {};
  private readonly updates: Partial<Signals> = {};
  private readonly configured: Partial<Signals>;
  /** Until when (ms since 1970) the page asked to wait for the visitor's word. */
  waitUntil = 0;

  constructor(
    config: Config,
    private readonly now: () => number,
  ) {
    this.configured = read(config.consent ?? {});
  }

  /** `grapevine('consent', {...})`, `grapevine('consent', 'default' | 'update', {...})` or gtag's. True: it changed. */
  hear(kind: unknown, given?: unknown): boolean {
    const before = JSON.stringify(this.state());
    const values = (given ?? kind) as Given | null;
    if (!values || typeof values !== "object") return false;
    if (kind === "default") this.setDefault(values);
    else {
      Object.assign(this.updates, read(values));
      this.waitUntil = 0;
    }
    return JSON.stringify(this.state()) !== before;
  }

  state(): Signals {
    const found = {} as Signals;
    for (const signal of SIGNALS) {
      const byDefault = this.regional[signal] ?? this.defaults[signal] ?? this.configured[signal] ?? "denied";
      found[signal] = this.updates[signal] ?? byDefault;
    }
    return found;
  }

  allows(signal: Signal): boolean {
    return this.state()[signal] === "granted";
  }

  /** May anything at all be kept on the device beyond what the visitor asked for? */
  get storage(): boolean {
    return this.allows("ad_storage") || this.allows("analytics_storage");
  }

  /** The visitor said no, which is more than a page that has not asked yet. */
  refused(signal: Signal): boolean {
    return this.updates[signal] === "denied";
  }

  private setDefault(values: Given): void {
    const wait = Number(values.wait_for_update);
    const said = read(values);
    const open = SIGNALS.some((signal) => said[signal] && !this.updates[signal]);
    if (wait > 0 && open) this.waitUntil = this.now() + Math.min(wait, LONGEST_WAIT_MS);
    if (!values.region) {
      Object.assign(this.defaults, said);
      return;
    }
    for (const signal of SIGNALS) if (said[signal] === "denied") this.regional[signal] = "denied";
  }
}

function read(given: Given): Partial<Signals> {
  const found: Partial<Signals> = {};
  for (const signal of SIGNALS) {
    const said = given[signal];
    if (said === "granted" || said === "denied") found[signal] = said as Grant;
  }
  return found;
}
