// The shapes that loader, core and server agree on.

/** One command as the page gave it: `grapevine('purchase', {...})` is ['purchase', {...}]. */
export type Command = ArrayLike<unknown>;

export type Signal = "ad_storage" | "analytics_storage" | "ad_user_data" | "ad_personalization";
export type Grant = "granted" | "denied";
export type Signals = Record<Signal, Grant>;

/** What `/tag/v1/config/<key>.json` answers. */
export interface Config {
  on: boolean;
  currency?: string;
  cookie_days?: number;
  consent?: Partial<Record<string, unknown>>;
}

/** What the loader hands to the core. */
export interface Handover {
  key: string;
  /** Where `/tag/…` lives, without a slash at the end. */
  base: string;
  config: Config;
  /** When the configuration was read (ms since 1970). */
  readAt: number;
  /** The address at which the visitor arrived, before the page changed it. */
  landing: string;
  options: Options;
}

/** What `grapevine('init', …)` may be given. */
export interface Options {
  key?: string;
  /** Another address of Grapevine than the script's own. */
  host?: string;
  /** Name of the data layer; false: do not read one. */
  data_layer?: string | false;
  /** false: no page events by itself. */
  page?: boolean;
}

export interface Stub {
  (...command: unknown[]): unknown;
  /** Commands that wait; once the tag is there, its `push` obeys them. The array stays: others may hold on to it. */
  q?: Command[];
  /** Set by the first loader that ran. */
  loaded?: string;
  /** Set while a loader that is not from a cache is asked for. */
  again?: boolean;
  handover?: Handover;
  /** The address at which the visitor arrived, when the snippet ran. */
  landing?: string;
  /** For pages that demand trusted types: lets addresses below our own through, and no others. */
  policy?: Policy;
}

export interface Policy {
  createScriptURL(address: string): string;
}

export interface Trusting {
  trustedTypes?: { createPolicy(name: string, rules: Policy): Policy };
}

export type EventName = "page" | "purchase" | "sign_up" | "share" | "track" | "refund" | "identify" | "consent";

/** One event as it is sent. */
export interface TagEvent {
  id: string;
  name: EventName;
  /** RFC 3339, by the visitor's clock. */
  at: string;
  page: string;
  referrer: string;
  title: string;
  visitor: string | null;
  click: string | null;
  claim: string | null;
  consent: Signals;
  data: Record<string, unknown>;
}

declare global {
  interface Window {
    grapevine?: Stub;
  }
}

export type Listener = (detail: unknown) => void;

/** What `grapevine('ready', api => …)` gets. */
export interface Api {
  readonly version: string;
  /** What to put on the cart as attributes, so that the order says who recommended it. */
  cart_attributes(): Record<string, string>;
  /** The friend's code of this visit, to fill in at checkout. */
  code(): string | null;
  consent(): Signals;
  on(name: string, listener: Listener): void;
}
