/** One person's account on this device: puts the parts together, and is what the screen works with. */

import type { Act, Changed, Client, Options, Problem, Status } from "./client.ts";
import { type AnyThing, type Change, Copy, KINDS } from "./copy.ts";
import { Feed } from "./feed.ts";
import { Server } from "./http.ts";
import { Keeper } from "./keeping.ts";
import { Merging } from "./merging.ts";
import { Outbox } from "./outbox.ts";
import { Records } from "./records.ts";
import { Sender } from "./sender.ts";
import { idOf, Storage } from "./storage.ts";
import { type Message, Tabs } from "./tabs.ts";
import type { Id, Kind, Operation, Things } from "./things.ts";
import { Waiting } from "./waiting.ts";

export class Account implements Client {
  readonly user: Id;
  readonly #copy: Copy;
  readonly #records = new Records();
  readonly #outbox: Outbox;
  readonly #merging: Merging;
  readonly #storage: Storage | null;
  readonly #name: string;
  readonly #keeper: Keeper;
  readonly #tabs: Tabs;
  readonly #feed: Feed;
  readonly #sender: Sender;
  readonly #feedWaits = new Waiting();
  readonly #senderWaits = new Waiting();
  readonly #closed = new AbortController();
  readonly #listeners = new Set<(changed: readonly Changed[]) => void>();
  readonly #watchers = new Set<() => void>();
  #status: Status = { state: "loading", loaded: 0, total: null, waiting: 0, stored: false, leads: false };
  /** While all is read from 0, in place of what is there: what has come again, as `kind id`. */
  #reading: Set<string> | null = null;
  #whole = false;
  /** What waits on the disk is known. Where it is not, that may not look as if all were well. */
  #isRead = true;
  #feedState: "syncing" | "live" | "offline" | "logged-out" = "syncing";
  #senderState: "sending" | "offline" | "logged-out" = "sending";
  #early: Message[] | null = [];
  #leading: Promise<void> = Promise.resolve();

  static async open(options: Options): Promise<Account> {
    const name = `doable ${options.server} ${options.user}`;
    const account = new Account(options, name, await Storage.open(name));
    await account.#start();
    return account;
  }

