// What a friend's link brought along: the claim and the code for this visit, the click id where the visitor consents.

import { queryValue } from "./address";
import type { Cookies, Kept } from "./storage";
import type { Signal } from "./types";

const TOKEN = /^[\w.~-]{1,500}$/;
const CLICK = "gv_click";
const VISITOR = "gv_visitor";
const ID = /^[\w-]{8,64}$/;

export class Carried {
  private clickInMemory: string | null = null;
  private visitorInMemory: string | null = null;

  constructor(
    private readonly session: Kept,
    private readonly cookies: Cookies,
    private readonly days: number,
    private readonly newId: () => string,
  ) {}

  /** Take what this address brings. */
  arrive(address: string): void {
    for (const name of ["gv_claim", "gv_code"]) {
      const value = queryValue(address, name);
      if (value && TOKEN.test(value)) this.session.set(name, value);
    }
    const click = queryValue(address, CLICK);
    if (click && TOKEN.test(click)) this.clickInMemory = click;
  }

  /** Keep the click, which the visitor allowed. */
  keepClick(): void {
    if (this.clickInMemory) this.cookies.set(CLICK, this.clickInMemory, this.days);
  }

  /** True when there was one. */
  dropClick(): boolean {
    const kept = this.cookies.get(CLICK) !== null;
    this.cookies.remove(CLICK);
    return kept;
  }

  /** The visitor's id that was dropped, so that it can be forgotten elsewhere too. */
  dropVisitor(): string | null {
    const dropped = this.visitorInMemory ?? this.cookies.get(VISITOR);
    this.cookies.remove(VISITOR);
    this.visitorInMemory = null;
    return dropped && ID.test(dropped) ? dropped : null;
  }

  /** The signals for which this page knew something that another page has dropped since. */
  get takenAway(): Signal[] {
    const found: Signal[] = [];
    if (this.cookies.gone(CLICK)) found.push("ad_storage");
    if (this.cookies.gone(VISITOR)) found.push("analytics_storage");
    return found;
  }

  get claim(): string | null {
    return this.session.get("gv_claim");
  }

  get code(): string | null {
    return this.session.get("gv_code");
  }

  /** To be asked only with ad_storage granted. */
  get click(): string | null {
    const found = this.clickInMemory ?? this.cookies.get(CLICK);
    return found && TOKEN.test(found) ? found : null;
  }

  /** To be asked only with analytics_storage granted: one is made on the first time. */
  get visitor(): string {
    const kept = this.visitorInMemory ?? this.cookies.get(VISITOR);
    const found = kept && ID.test(kept) ? kept : this.newId();
    if (found !== this.visitorInMemory) this.cookies.set(VISITOR, found, this.days);
    this.visitorInMemory = found;
    return found;
  }
}
