// Reads what shops already tell their analytics: GA4 events, gtag calls and the older Universal Analytics shape.

export type Told =
  | { name: "purchase" | "refund" | "sign_up"; data: Record<string, unknown> }
  | { name: "consent"; kind: string; given: unknown };

type Loose = Record<string, unknown>;

const LONGEST_TEXT = 200;
const LONGEST_ORDER = 100;
const LONGEST_COUPON = 64;
const MOST_ITEMS = 50;
const MOST_COUPONS = 20;
const CURRENCIES = ["EUR", "CHF", "DKK", "NOK", "SEK", "GBP", "USD", "PLN", "CZK", "ISK"];

/** Reads the entries of one data layer in turn. Remembers `ecommerce`, which some shops push ahead of the event. */
export class DataLayerReader {
  private ecommerce: Loose | null = null;

  read(entry: unknown): Told | null {
    if (!entry || typeof entry !== "object") return null;
    if (isCall(entry)) return readCall(entry);
    const said = entry as Loose;
    if ("ecommerce" in said) this.ecommerce = isLoose(said.ecommerce) ? said.ecommerce : null;
    const older = isLoose(said.ecommerce) ? readUniversal(said.ecommerce) : readTransaction(said);
    return older ?? readEvent(said.event, this.detailsOf(said), said);
  }

  /** An entry with a number of its own is no matter of what was pushed ahead of it. */
  private detailsOf(said: Loose): Loose {
    if (text(said.transaction_id)) return isLoose(said.ecommerce) ? { ...said.ecommerce, ...said } : said;
    return this.ecommerce ?? said;
  }
}

/** gtag('event', 'purchase', {...}) and gtag('consent', 'update', {...}) push their arguments object. */
function readCall(call: ArrayLike<unknown>): Told | null {
  const given = isLoose(call[2]) ? call[2] : {};
  if (call[0] === "consent") return { name: "consent", kind: String(call[1]), given };
  return call[0] === "event" ? readEvent(call[1], given, given) : null;
}

function readEvent(event: unknown, details: Loose, said: Loose): Told | null {
  if (event === "sign_up") return { name: "sign_up", data: { method: text(said.method ?? details.method) } };
  if (event !== "purchase" && event !== "refund") return null;
  const data = order({ ...details, friend_of: details.friend_of ?? said.friend_of });
  return data && { name: event, data };
}

function readUniversal(ecommerce: Loose): Told | null {
  for (const name of ["purchase", "refund"] as const) {
    const found = ecommerce[name];
    if (!isLoose(found)) continue;
    // Some shops put GA4's names where the older ones were.
    const field = isLoose(found.actionField) ? found.actionField : found;
    const data = order({
      transaction_id: field.id ?? field.transaction_id,
      value: field.revenue ?? field.value,
      coupon: field.coupon,
      currency: ecommerce.currencyCode ?? field.currency ?? ecommerce.currency,
      items: found.products ?? found.items,
    });
    if (data) return { name, data };
  }
  return null;
}

/** What Universal Analytics read without enhanced e-commerce. */
function readTransaction(said: Loose): Told | null {
  if (!("transactionTotal" in said)) return null;
  const data = order({
    transaction_id: said.transactionId,
    value: said.transactionTotal,
    currency: said.transactionCurrency,
    items: said.transactionProducts,
  });
  return data && { name: "purchase", data };
}

/** An order from what GA4, gtag or our own command calls it; null when it has no number. */
export function order(details: Loose): Record<string, unknown> | null {
  const number = text(details.order ?? details.order_id ?? details.transaction_id);
  if (!number || number.length > LONGEST_ORDER) return null;
  const items = Array.isArray(details.items) ? details.items : [];
  const friend = text(details.friend_of);
  return {
    order: number,
    value: decimal(details.value),
    currency: currency(details.currency),
    coupon: coupons(details.coupon, items),
    items: items.filter(isLoose).slice(0, MOST_ITEMS).map(item),
    // Whom the buyer named as having sent them.
    ...(friend && { friend_of: friend }),
  };
}

