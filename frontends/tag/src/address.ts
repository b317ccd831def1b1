// Addresses as they may leave the page: without our own tokens, without click ids that were not consented to, and
// without mail addresses that a form put there.

export const LONGEST_ADDRESS = 2_000;

const OURS = /^gv_(click|claim|code)$/;
const CLICK_IDS =
  /^(gclid|gclsrc|dclid|gbraid|wbraid|fbclid|msclkid|ttclid|twclid|li_fat_id|epik|sccid|yclid|irclickid|_gl)$/i;
const CAMPAIGN = /^utm_/;
const MAIL = /@|%40/i;

/** The address with its query cleaned byte for byte: what stays is not re-encoded. */
export function clean(address: string, clickIds: boolean): string {
  const [before, hash = ""] = split(address, "#");
  const [path, query] = split(before, "?");
  const kept = (query ?? "").split("&").filter((pair) => {
    const name = pair.split("=", 1)[0] ?? "";
    return pair !== "" && !OURS.test(name) && (clickIds || !CLICK_IDS.test(name)) && !MAIL.test(pair);
  });
  const route = /^[/!]/.test(hash) && !MAIL.test(hash) ? `#${hash.split("?", 1)[0]}` : "";
  return (withoutMail(path) + (kept.length ? `?${kept.join("&")}` : "") + route).slice(0, LONGEST_ADDRESS);
}

/** The address without mail addresses in its path, as of a link to unsubscribe. */
function withoutMail(address: string): string {
  const isMail = (part: string): boolean => {
    const plain = part.replace(/%40/g, "@");
    const at = plain.lastIndexOf("@");
    return at > 0 && plain.indexOf(".", at) > 0;
  };
  const parts = address.split("/");
  return parts.map((part, place) => (place > 2 && isMail(part) ? "-" : part)).join("/");
}

/** What makes two views of a page the same: all but a fragment that is no route, and what tells where somebody came
 * from, which applications tidy away. */
export function viewOf(address: string): string {
  const [before, hash = ""] = split(address, "#");
  const [path, query = ""] = split(before, "?");
  const kept = query.split("&").filter((pair) => {
    const name = pair.split("=", 1)[0] ?? "";
    return pair !== "" && !OURS.test(name) && !CLICK_IDS.test(name) && !CAMPAIGN.test(name);
  });
  return path + (kept.length ? `?${kept.join("&")}` : "") + (/^[/!]/.test(hash) ? `#${hash}` : "");
}

/** A value of the address's query, decoded; null when it is not there or cannot be read. The last one counts: what our
 * links add stands at the end, after what a copied address may still hold. */
export function queryValue(address: string, name: string): string | null {
  const [before] = split(address, "#");
  const [, query] = split(before, "?");
  for (const pair of (query ?? "").split("&").reverse()) {
    const [key, value = ""] = split(pair, "=");
    if (key !== name) continue;
    try {
      return decodeURIComponent(value.replace(/\+/g, " "));
    } catch {
      return null;
    }
  }
  return null;
}

function split(text: string, by: string): [string, string | undefined] {
  const at = text.indexOf(by);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}
