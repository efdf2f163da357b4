/** What was done here and is not in the feed yet, in the order in which it was done; and what can be taken back. */

import type { Act } from "./client.ts";
import type { AnyThing, Copy } from "./copy.ts";
import { fold } from "./fold/fold.ts";
import { instantToText } from "./dates.ts";
import { newId } from "./ids.ts";
import { prepared } from "./preparing.ts";
import type { Records } from "./records.ts";
import { same } from "./same.ts";
import type { Id, Kind, Operation } from "./things.ts";

/** Takes back an act that may have reached the server. */
export interface UndoOperation {
  op: "undo";
  act: string;
}

/** One operation that waits, until the feed has what it did. */
export interface Entry {
  key: string;
  /** They are done in this order, in whichever tab they were made. */
  seq: number;
  act: string;
  at: string;
  operation: Operation | UndoOperation;
  /** The revision of the thing that was on the screen when the person acted; 0 where the server has none yet. */
  seen: number;
  /** What the members that it writes were then. */
  before: Readonly<Record<string, unknown>>;
  /** The neighbours of a place, of which one may be gone when it is sent. */
  beside?: { before: Id | null; after: Id | null };
  /** A tag that was only named: that another has made it meanwhile is as good. */
  implied?: true;
  /** It takes too much along for a batch. */
  alone?: true;
  /** The request that it is in. What was sent together stays together until it is answered. */
  request?: string;
  /** The revision at which it was done: it goes when the feed has come so far. 0 if that is not known. */
  answered?: number;
  /** The revision that its thing has got by it. */
  revision?: number;
}

/** What a thing was before an operation, and after it; null where there was none. */
export interface Image {
  kind: Kind;
  id: Id;
  before: AnyThing | null;
  after: AnyThing | null;
}

export interface ActRecord extends Act {
  at: string;
  seq: number;
  /** By the keys of its entries. None of what has taken very many along. */
  images: Readonly<Record<string, readonly Image[]>>;
  /** By which the server takes it back, in the order of the requests. */
  tokens: readonly string[];
  /** It went with others in one request, and cannot be taken back by itself. */
  shared?: true;
  /** Some of it was done by the server. */
  reached?: true;
  undone?: true;
}

/** A request that has been sent, and may have been done: it is sent again as it was until it is answered. */
export interface SentRequest {
  key: string;
  method: "POST" | "PATCH" | "DELETE";
  path: string;
  body: unknown;
  headers: Readonly<Record<string, string>>;
  /** The keys of the entries of each operation. */
  entries: readonly (readonly string[])[];
}

const MOST_IMAGES = 2000;
const MOST_ACTS = 100;

export class Outbox {
  readonly #copy: Copy;
  readonly #records: Records;
  /** What each entry has touched when it was last folded, as `kind id`. */
  readonly touched = new Map<string, ReadonlySet<string>>();
  #newest = 0;

  constructor(copy: Copy, records: Records) {
    this.#copy = copy;
    this.#records = records;
  }

