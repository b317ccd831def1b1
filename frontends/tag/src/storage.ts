// Storage and cookies that may be blocked, full or absent: each falls back to this page's memory.

type Area = "localStorage" | "sessionStorage";

const PROBE = "gv_probe";

/** A storage area as the browser gives it, or undefined. Merely touching a blocked one throws. */
function area(w: Window, name: Area): Storage | undefined {
  try {
    const found = w[name];
    found.setItem(PROBE, "1");
    found.removeItem(PROBE);
    return found;
  } catch {
    return undefined;
  }
}

/** Text by name, in a storage area or, where that is blocked, in memory. Never throws. */
export class Kept {
  private readonly memory = new Map<string, string>();
  private readonly storage: Storage | undefined;

  constructor(w: Window, name: Area) {
    this.storage = area(w, name);
  }

  get(name: string): string | null {
    try {
      // Memory first: what is there did not fit into the storage, which may hold what was before.
      return this.memory.get(name) ?? this.storage?.getItem(name) ?? null;
    } catch {
      return null;
    }
  }

  set(name: string, value: string): void {
    try {
      if (this.storage) {
        this.storage.setItem(name, value);
        this.memory.delete(name);
        return;
      }
    } catch {
      // Full: this page remembers it at least.
    }
    this.memory.set(name, value);
  }

  remove(name: string): void {
    this.memory.delete(name);
    try {
      this.storage?.removeItem(name);
    } catch {
      // What cannot be removed could not be written.
    }
  }

  names(prefix: string): string[] {
    const found = new Set(this.memory.keys());
    try {
      for (let at = 0; at < (this.storage?.length ?? 0); at++) found.add(this.storage?.key(at) ?? "");
    } catch {
      // Memory has what there is.
    }
    return [...found].filter((name) => name.startsWith(prefix));
  }
}

/** First-party cookies on the widest domain that the browser allows, so that shop.example and www.shop.example share. */
export class Cookies {
  private readonly memory = new Map<string, string>();
  private readonly held = new Set<string>();
  private domain: string | undefined;

  constructor(private readonly w: Window) {}

  get(name: string): string | null {
    const found = this.read(name);
    if (found !== null) this.held.add(name);
    return found ?? this.memory.get(name) ?? null;
  }

  set(name: string, value: string, days: number): void {
    this.memory.set(name, value);
    this.write(name, encodeURIComponent(value), days * 86_400);
    this.get(name); // does the browser hold it?
  }

  remove(name: string): void {
    this.memory.delete(name);
    this.held.delete(name);
    this.write(name, "", 0);
  }

  /** This page saw the browser hold it, and somebody else took it away. */
  gone(name: string): boolean {
    return this.held.has(name) && this.read(name) === null;
  }

  private read(name: string): string | null {
    try {
      for (const pair of this.w.document.cookie.split("; ")) {
        if (pair.startsWith(`${name}=`)) return decodeURIComponent(pair.slice(name.length + 1));
      }
    } catch {
      // Blocked, as in a sandboxed frame.
    }
    return null;
  }

  private write(name: string, value: string, seconds: number): void {
    try {
      this.domain ??= this.widest();
      this.put(name, value, seconds, this.domain);
    } catch {
      // Blocked: memory has it.
    }
  }

  private widest(): string {
    const labels = this.w.location.hostname.split(".");
    for (let count = 2; count <= labels.length; count++) {
      const domain = labels.slice(-count).join(".");
      this.put(PROBE, "1", 5, domain);
      if (this.w.document.cookie.includes(`${PROBE}=1`)) {
        this.put(PROBE, "", 0, domain);
        return domain;
      }
    }
    return "";
  }

  private put(name: string, value: string, seconds: number, domain: string): void {
    const secure = this.w.location.protocol === "https:" ? "; Secure" : "";
    const where = domain ? `; Domain=${domain}` : "";
    this.w.document.cookie = `${name}=${value}; Path=/; Max-Age=${seconds}; SameSite=Lax${secure}${where}`;
  }
}
