// The tag itself: hears the page's commands and data layer, and tells Grapevine.

import { clean, viewOf } from "./address";
import { Carried } from "./carried";
import { Consent, SIGNALS } from "./consent";
import { DataLayerReader, isLoose, order, priced, text } from "./ecommerce";
import { bounded } from "./json";
import { call, Listeners } from "./listeners";
import { Outbox, type Unsealed } from "./outbox";
import { fillForms, hearPages, safely, tellPages, watchDataLayer, watchLife, watchNavigation, whenSeen } from "./page";
import { Cookies, Kept } from "./storage";
import { Switch } from "./switch";
import type { Api, Command, Config, EventName, Handover, Listener, Stub, TagEvent } from "./types";
import { newEventId, newId, OFF, Wire } from "./wire";

declare const VERSION: string;

const LONGEST_TOKEN = 4_096;
const ORDERS = "gv_orders";
type Data = Record<string, unknown>;

class Tag {
  private readonly now = (): number => Date.now();
  private readonly consent: Consent;
  private readonly carried: Carried;
  private readonly session: Kept;
  private readonly outbox: Outbox;
  private readonly on: Switch;
  private readonly listeners = new Listeners();
  private readonly api: Api;
  private refill: () => void = () => {};
  private identity: string | null = null;
  /** A visitor who withdrew consent: named once more, so that the server forgets them. */
  private dropped: string | null = null;
  private view = "";
  private seen = false;
  private resumed = false;
  private referrer: string;

  constructor(
    private readonly w: Window,
    private readonly handover: Handover,
  ) {
    const { config, key, base } = handover;
    this.consent = new Consent(config, this.now);
    this.session = new Kept(w, "sessionStorage");
    this.carried = new Carried(this.session, new Cookies(w), daysOf(config), newId);
    this.referrer = w.document.referrer;
    const wire = new Wire(base, key);
    this.on = new Switch(
      config,
      handover.readAt,
      this.now,
      () => wire.config(),
      () => this.stopped(),
    );
    this.outbox = new Outbox(key, this.world(wire), new Kept(w, "localStorage"));
    this.api = {
      version: VERSION,
      cart_attributes: () => this.attributes(),
      code: () => this.carried.code,
      consent: () => this.consent.state(),
      on: (name, listener) => this.listeners.add(name, listener),
    };
  }

  start(stub: Stub): void {
    this.carried.arrive(this.handover.landing);
    this.carried.arrive(this.w.location.href);
    const { data_layer: layer, page } = this.handover.options;
    const reader = new DataLayerReader();
    stub.q ??= [];
    const early = stub.q.splice(0);
    // Consent first: what the queue holds is judged by it.
    const isConsent = (command: Command): boolean => command[0] === "consent";
    for (const command of early.filter(isConsent)) this.obey(command);
    if (layer !== false) watchDataLayer(this.w, layer ?? "dataLayer", (entry) => this.hear(reader, entry));
    whenSeen(this.w.document, () => {
      this.seen = true;
      this.settle();
      if (this.dropped) this.record("consent", {}, true);
      if (page !== false) this.pageView();
    });
    stub.q.push = (command: Command) => {
      safely(() => this.obey(command));
      return 0;
    };
    for (const command of early) if (!isConsent(command)) safely(() => this.obey(command));
    if (page !== false) watchNavigation(this.w, () => this.moved());
    hearPages(this.w, (words) => this.deny(words.split(" ")));
    this.refill = fillForms(this.w.document, () => this.attributes());
    watchLife(
      this.w,
      () => this.outbox.leave(),
      () => this.outbox.retry(),
      () => this.returned(),
    );
    this.resume();
  }

  /** Take up what earlier pages could not deliver, as soon as this page knows of the visitor's consent. */
  private resume(): void {
    if (this.resumed || !this.consent.storage) return;
    this.resumed = true;
    this.outbox.resume();
    // The no may have been said elsewhere since they were sealed.
    if (this.refusedAny) this.outbox.unseal();
  }

  private world(wire: Wire): ConstructorParameters<typeof Outbox>[1] {
    return {
      now: this.now,
      random: Math.random,
      later: (run, ms) => setTimeout(() => safely(run), ms),
      post: (body) => this.post(wire, body),
      beacon: (body) => wire.beacon(body),
      allowed: () => this.on.on(),
      allowedNow: () => this.on.known,
      seal: (event) => this.seal(event),
      mayStore: () => this.consent.storage,
      waitUntil: () => this.consent.waitUntil,
    };
  }

  private async post(wire: Wire, body: string): Promise<number> {
    const status = await wire.post(body);
    if (status === OFF) this.on.turnOff();
    return status;
  }

  private obey(command: Command): void {
    const [name, first, second] = [command[0], command[1], command[2]];
    const data = isLoose(first) ? first : {};
    if (name === "consent") this.setConsent(first, second);
    else if (name === "on") this.listeners.add(text(first), second as Listener);
    else if (name === "ready") call(first as Listener, this.api);
    else if (name === "identify") this.identify(isLoose(first) ? first.token : first);
    else if (name === "page") this.pageView(data);
    else if (name === "purchase" || name === "refund") this.orderEvent(name, order(data));
    else if (name === "sign_up") this.record(name, { method: text(data.method) }, true);
    else if (name === "share" && text(data.channel)) this.record(name, { ...data, channel: text(data.channel) });
    else if (name === "track" && text(first)) this.record("track", { ...bounded(second), event: text(first) });
  }