  get entries(): Entry[] {
    return [...this.#records.all("entries").values()].toSorted((a, b) => a.seq - b.seq || (a.key < b.key ? -1 : 1));
  }

  /** How many operations no server has acknowledged yet. */
  get waiting(): number {
    let number = 0;
    for (const each of this.#records.all("entries").values()) if (each.answered === undefined) number++;
    return number;
  }

  act(operations: readonly Operation[]): Act {
    const key = newId();
    const at = instantToText(Temporal.Now.instant());
    const images: Record<string, readonly Image[]> = {};
    const done: Operation[] = [];
    const answered = this.#answeredRevisions();
    const hiding = this.#hidingRevisions();
    let seq = 0;
    for (const said of operations) {
      for (const { operation, ...more } of prepared(this.#copy, said)) {
        seq = this.#nextSeq();
        const entry: Entry = { key: newId(), seq, act: key, at, operation, ...more };
        const thing = "id" in operation ? `${operation.kind} ${operation.id}` : "";
        entry.seen = Math.min(Math.max(entry.seen, answered.get(thing) ?? 0), hiding.get(thing) ?? Infinity);
        const touched = this.#fold(entry, this.#records.all("entries").size + 1);
        if (touched.length <= MOST_IMAGES) images[entry.key] = touched;
        this.#records.put("entries", entry);
        done.push(operation);
      }
    }
    const act = { key, operations: done };
    this.#records.put("acts", { ...act, at, seq, images, tokens: [] });
    this.#forgetActs();
    return act;
  }

  /** What is on the screen of what is done, and not in the feed yet, is at the revision of its last answer. */
  #answeredRevisions(): Map<string, number> {
    const found = new Map<string, number>();
    for (const { operation, revision } of this.#records.all("entries").values()) {
      if (revision === undefined || !("id" in operation)) continue;
      const thing = `${operation.kind} ${operation.id}`;
      found.set(thing, Math.max(revision, found.get(thing) ?? 0));
    }
    return found;
  }

  /** What is not answered is on top of what others have done since, and may hide it: nothing later than that has been seen. */
  #hidingRevisions(): Map<string, number> {
    const found = new Map<string, number>();
    for (const { operation, answered, seen } of this.#records.all("entries").values()) {
      if (answered !== undefined || seen === 0 || !("id" in operation)) continue;
      const thing = `${operation.kind} ${operation.id}`;
      found.set(thing, Math.min(seen, found.get(thing) ?? Infinity));
    }
    return found;
  }

  /** Takes an act back: what was never sent goes, and the rest is asked of the server. False if it can no longer be. */
  undo(key: string, leads: boolean): boolean {
    const act = this.#records.get("acts", key);
    if (act === undefined || act.undone) return false;
    const own = this.entries.filter((each) => each.act === key);
    const open = own.filter((each) => each.answered === undefined);
    if (act.shared || (open.length === 0 && act.tokens.length === 0)) return false;
    this.#records.put("acts", { ...act, undone: true });
    const operation: UndoOperation = { op: "undo", act: key };
    const at = instantToText(Temporal.Now.instant());
    this.#records.put("entries", { key: newId(), seq: this.#nextSeq(), act: key, at, operation, seen: 0, before: {} });
    // Only the tab that sends knows what was never sent.
    if (leads) this.cancel();
    this.refold();
    return true;
  }

  /** An act that was never sent and is taken back leaves the outbox, and so does its undoing. */
  cancel(): void {
    for (const undo of this.entries) {
      if (undo.operation.op !== "undo" || undo.request !== undefined || undo.answered !== undefined) continue;
      const own = this.entries.filter((each) => each.act === undo.act && each !== undo);
      const act = this.#records.get("acts", undo.act);
      const sent = own.some((each) => each.request !== undefined || each.answered !== undefined);
      if (sent || act?.reached) continue;
      for (const each of [...own, undo]) this.#records.remove("entries", each.key);
    }
  }

  /** What the feed has come by is done. At its end (0) that is also what was done at an unknown revision. */
  drop(revision: number): void {
    for (const each of this.#records.all("entries").values()) {
      if (each.answered !== undefined && (revision === 0 ? each.answered === 0 : each.answered > 0 && each.answered <= revision)) {
        this.#records.remove("entries", each.key);
      }
    }
  }

  /** The server has done it, or has lost it with a backup: what it has is what counts. */
  dropAnswered(): void {
    for (const each of this.#records.all("entries").values()) {
      if (each.answered !== undefined) this.#records.remove("entries", each.key);
    }
  }

  /** What was made and deleted and never sent is nothing, unless it could still be taken back. */
  annihilate(): void {
    const entries = this.entries.filter((each) => each.answered === undefined && each.request === undefined);
    const acts = [...new Set(entries.map((each) => each.act))];
    const kept = new Set(acts.slice(-3));
    const made = new Map<string, Entry>();
    for (const each of entries) if (each.operation.op === "create") made.set(`${each.operation.kind} ${each.operation.id}`, each);
    for (const each of entries) {
      if (each.operation.op !== "delete" || kept.has(each.act)) continue;
      const gone = this.touched.get(each.key) ?? new Set();
      if (gone.size === 0 || ![...gone].every((name) => made.has(name) && this.#isGone(name))) continue;
      const about = entries.filter(({ operation }) => "id" in operation && gone.has(`${operation.kind} ${operation.id}`));
      const acted = new Set(about.map(({ act }) => act));
      const others = entries.filter((other) => !about.includes(other));
      const names = [...gone].map((name) => name.slice(name.indexOf(" ") + 1));
      if (others.some((other) => acted.has(other.act) || names.some((id) => JSON.stringify(other.operation).includes(id)))) continue;
      for (const one of about) this.#records.remove("entries", one.key);
    }
  }

  #isGone(name: string): boolean {
    const [kind, id] = name.split(" ") as [Kind, Id];
    return this.#copy.get(kind, id) === undefined;
  }

  /** Does all that waits again, on top of what the server has by now. */
  refold(): void {
    this.#copy.lift();
    this.touched.clear();
    const entries = this.entries;
    const undone = new Set(entries.filter((each) => each.operation.op === "undo").map((each) => each.act));
    entries.forEach((each, index) => {
      this.#newest = Math.max(this.#newest, each.seq);
      if (each.operation.op === "undo" || !undone.has(each.act)) this.#fold(each, index + 1);
    });
  }

  #fold(entry: Entry, place: number): Image[] {
    const touched = this.#copy.record(() => {
      const doing = { copy: this.#copy, at: entry.at, revision: this.#copy.revision + place };
      try {
        if (entry.operation.op === "undo") this.#foldBack(entry.operation.act);
        else fold(doing, entry.operation);
        if (entry.operation.op === "delete" && entry.answered !== undefined) this.#foldRest(entry);
      } catch {
        // A rule or a date that makes no sense here: the server says what is wrong with it.
      }
    });
    this.touched.set(entry.key, new Set(touched.map(({ kind, id }) => `${kind} ${id}`)));
    return touched;
  }

