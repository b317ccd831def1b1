import { equal, ok, deepEqual as same } from "node:assert/strict";
import { test } from "node:test";
import { Outbox, type Unsealed, type World } from "../src/outbox";
import type { Kept } from "../src/storage";
import type { TagEvent } from "../src/types";

const CONSENT = {
  ad_storage: "granted",
  analytics_storage: "granted",
  ad_user_data: "denied",
  ad_personalization: "denied",
} as const;

/** Time that the test moves, a network that answers as it is told, and storage as a map. */
class Bench implements World {
  time = Date.parse("2026-11-27T10:00:00Z");
  answers: (number | "none")[] = [];
  sent: TagEvent[][] = [];
  beacons: TagEvent[][] = [];
  on: boolean | null = true;
  store = true;
  takesBeacons = true;
  stored = new Map<string, string>();
  private due: [number, () => void][] = [];

  box(): Outbox {
    const kept = {
      get: (name: string) => this.stored.get(name) ?? null,
      set: (name: string, value: string) => void this.stored.set(name, value),
      remove: (name: string) => void this.stored.delete(name),
      names: (prefix: string) => [...this.stored.keys()].filter((name) => name.startsWith(prefix)),
    };
    return new Outbox("gv_pub_x", this, kept as unknown as Kept);
  }

  now = () => this.time;
  random = () => 0.5;
  later = (run: () => void, ms: number) => this.due.push([this.time + ms, run]);
  async post(body: string): Promise<number> {
    this.sent.push(JSON.parse(body).events);
    const answer = this.answers.shift() ?? 200;
    if (answer === "none") throw new Error("offline");
    return answer;
  }
  beacon(body: string): boolean {
    this.beacons.push(JSON.parse(body).events);
    return this.takesBeacons;
  }
  async allowed(): Promise<boolean> {
    return this.on !== false;
  }
  allowedNow = () => this.on;
  seal = (event: Unsealed): TagEvent => ({ ...event, visitor: "v", click: null, claim: null, consent: CONSENT });
  mayStore = () => this.store;
  waitUntil = () => 0;

  async pass(ms: number): Promise<void> {
    const end = this.time + ms;
    for (;;) {
      const next = this.due.filter(([at]) => at <= end).sort((a, b) => a[0] - b[0])[0];
      if (!next) break;
      this.due.splice(this.due.indexOf(next), 1);
      this.time = Math.max(this.time, next[0]);
      next[1]();
      for (let turn = 0; turn < 20; turn++) await Promise.resolve();
    }
    this.time = end;
  }
}

let count = 0;
function event(bench: Bench, filler = ""): Unsealed {
  const id = `00000000-0000-4000-8000-${String(++count).padStart(12, "0")}`;
  const at = new Date(bench.time).toISOString();
  return { id, name: "page", at, page: "https://s.example/", referrer: "", title: filler, data: {} };
}

test("events that come together go together, and are forgotten once they are answered", async () => {
  const bench = new Bench();
  const box = bench.box();
  box.add(event(bench));
  box.add(event(bench));
  await bench.pass(1_000);
  same(
    bench.sent.map((batch) => batch.length),
    [2],
  );
  equal(bench.stored.size, 0);
  await bench.pass(100_000);
  equal(bench.sent.length, 1);
});

test("a failure is tried again with growing waits, the same ids, and not for ever", async () => {
  const bench = new Bench();
  bench.answers = ["none", 503, 429, 0, 500, 500, 500, 500, 200];
  const box = bench.box();
  box.add(event(bench));
  await bench.pass(3_600_000);
  equal(bench.sent.length, 8);
  equal(new Set(bench.sent.map((batch) => batch[0]?.id)).size, 1);
  equal(bench.stored.size, 1);
  box.retry();
  await bench.pass(1_000);
  equal(bench.sent.length, 9);
  equal(bench.stored.size, 0);
});

test("a batch that is refused for good is not sent again", async () => {
  const bench = new Bench();
  bench.answers = [422];
  const box = bench.box();
  box.add(event(bench));
  await bench.pass(100_000);
  equal(bench.sent.length, 1);
  equal(bench.stored.size, 0);
});

test("the next page takes up what was not delivered, but nothing older than a day", async () => {
  const bench = new Bench();
  bench.answers = ["none"];
  const box = bench.box();
  box.add(event(bench));
  await bench.pass(400);
  equal(bench.stored.size, 1);
  bench.stored.set("gv_e_old", JSON.stringify({ id: "old", at: "2026-11-20T10:00:00Z", consent: CONSENT }));
  bench.stored.set("gv_e_bad", "{garbage");
  bench.stored.set("other", "mine");
  bench.sent = [];
  bench.box().resume();
  await bench.pass(400);
  same(
    bench.sent.map((batch) => batch.length),
    [1],
  );
  same([...bench.stored.keys()], ["other"]);
});

