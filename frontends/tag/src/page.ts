// Where the page itself is touched: its data layer, its history, its forms, its coming and going. Whatever we add runs after the page's
// own code and never lets an error out.

type Navigating = Window & { navigation?: EventTarget };

/** Run `act`; what goes wrong in it stays here. */
export function safely(act: () => void): void {
  try {
    act();
  } catch {
    // The shop's page matters more than our event.
  }
}

/** Hear every entry of the data layer, those that are there and those to come, each once. */
export function watchDataLayer(w: Window, name: string, hear: (entry: unknown) => void): void {
  const heard = new WeakSet<object>();
  let watched: unknown;
  const say = (entry: unknown): void => {
    if (typeof entry !== "object" || entry === null) return;
    heard.add(entry);
    safely(() => hear(entry));
  };
  const watch = (): void => {
    const owner = w as unknown as Record<string, unknown>;
    owner[name] ??= [];
    const layer = owner[name];
    if (layer === watched || !Array.isArray(layer)) return;
    watched = layer;
    for (const entry of [...layer]) if (!heard.has(entry)) say(entry);
    const push = layer.push;
    layer.push = function (this: unknown, ...entries: unknown[]) {
      const result = push.apply(layer, entries);
      // One object that is changed and pushed again is another event.
      for (const entry of entries) say(entry);
      return result;
    };
  };
  safely(watch);
  // Some pages assign a new array after we came.
  for (const moment of ["DOMContentLoaded", "load"]) w.addEventListener(moment, () => safely(watch));
}

/** Call `moved` after each navigation within the page. */
export function watchNavigation(w: Window, moved: () => void): void {
  const tell = (): void => {
    // A moment later: frameworks set the title after they change the address.
    setTimeout(() => safely(moved), 60);
  };
  for (const name of ["pushState", "replaceState"] as const) {
    safely(() => {
      const original = w.history[name];
      w.history[name] = function (this: History, ...given: Parameters<History["pushState"]>) {
        const result = original.apply(this, given);
        tell();
        return result;
      };
    });
  }
  // By the Navigation API nothing of the above may happen.
  safely(() => (w as Navigating).navigation?.addEventListener("currententrychange", tell));
  w.addEventListener("popstate", tell);
  w.addEventListener("hashchange", tell);
}

/** A page that is prepared in the background counts when it is shown. */
export function whenSeen(d: Document & { prerendering?: boolean }, act: () => void): void {
  if (d.prerendering) d.addEventListener("prerenderingchange", () => safely(act), { once: true });
  else act();
}

/**
 * Call `leaves` when the page goes or may go for good, `isBack` when it is looked at or reaches the network again, and `returned` when the
 * browser takes the whole page out of its cache.
 */
export function watchLife(w: Window, leaves: () => void, isBack: () => void, returned: () => void): void {
  w.addEventListener("pageshow", (event) => event.persisted && safely(returned));
  w.addEventListener("pagehide", () => safely(leaves));
  w.addEventListener("online", () => safely(isBack));
  w.document.addEventListener("visibilitychange", () => {
    safely(w.document.visibilityState === "hidden" ? leaves : isBack);
  });
}

const TOLD = "gv_no";

/** Tell the visitor's other open pages of this shop. Nothing stays in the storage. */
export function tellPages(w: Window, words: string): void {
  safely(() => {
    w.localStorage.setItem(TOLD, words);
    w.localStorage.removeItem(TOLD);
  });
}

/** Call `hear` with what another page told. */
export function hearPages(w: Window, hear: (words: string) => void): void {
  w.addEventListener("storage", ({ key, newValue }) => {
    if (key === TOLD && newValue) safely(() => hear(newValue));
  });
}

/** Give forms that ask for it (`data-grapevine`) hidden fields with what a friend's link brought. */
export function fillForms(d: Document, attributes: () => Record<string, string>): () => void {
  const fill = (form: Element): void => {
    const values = attributes();
    for (const name of ["grapevine_click", "grapevine_claim"]) {
      let field = form.querySelector<HTMLInputElement>(`input[name="${name}"]`);
      const value = values[name];
      if (value === undefined) {
        if (field?.dataset.grapevine === "added") field.remove();
        continue;
      }
      if (!field) {
        field = d.createElement("input");
        field.type = "hidden";
        field.name = name;
        field.dataset.grapevine = "added";
        form.appendChild(field);
      }
      field.value = value;
    }
  };
  const fillAll = (): void => safely(() => d.querySelectorAll("form[data-grapevine]").forEach(fill));
  d.addEventListener(
    "submit",
    (event) => {
      const form = event.target as Element | null;
      if (form?.matches?.("form[data-grapevine]")) safely(() => fill(form));
    },
    true,
  );
  fillAll();
  if (d.readyState === "loading") d.addEventListener("DOMContentLoaded", fillAll);
  return fillAll;
}