  /** The feed may have come by a part of a deletion, the task itself first: what was below it goes too. */
  #foldRest({ act, key }: Entry): void {
    for (const { kind, id } of this.#records.get("acts", act)?.images[key] ?? []) {
      const parent = kind === "task" ? this.#copy.get(kind, id)?.parent_id : null;
      if (parent && this.#copy.get("task", parent) === undefined) this.#copy.put(kind, id, undefined);
    }
  }

  /** As the server will take it back: what has been changed since stays. */
  #foldBack(key: string): void {
    const images = this.#records.get("acts", key)?.images ?? {};
    for (const [entry, touched] of Object.entries(images).toReversed()) {
      const kept = this.#records.get("entries", entry);
      if (kept !== undefined && kept.answered === undefined) continue; // it is not even folded
      // Of what is answered the feed may have come by a part: what is as it was stays so.
      for (const image of touched.toReversed()) this.#putBack(image);
    }
  }

  #putBack({ kind, id, before, after }: Image): void {
    const now = this.#copy.get(kind, id);
    if (before === null || now === undefined) return this.#copy.put(kind, id, before ?? undefined);
    const was = before as unknown as Record<string, unknown>;
    const then = (after ?? {}) as Record<string, unknown>;
    const back: Record<string, unknown> = { ...now };
    for (const name of Object.keys(was)) {
      if (name !== "revision" && same(back[name], then[name])) back[name] = was[name];
    }
    this.#copy.put(kind, id, back as unknown as typeof now);
  }

  /** Later than all that is known, and in the order of the clock between tabs. */
  #nextSeq(): number {
    this.#newest = Math.max(this.#newest + 1, Temporal.Now.instant().epochMilliseconds * 1000);
    return this.#newest;
  }

  #forgetActs(): void {
    const acts = this.#records.all("acts");
    if (acts.size <= MOST_ACTS || acts.size % 50 !== 0) return;
    const waiting = new Set([...this.#records.all("entries").values()].map((each) => each.act));
    const old = [...acts.values()].filter((each) => !waiting.has(each.key)).toSorted((a, b) => a.seq - b.seq);
    for (const each of old.slice(0, acts.size - MOST_ACTS)) this.#records.remove("acts", each.key);
  }
}
