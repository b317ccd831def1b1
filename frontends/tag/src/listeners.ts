// The shop's own functions, which wait for what the tag does.

import type { Listener } from "./types";

/** What a function of the shop's throws is told, and is nobody else's trouble. */
export function call(listener: Listener, detail: unknown): void {
  try {
    if (typeof listener === "function") listener(detail);
  } catch (cause) {
    console.warn("grapevine: a function given to it failed", cause);
  }
}

export class Listeners {
  private readonly all: [string, Listener][] = [];

  add(name: string, listener: Listener): void {
    if (typeof listener === "function") this.all.push([name, listener]);
  }

  tell(name: string, detail: unknown): void {
    for (const [wanted, listener] of this.all) if (wanted === name) call(listener, detail);
  }
}