  private hear(reader: DataLayerReader, entry: unknown): void {
    const told = reader.read(entry);
    if (!told) return;
    if (told.name === "consent") this.setConsent(told.kind, told.given);
    else if (told.name === "sign_up") this.record("sign_up", told.data, true);
    else this.orderEvent(told.name, told.data);
  }

  /** An order counts once on this page and, in this browser's visit, on a reload of it. */
  private orderEvent(name: "purchase" | "refund", data: Data | null): void {
    if (!data) return;
    const mark = `${name[0]}:${data.order}${name === "refund" ? `:${data.value}` : ""}`;
    const known = (this.session.get(ORDERS) ?? "").split("\n");
    if (known.includes(mark)) return;
    this.session.set(ORDERS, [...known, mark].slice(-20).join("\n"));
    this.record(name, priced(data, this.handover.config.currency), true);
  }

  private identify(token: unknown): void {
    if (typeof token !== "string" || token.length < 20 || token.length > LONGEST_TOKEN) return;
    this.identity = token;
    this.tellIdentity();
  }

  /** Who somebody is waits for their consent. */
  private tellIdentity(): void {
    if (!this.identity || !this.consent.storage) return;
    this.record("identify", { token: this.identity }, true);
    this.identity = null;
  }

  private setConsent(kind: unknown, given: unknown): void {
    const { dropped } = this;
    const before = this.consent.state();
    const changed = this.consent.hear(kind, given);
    const after = this.consent.state();
    const withdrawn = SIGNALS.some((signal) => before[signal] === "granted" && after[signal] === "denied");
    if (withdrawn) this.outbox.unseal();
    if (!this.seen) return; // what holds then is told then
    const ended = this.settle();
    // A no where nothing was allowed on this page may end what an earlier one was allowed.
    if (withdrawn || ended) tellPages(this.w, SIGNALS.filter((signal) => this.consent.refused(signal)).join(" "));
    if (!changed && this.dropped === dropped) return;
    this.record("consent", {}, this.dropped !== null);
    this.tellIdentity();
    this.resume();
  }

  /** A no that was said elsewhere: in another open page, or in a later one before the browser brought this one back. */
  private deny(signals: readonly string[]): void {
    if (signals.length) this.setConsent("update", Object.fromEntries(signals.map((signal) => [signal, "denied"])));
  }

  /** Keep what is allowed and drop what is refused. True: something was kept until now. */
  private settle(): boolean {
    const { consent, carried, dropped } = this;
    let ended = false;
    if (consent.allows("ad_storage")) carried.keepClick();
    // A page that has not asked yet denies too: what was allowed before stays, unread, until the visitor says no.
    else if (consent.refused("ad_storage")) ended = carried.dropClick();
    this.dropped = consent.refused("analytics_storage") ? (carried.dropVisitor() ?? dropped) : null;
    if (this.refusedAny && !consent.storage) this.outbox.forgetStored();
    this.refill();
    return ended || (this.dropped !== null && this.dropped !== dropped);
  }

  private get refusedAny(): boolean {
    return this.consent.refused("ad_storage") || this.consent.refused("analytics_storage");
  }

  private moved(): void {
    this.carried.arrive(this.w.location.href);
    if (!this.seen) return; // it is looked at then
    this.settle();
    if (viewOf(this.w.location.href) === this.view) return;
    this.referrer = this.view;
    this.pageView();
  }

  /** The browser took this page out of its cache. */
  private returned(): void {
    this.deny(this.carried.takenAway);
    if (this.handover.options.page !== false) this.pageView();
  }

  private pageView(data: Data = {}): void {
    this.view = viewOf(this.w.location.href);
    this.record("page", data);
  }

  private record(name: EventName, data: Data, urgent = false): void {
    if (this.on.known === false) return;
    const clickIds = this.consent.allows("ad_storage");
    const now = this.now();
    const event: Unsealed = {
      id: newEventId(now),
      name,
      at: new Date(now).toISOString(),
      page: clean(this.address(), clickIds),
      referrer: clean(this.referrer, clickIds),
      title: text(this.w.document.title),
      data: bounded(data),
    };
    this.outbox.add(event, urgent);
    this.listeners.tell(name, name === "consent" ? this.consent.state() : event.data);
  }

  /** A frame that was written into the page (about:srcdoc) has the address of the page around it. */
  private address(): string {
    const { href } = this.w.location;
    return href.startsWith("about:") ? this.w.document.baseURI : href;
  }

  private seal(event: Unsealed): TagEvent {
    const ads = this.consent.allows("ad_storage");
    const dropped = event.name === "consent" ? this.dropped : null;
    return {
      ...event,
      visitor: this.consent.allows("analytics_storage") ? this.carried.visitor : dropped,
      click: ads ? this.carried.click : null,
      claim: ads ? this.carried.claim : null,
      consent: this.consent.state(),
    };
  }

  private attributes(): Record<string, string> {
    const found: Record<string, string> = {};
    const click = this.consent.allows("ad_storage") ? this.carried.click : null;
    if (click) found.grapevine_click = click;
    if (this.carried.claim) found.grapevine_claim = this.carried.claim;
    return found;
  }

  private stopped(): void {
    this.outbox.forget();
    this.listeners.tell("stopped", {});
  }
}

function daysOf(config: Config): number {
  const days = Number(config.cookie_days);
  return days >= 1 && days <= 400 ? Math.floor(days) : 30;
}

safely(() => {
  const stub = window.grapevine;
  const handover = stub?.handover;
  if (!stub || !handover) return;
  delete stub.handover;
  new Tag(window, handover).start(stub);
});
