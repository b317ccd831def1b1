// Whether the tag is on. What is known grows old: before anything leaves the page it is asked again.

import type { Config } from "./types";

/** With a cache of 30 s on the way, an order to stop is followed within a minute. */
export const FRESH_MS = 25_000;

/** Once off, a page stays off until it is loaded again. */
export class Switch {
  private asking: Promise<boolean> | undefined;

  constructor(
    private config: Config,
    private readAt: number,
    private readonly now: () => number,
    private readonly read: () => Promise<Config | null>,
    private readonly stopped: () => void,
  ) {}

  /** From memory; null when what is known is too old to go by. */
  get known(): boolean | null {
    if (!this.config.on) return false;
    return this.now() - this.readAt < FRESH_MS ? true : null;
  }

  /** Rejects when the host cannot be asked. */
  async on(): Promise<boolean> {
    const { known } = this;
    if (known !== null) return known;
    this.asking ??= this.ask().finally(() => {
      this.asking = undefined;
    });
    return this.asking;
  }

  /** The server said so while it answered something else. */
  turnOff(): void {
    const before = this.config.on;
    this.config = { ...this.config, on: false };
    if (before) this.stopped();
  }

  private async ask(): Promise<boolean> {
    const found = await this.read();
    if (typeof found?.on !== "boolean") throw new Error("no configuration");
    this.readAt = this.now();
    if (!found.on) this.turnOff();
    return found.on;
  }
}