  private constructor(options: Options, name: string, storage: Storage | null) {
    this.user = options.user;
    this.#name = name;
    this.#storage = storage;
    this.#copy = new Copy(options.user, options.timezone);
    this.#outbox = new Outbox(this.#copy, this.#records);
    this.#merging = new Merging(this.#copy, this.#outbox, this.#records);
    this.#tabs = new Tabs(name, storage, (message) => (this.#early ? this.#early.push(message) : this.#heard(message)));
    this.#keeper = new Keeper(storage, this.#copy, this.#records, {
      position: () => (this.#status.leads && this.#whole ? { position: this.#copy.position, reading: false } : null),
      tell: (changes) => this.#tabs.tell({ type: "records", changes }),
      stored: (stored) => this.#set({ stored: stored && this.#isRead }),
    });
    const server = new Server(options);
    this.#feed = new Feed(server, options.user, this.#feedTarget(), this.#feedWaits);
    this.#sender = new Sender({
      server,
      copy: this.#copy,
      outbox: this.#outbox,
      records: this.#records,
      merging: this.#merging,
      waiting: this.#senderWaits,
      target: {
        refold: () => this.#refold(),
        written: () => this.#keeper.written(),
        catchUp: (signal) => this.#feed.catchUp(signal),
        is: (state) => this.#senderIs(state),
      },
    });
  }

  get status(): Status {
    return this.#status;
  }

  get problems(): readonly Problem[] {
    return [...this.#records.all("problems").values()].toSorted((a, b) => (a.at < b.at ? -1 : 1));
  }

  get<K extends Kind>(kind: K, id: Id): Things[K] | undefined {
    return this.#copy.get(kind, id);
  }

  all<K extends Kind>(kind: K): ReadonlyMap<Id, Things[K]> {
    return this.#copy.all(kind);
  }

  act(...operations: Operation[]): Act {
    const act = this.#outbox.act(operations);
    this.#shown();
    this.#senderWaits.wake();
    return act;
  }

  undo(act: string): boolean {
    const undone = this.#outbox.undo(act, this.#status.leads);
    this.#shown();
    this.#senderWaits.wake();
    return undone;
  }

  subscribe(listener: (changed: readonly Changed[]) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  watch(listener: () => void): () => void {
    this.#watchers.add(listener);
    return () => this.#watchers.delete(listener);
  }

  settle(id: string, choice: "mine" | "theirs" | "next" | "dismiss"): void {
    const problem = this.#records.get("problems", id);
    if (problem === undefined) return;
    this.#records.remove("problems", id);
    const operations = this.#merging.settling(problem, choice);
    if (operations === "undo") this.undo(problem.act.key);
    else if (operations.length > 0) this.act(...operations);
    else this.#shown();
  }

  resume(): void {
    this.#tabs.tell({ type: "resume" });
    this.#resume();
  }

  async close(options: { forget?: boolean } = {}): Promise<void> {
    await this.#keeper.keep();
    this.#closed.abort();
    await this.#leading;
    await this.#keeper.close();
    this.#tabs.close();
    this.#storage?.close();
    if (options.forget) await Storage.forget(this.#name);
  }

  async #start(): Promise<void> {
    if (this.#storage) {
      const found = await this.#storage.readCopy(this.#copy).catch(() => undefined);
      await this.#readRecords(this.#storage);
      this.#copy.position = found && !found.reading ? found.position : "0";
      this.#whole = found !== undefined && !found.reading;
    }
    this.#keeper.begin();
    this.#forgetNotifications();
    this.#set({ stored: this.#storage !== null && this.#isRead, state: this.#whole ? "offline" : "loading" });
    this.#refold();
    const early = this.#early ?? [];
    this.#early = null;
    for (const message of early) this.#heard(message);
    this.#tabs.tell({ type: "hello" });
    this.#leading = this.#lead();
  }

  async #readRecords(storage: Storage): Promise<void> {
    this.#isRead = await this.#records.read(storage).then(
      () => true,
      () => false,
    );
  }

  /** The server deletes them after 30 days, of which the feed says nothing. */
  #forgetNotifications(): void {
    const month = Temporal.Now.instant().subtract({ hours: 24 * 30 }).toString();
    for (const { id, created_at } of this.#copy.all("notification").values()) {
      if (created_at < month) this.#copy.receive("notification", id, undefined);
    }
  }

  /** Leads whenever no other tab does, until it is closed. */
  async #lead(): Promise<void> {
    const closed = this.#closed.signal;
    while (!closed.aborted) {
      const term = await this.#tabs.lead(closed).catch(() => null);
      if (term === null || closed.aborted) return;
      term.addEventListener("abort", () => [this.#feedWaits, this.#senderWaits].forEach((each) => each.insist()), { once: true });
      if (this.#storage) await this.#readRecords(this.#storage);
      this.#set({ leads: true });
      if (this.#copy.position === "0") this.#reading = new Set();
      this.#refold();
      await Promise.all([this.#feed.run(term), this.#sender.run(term)]);
      this.#set({ leads: false });
    }
  }

  #feedTarget(): ConstructorParameters<typeof Feed>[2] {
    const copy = this.#copy;
    return {
      get position() {
        return copy.position;
      },
      take: (changes, position, last) => this.#take(changes, position, last),
      restart: () => this.#restart(),
      is: (state) => this.#feedIs(state),
      total: (total) => this.#set({ total }),
    };
  }

  #take(changes: readonly Change[], position: string, last: boolean): void {
    const from = this.#copy.position;
    const swept = last && this.#reading ? this.#gone(changes, this.#reading) : [];
    const every = [...changes, ...swept];
    this.#apply(every, position);
    this.#tabs.tell({ type: "changes", from, to: position, changes: every });
    if (last) {
      this.#reading = null;
      this.#whole = true;
      this.#outbox.drop(0);
    }
    if (this.#status.state === "loading") this.#set({ loaded: this.#status.loaded + changes.length });
    this.#refold();
    if (this.#whole) void this.#keeper.keep();
    this.#senderWaits.wake();
  }

  #apply(changes: readonly Change[], position: string): void {
    for (const { kind, id, revision, deleted, ...rest } of changes) {
      if (!KINDS.includes(kind)) continue; // a newer server has more
      const thing = deleted ? undefined : (rest[kind] as AnyThing);
      const again = this.#reading !== null && !this.#reading.has(`${kind} ${id}`);
      this.#reading?.add(`${kind} ${id}`);
      if (again || revision > (this.#copy.server(kind, id)?.revision ?? 0)) this.#copy.receive(kind, id, thing as never);
    }
    this.#copy.position = position;
    this.#outbox.drop(this.#copy.revision);
  }

  /** What is there and was not among all that there is. */
  #gone(changes: readonly Change[], read: ReadonlySet<string>): Change[] {
    const here = new Set(changes.map(({ kind, id }) => `${kind} ${id}`));
    const found: Change[] = [];
    for (const kind of KINDS) {
      for (const thing of this.#copy.serverAll(kind)) {
        const id = idOf(thing);
        if (read.has(`${kind} ${id}`) || here.has(`${kind} ${id}`)) continue;
        found.push({ kind, id, deleted: true, revision: Number.MAX_SAFE_INTEGER });
      }
    }
    return found;
  }

  #restart(): void {
    const from = this.#copy.position;
    this.#copy.position = "0";
    this.#reading = new Set();
    this.#whole = false;
    this.#outbox.dropAnswered();
    this.#tabs.tell({ type: "changes", from, to: "0", changes: [] });
    this.#set({ loaded: 0 });
  }

  #heard(message: Message): void {
    switch (message.type) {
      case "records":
        this.#records.accept(message.changes);
        this.#refold();
        return this.#senderWaits.wake();
      case "changes":
        if (message.from !== this.#copy.position) return this.#tabs.tell({ type: "behind" });
        this.#apply(message.changes, message.to);
        return this.#refold();
      case "status":
        if (this.#status.leads) return; // from the one that led before
        this.#set({ ...message.status, leads: false, stored: this.#status.stored, waiting: this.#outbox.waiting });
        if (message.position !== this.#copy.position) this.#tabs.tell({ type: "behind" });
        return;
      case "hello":
        return this.#tellStatus();
      case "behind":
        if (this.#status.leads) this.#tellCopy();
        return;
      case "copy":
        return this.#takeCopy(message.things, message.position);
      case "resume":
        return this.#resume();
    }
  }

  #tellCopy(): void {
    const things = KINDS.map((kind) => [kind, [...this.#copy.serverAll(kind)]] as const);
    this.#tabs.tell({ type: "copy", things, position: this.#copy.position });
  }

  #takeCopy(things: readonly (readonly [Kind, readonly AnyThing[]])[], position: string): void {
    if (this.#status.leads || position === this.#copy.position) return;
    for (const [kind, every] of things) {
      const ids = new Set(every.map(idOf));
      for (const thing of this.#copy.serverAll(kind)) if (!ids.has(idOf(thing))) this.#copy.receive(kind, idOf(thing), undefined);
      for (const thing of every) this.#copy.receive(kind, idOf(thing), thing as never);
    }
    this.#copy.position = position;
    this.#refold();
  }

  #resume(): void {
    // If it fails once more, the next try is soon.
    for (const each of [this.#feedWaits, this.#senderWaits]) each.succeeded();
    this.#feed.renew();
    this.#senderWaits.insist();
  }

  #refold(): void {
    this.#outbox.refold();
    this.#shown();
  }

  /** Tells what has changed on the screen, and how much waits. */
  #shown(): void {
    const changed = this.#copy.takeChanged();
    const { waiting } = this.#outbox;
    const told = waiting !== this.#status.waiting;
    this.#status = { ...this.#status, waiting };
    if (changed.length > 0) for (const listener of this.#listeners) listener(changed);
    for (const watcher of this.#watchers) watcher();
    if (told) this.#tellStatus();
  }

  #feedIs(state: "syncing" | "live" | "offline" | "logged-out"): void {
    this.#feedState = state;
    if (state === "live") this.#senderWaits.wake();
    this.#setState();
  }

  #senderIs(state: "sending" | "offline" | "logged-out"): void {
    this.#senderState = state;
    // What it gets an answer from, the feed can be read from.
    if (state === "sending" && this.#feedState !== "live") this.#feedWaits.wake();
    this.#setState();
  }

  /** The worse of what the two find; while all is read for the first time, that. */
  #setState(): void {
    const states = new Set([this.#feedState, this.#senderState]);
    const found = (["logged-out", "offline"] as const).find((each) => states.has(each));
    const reading = this.#feedState === "syncing" && !this.#whole ? "loading" : this.#feedState;
    this.#set({ state: found ?? reading });
  }

  #set(status: Partial<Status>): void {
    const next = { ...this.#status, ...status };
    const names = Object.keys(next) as (keyof Status)[];
    if (names.every((name) => next[name] === this.#status[name])) return;
    this.#status = next;
    for (const watcher of this.#watchers) watcher();
    this.#tellStatus();
  }

  #tellStatus(): void {
    if (this.#status.leads) this.#tabs.tell({ type: "status", status: this.#status, position: this.#copy.position });
  }
}
