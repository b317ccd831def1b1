// Events on their way: batched, sent once and again until they are answered, kept over page views where that is allowed.

import { toJson } from "./json";
import type { Kept } from "./storage";
import type { TagEvent } from "./types";
import { OFF } from "./wire";

export const MOST_EVENTS = 50;
const MOST_BYTES = 60_000;
const MOST_WAITING = 200;
const GATHER_MS = 150;
const FIRST_RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 60_000;
const MOST_FAILURES = 8;
const OLDEST_MS = 24 * 3_600_000;
const PREFIX = "gv_e_";
/** Answers of Grapevine's after which nothing is sent again. Others may come from what stands before it. */
const FOR_GOOD = [400, 401, 413, 422];

/** An event that has not been given its identifiers yet; that happens as late as possible, by the consent of then. */
export type Unsealed = Omit<TagEvent, "visitor" | "click" | "claim" | "consent">;

export interface World {
  now(): number;
  random(): number;
  later(run: () => void, ms: number): unknown;
  /** Post a batch; the status of the answer. Rejects when nobody answers in good time. */
  post(body: string): Promise<number>;
  /** Hand a batch to the browser as the page goes; false: it took none. */
  beacon(body: string): boolean;
  /** Is the tag on? Asks again when what it knows is too old. */
  allowed(): Promise<boolean>;
  /** The same from memory; null: what is known is too old. */
  allowedNow(): boolean | null;
  seal(event: Unsealed): TagEvent;
  mayStore(): boolean;
  /** Until when the page wants events to wait. */
  waitUntil(): number;
}

export class Outbox {
  private waiting: (Unsealed | TagEvent)[] = [];
  private failures = 0;
  private busy = false;
  private dueAt = Number.POSITIVE_INFINITY;

  constructor(
    private readonly key: string,
    private readonly world: World,
    private readonly kept: Kept,
  ) {}

  add(event: Unsealed, urgent = false): void {
    this.waiting.push(event);
    if (this.waiting.length > MOST_WAITING) this.waiting.shift();
    this.schedule(urgent ? 0 : GATHER_MS);
  }

  /** Take up what earlier pages could not deliver. */
  resume(): void {
    const found: TagEvent[] = [];
    const here = new Set(this.waiting.map((event) => PREFIX + event.id));
    for (const name of this.kept.names(PREFIX)) {
      if (here.has(name)) continue;
      const event = parse(this.kept.get(name));
      if (event && this.world.now() - Date.parse(event.at) < OLDEST_MS) found.push(event);
      else this.kept.remove(name);
    }
    found.sort((a, b) => (a.at < b.at ? -1 : 1));
    this.waiting.unshift(...found.slice(-MOST_WAITING));
    if (found.length) this.schedule(GATHER_MS);
  }

  /** The network is back, or something changed: try at once. */
  retry(): void {
    this.failures = 0;
    if (this.waiting.length) this.schedule(0);
  }

  /** The page may be going: hand everything to the browser. What is kept on the device is confirmed by the next page. */
  leave(): void {
    const allowed = this.world.allowedNow();
    if (allowed === false) {
      this.forget();
      return;
    }
    const left = this.waiting.map((event) => this.seal(event));
    this.waiting = [];
    // Whom to forget is told in any case: the page may be loaded anew because of it, and nobody knows them afterwards.
    const [told, rest] = allowed
      ? [left, []]
      : [left.filter(isWithdrawal), left.filter((event) => !isWithdrawal(event))];
    this.waiting.push(...rest);
    for (const batch of batches(told)) if (!this.world.beacon(this.body(batch))) this.waiting.push(...batch);
  }

  /** The visitor took consent back: what has not left the page yet is sealed anew, by what holds now. */
  unseal(): void {
    this.waiting = this.waiting.map((event) => {
      if (!("consent" in event) || isWithdrawal(event)) return event;
      const { visitor, click, claim, consent, ...rest } = event;
      return rest;
    });
  }

  /** Nothing of this visitor stays on the device. */
  forgetStored(): void {
    for (const name of this.kept.names(PREFIX)) this.kept.remove(name);
  }

  /** Switched off: nothing is sent any more. */
  forget(): void {
    this.waiting = [];
    this.forgetStored();
  }

  private schedule(ms: number): void {
    const at = Math.max(this.world.now() + ms, this.world.waitUntil());
    if (this.busy || at >= this.dueAt) return;
    this.dueAt = at;
    this.world.later(() => {
      if (this.dueAt !== at) return; // an earlier one took over
      this.dueAt = Number.POSITIVE_INFINITY;
      void this.flush();
    }, at - this.world.now());
  }

  private async flush(): Promise<void> {
    if (this.busy || !this.waiting.length) return;
    this.busy = true;
    let next = Number.POSITIVE_INFINITY;
    try {
      next = await this.send();
    } catch {
      next = this.failed();
    }
    this.busy = false;
    if (this.waiting.length && next < Number.POSITIVE_INFINITY) this.schedule(next);
  }

  /** Send one batch; when to send the next. */
  private async send(): Promise<number> {
    if (!(await this.world.allowed())) {
      this.forget();
      return Number.POSITIVE_INFINITY;
    }
    const [batch] = batches(this.waiting.slice(0, MOST_EVENTS).map((event) => this.seal(event)));
    if (!batch) return Number.POSITIVE_INFINITY;
    this.waiting.splice(0, batch.length, ...batch);
    const status = await this.world.post(this.body(batch));
    if ((status < 200 || status >= 300) && status !== OFF && !FOR_GOOD.includes(status)) return this.failed();
    // Answered, or refused for good: either way it is over.
    const done = new Set(batch.map((event) => event.id));
    this.waiting = this.waiting.filter((event) => !done.has(event.id));
    for (const id of done) this.kept.remove(PREFIX + id);
    this.failures = 0;
    return 0;
  }

  private failed(): number {
    this.failures++;
    if (this.failures >= MOST_FAILURES) return Number.POSITIVE_INFINITY;
    const wait = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** (this.failures - 1));
    return wait * (0.5 + this.world.random());
  }

  private seal(event: Unsealed | TagEvent): TagEvent {
    const sealed = "consent" in event ? event : this.world.seal(event);
    // Who somebody is does not lie about: the next page says so again.
    if (this.world.mayStore() && event.name !== "identify") this.kept.set(PREFIX + sealed.id, toJson(sealed));
    return sealed;
  }

  private body(events: TagEvent[]): string {
    return toJson({ key: this.key, sent_at: new Date(this.world.now()).toISOString(), events });
  }
}

/** Cut into what one request may hold. An event too large for any is left out. */
function* batches(events: TagEvent[]): Generator<TagEvent[]> {
  let batch: TagEvent[] = [];
  let bytes = 0;
  for (const event of events) {
    const size = new TextEncoder().encode(toJson(event)).length + 1;
    if (batch.length && (batch.length === MOST_EVENTS || bytes + size > MOST_BYTES)) {
      yield batch;
      batch = [];
      bytes = 0;
    }
    batch.push(event);
    bytes += size;
  }
  if (batch.length) yield batch;
}

/** Does it name a visitor who is to be forgotten? */
function isWithdrawal(event: TagEvent): boolean {
  return event.name === "consent" && event.visitor !== null && event.consent.analytics_storage !== "granted";
}

function parse(stored: string | null): TagEvent | null {
  try {
    const event = JSON.parse(stored ?? "null") as TagEvent | null;
    return event && typeof event.id === "string" && typeof event.at === "string" && event.consent ? event : null;
  } catch {
    return null;
  }
}