test("a request holds fifty events and 64 kB at most", async () => {
  const bench = new Bench();
  const box = bench.box();
  for (let n = 0; n < 120; n++) box.add(event(bench));
  await bench.pass(5_000);
  same(
    bench.sent.map((batch) => batch.length),
    [50, 50, 20],
  );
  bench.sent = [];
  for (let n = 0; n < 20; n++) box.add(event(bench, "ö".repeat(9_000)));
  await bench.pass(5_000);
  equal(bench.sent.flat().length, 20);
  for (let n = 0; n < 20; n++) box.add(event(bench, "提灯".repeat(2_000)));
  await bench.pass(5_000);
  equal(bench.sent.flat().length, 40);
  for (const batch of bench.sent) ok(Buffer.byteLength(JSON.stringify(batch)) < 64_000);
});

test("what waits is bounded", async () => {
  const bench = new Bench();
  bench.answers = ["none"];
  const box = bench.box();
  for (let n = 0; n < 500; n++) box.add(event(bench));
  await bench.pass(60_000);
  equal(bench.sent.slice(1).flat().length, 200);
});

test("a page that goes hands over what it has, once; storage keeps it until it is confirmed", async () => {
  const bench = new Bench();
  const box = bench.box();
  box.add(event(bench));
  box.leave();
  box.leave();
  await bench.pass(5_000);
  equal(bench.beacons.length, 1);
  equal(bench.sent.length, 0);
  equal(bench.stored.size, 1);
});

test("what the browser did not take is sent when the page stays after all", async () => {
  const bench = new Bench();
  bench.takesBeacons = false;
  bench.store = false;
  const box = bench.box();
  box.add(event(bench));
  box.leave();
  await bench.pass(5_000);
  equal(bench.sent.flat().length, 1);
  equal(bench.stored.size, 0);
});

test("switched off: nothing is sent and nothing stays", async () => {
  const bench = new Bench();
  bench.on = false;
  const box = bench.box();
  box.add(event(bench));
  await bench.pass(5_000);
  box.add(event(bench));
  box.leave();
  await bench.pass(5_000);
  equal(bench.sent.length + bench.beacons.length + bench.stored.size, 0);
});

test("with an old configuration a page that goes keeps what it may, and hands over nothing", () => {
  const bench = new Bench();
  bench.on = null;
  const box = bench.box();
  box.add(event(bench));
  box.leave();
  equal(bench.beacons.length, 0);
  equal(bench.stored.size, 1);
});

test("an answer that is not ours confirms nothing", async () => {
  const bench = new Bench();
  bench.answers = [404, 403, 302, 200];
  const box = bench.box();
  box.add(event(bench));
  await bench.pass(100_000);
  equal(bench.sent.length, 4);
});

test("what this page waits with is not taken up a second time", async () => {
  const bench = new Bench();
  bench.answers = ["none"];
  const box = bench.box();
  box.add(event(bench));
  await bench.pass(400);
  box.resume();
  await bench.pass(5_000);
  same(
    bench.sent.map((batch) => batch.length),
    [1, 1],
  );
});

test("who somebody is does not lie about on the device", async () => {
  const bench = new Bench();
  bench.answers = ["none"];
  const box = bench.box();
  box.add({ ...event(bench), name: "identify", data: { token: "a.b.c" } });
  await bench.pass(400);
  equal(bench.stored.size, 0);
  await bench.pass(5_000);
  equal(bench.sent.length, 2);
});

test("what waits for its next try is told by the consent of then", async () => {
  const bench = new Bench();
  bench.answers = ["none"];
  const box = bench.box();
  box.add(event(bench));
  await bench.pass(400);
  const visitor = null;
  bench.seal = (unsealed) => ({ ...unsealed, visitor, click: null, claim: null, consent: CONSENT });
  box.unseal();
  await bench.pass(5_000);
  same(
    bench.sent.map((batch) => batch[0]?.visitor),
    ["v", null],
  );
});

test("whom to forget is told even by a page that goes and does not know whether the tag is on", () => {
  const bench = new Bench();
  bench.on = null;
  bench.store = false;
  const denied = { ...CONSENT, analytics_storage: "denied" } as const;
  bench.seal = (unsealed) => ({ ...unsealed, visitor: "v", click: null, claim: null, consent: denied });
  const box = bench.box();
  box.add(event(bench));
  box.add({ ...event(bench), name: "consent" });
  box.leave();
  same(
    bench.beacons.map((batch) => batch.map((one) => one.name)),
    [["consent"]],
  );
});