/** The order's value in the digits of its currency; none without a currency, or in one that Grapevine does not know: what
 * else the order says counts all the same. */
export function priced(data: Loose, fallback: unknown): Loose {
  const code = data.currency ?? currency(fallback);
  if (typeof data.value !== "string" || !CURRENCIES.includes(code as string)) {
    return { ...data, value: null, currency: code };
  }
  // A refund is reported with a minus by some, without by others.
  const value = Math.abs(Number(data.value)).toFixed(code === "ISK" ? 0 : 2);
  return { ...data, value, currency: code };
}

function item(given: Loose): Loose {
  return {
    id: text(given.item_id ?? given.id ?? given.sku),
    name: text(given.item_name ?? given.name),
    price: decimal(given.price),
    quantity: count(given.quantity),
  };
}

function coupons(given: unknown, items: unknown[]): string[] {
  const all = [given, ...items.map((one) => (isLoose(one) ? one.coupon : null))];
  const found = all.flatMap((one) => (Array.isArray(one) ? one : listed(one)));
  const codes = found.map(text).filter((code) => code && code.length <= LONGEST_COUPON);
  return [...new Set(codes)].slice(0, MOST_COUPONS);
}

/** Codes in one text; none in what is no text, such as the `false` of a cart without a coupon. */
function listed(given: unknown): string[] {
  return typeof given === "string" || typeof given === "number" ? String(given).split(/[,|]/) : [];
}

/** An amount as decimal text: 12.5, "12,50 €" and "1.234,50" are read; null when it is none. */
export function decimal(given: unknown): string | null {
  if (typeof given === "number") {
    return Number.isFinite(given) && Math.abs(given) < 1e12 ? trimmed(given.toFixed(4)) : null;
  }
  if (typeof given !== "string") return null;
  // The full stop of "kr." or "Fr." is no decimal point.
  const kept = given.replace(/\p{L}\./gu, "").replace(/[^\d.,-]/g, "");
  const sign = kept.startsWith("-") ? "-" : "";
  const digits = kept.replace(/-/g, "");
  const cut = decimalMark(digits);
  const whole = digits.slice(0, cut).replace(/[.,]/g, "");
  const rest = digits.slice(cut + 1).replace(/[.,]/g, "");
  return /\d/.test(digits) && whole.length < 13 ? sign + trimmed(`${whole || "0"}.${rest.slice(0, 4)}`) : null;
}

/** Where the fraction begins; the length when there is none. A single comma before three digits groups thousands. */
function decimalMark(digits: string): number {
  const last = Math.max(digits.lastIndexOf("."), digits.lastIndexOf(","));
  if (last < 0) return digits.length;
  const mark = digits[last] as string;
  const again = digits.indexOf(mark) !== last;
  const grouping = mark === "," && digits.length - last === 4 && !digits.includes(".");
  return again || grouping ? digits.length : last;
}

function trimmed(number: string): string {
  return number.replace(/(\.\d\d)0+$/, "$1").replace(/\.(00)?$/, "") || "0";
}

function currency(given: unknown): string | null {
  const said = text(given).toUpperCase();
  return /^[A-Z]{3}$/.test(said) ? said : null;
}

function count(given: unknown): number {
  const found = Number(given ?? 1);
  return Number.isFinite(found) ? Math.max(0, Math.min(100_000, Math.round(found))) : 1;
}

/** Text of a text or number, in one line and not too long; empty for anything else. */
export function text(given: unknown): string {
  if (typeof given !== "string" && typeof given !== "number") return "";
  return String(given)
    .replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, " ")
    .trim()
    .slice(0, LONGEST_TEXT)
    .replace(/[\ud800-\udbff]$/, "");
}

function isCall(entry: object): entry is ArrayLike<unknown> {
  return typeof (entry as { length?: unknown }).length === "number" && "0" in entry;
}

export function isLoose(value: unknown): value is Loose {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
