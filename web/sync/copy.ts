/**
 * The account in memory: what the server has, and on top of it what was done here and is not in the feed yet.
 *
 * There is one map of each kind, as it is on the screen. Of the few things that differ from the server's, the server's are kept beside.
 */

import type { Changed } from "./client.ts";
import type { Image } from "./outbox.ts";
import { same } from "./same.ts";
import type { Id, Kind, Task, Things } from "./things.ts";

export const KINDS: readonly Kind[] = ["task", "list", "section", "tag", "filter", "notification", "preferences"];

/** A change as the feed has it. The thing is under the name of its kind. */
export type Change = { revision: number; kind: Kind; id: Id; deleted: boolean } & { [K in Kind]?: Things[K] | null };

export type AnyThing = Things[Kind];

const NOTHING: readonly never[] = Object.freeze([]);

interface Beneath {
  kind: Kind;
  id: Id;
  thing: AnyThing | undefined;
}

export class Copy {
  readonly user: Id;
  /** Where the person is, until the preferences say so. */
  readonly timezone: string;
  readonly things: { readonly [K in Kind]: Map<Id, Things[K]> };
  /** How far the feed has been read: the id of an event. */
  position = "0";
  /** Called with each thing of the server's that changes: its page is to be stored. */
  onReceived: (kind: Kind, id: Id) => void = () => undefined;

  readonly #below = new Map<Id, Set<Id>>();
  readonly #open = new Map<Id, Task>();
  /** The server's of what waiting operations have touched. */
  readonly #beneath = new Map<string, Beneath>();
  readonly #texts = new Map<string, string>();
  /** Which ids the server's tasks have, by their last two characters. Made when something is stored for the first time. */
  #ends: Map<number, Set<Id>> | null = null;
  #recording: Map<string, Image> | null = null;
  /** What has changed since it was last asked, as it was then. */
  #changed = new Map<string, Beneath>();

  constructor(user: Id, timezone = "UTC") {
    this.user = user;
    this.timezone = timezone;
    this.things = {
      task: new Map(),
      list: new Map(),
      section: new Map(),
      tag: new Map(),
      filter: new Map(),
      notification: new Map(),
      preferences: new Map(),
    };
  }

  get revision(): number {
    return Number.parseInt(this.position, 10);
  }

  get<K extends Kind>(kind: K, id: Id): Things[K] | undefined {
    return this.#of(kind).get(id);
  }

  all<K extends Kind>(kind: K): ReadonlyMap<Id, Things[K]> {
    return this.#of(kind);
  }

  /** As the server has it, by what is known here. */
  server<K extends Kind>(kind: K, id: Id): Things[K] | undefined {
    const beneath = this.#beneath.get(name(kind, id));
    return beneath === undefined ? this.get(kind, id) : (beneath.thing as Things[K] | undefined);
  }

  /** All of a kind as the server has them. */
  *serverAll<K extends Kind>(kind: K): Generator<Things[K]> {
    const touched = new Set<Id>();
    for (const each of this.#beneath.values()) if (each.kind === kind) touched.add(each.id);
    for (const [id, thing] of this.#of(kind)) if (!touched.has(id)) yield thing;
    for (const each of this.#beneath.values()) {
      if (each.kind === kind && each.thing !== undefined) yield each.thing as Things[K];
    }
  }

  /** The server's tasks whose ids end with these two characters: they are stored together. */
  serverTasks(end: string): Task[] {
    this.#ends ??= this.#endsNow();
    const ids = this.#ends.get(endOf(end)) ?? NOTHING;
    return [...ids].flatMap((id) => this.server("task", id) ?? NOTHING);
  }

  /** The ids of the tasks directly below a task. */
  below(id: Id): Iterable<Id> {
    return this.#below.get(id) ?? NOTHING;
  }

  openTasks(): Iterable<Task> {
    return this.#open.values();
  }

  /** Something that was done here has made it so. */
  put<K extends Kind>(kind: K, id: Id, thing: Things[K] | undefined): void {
    const key = name(kind, id);
    const before = this.get(kind, id);
    if (!this.#beneath.has(key)) this.#beneath.set(key, { kind, id, thing: before });
    if (this.#recording) {
      const image = this.#recording.get(key) ?? { kind, id, before: before ?? null, after: null };
      this.#recording.set(key, { ...image, after: thing ?? null });
    }
    this.#set(kind, id, thing);
  }

  /** What `put` has changed meanwhile. */
  record(doing: () => void): Image[] {
    this.#recording = new Map();
    try {
      doing();
      return [...this.#recording.values()];
    } finally {
      this.#recording = null;
    }
  }

  /** The server has it so. */
  receive<K extends Kind>(kind: K, id: Id, thing: Things[K] | undefined): void {
    const tidy = thing && this.#tidy(thing);
    const beneath = this.#beneath.get(name(kind, id));
    if (beneath === undefined) this.#set(kind, id, tidy);
    else beneath.thing = tidy;
    if (kind === "task" && this.#ends) note(this.#ends, id, tidy !== undefined);
    this.onReceived(kind, id);
  }

  /** Takes away all that was done here, to be done again on top of what the server has by now. */
  lift(): void {
    for (const { kind, id, thing } of this.#beneath.values()) this.#set(kind, id, thing as Things[typeof kind] | undefined);
    this.#beneath.clear();
  }

  /** What has changed on the screen since it was last asked. What was only done again, and came out the same, has not. */
  takeChanged(): Changed[] {
    const found: Changed[] = [];
    for (const { kind, id, thing } of this.#changed.values()) {
      if (thing === undefined || !same(thing, this.get(kind, id))) found.push({ kind, id });
    }
    this.#changed = new Map();
    return found;
  }

  #of<K extends Kind>(kind: K): Map<Id, Things[K]> {
    return this.things[kind];
  }

  #set<K extends Kind>(kind: K, id: Id, thing: Things[K] | undefined): void {
    const table = this.#of(kind);
    const key = name(kind, id);
    if (!this.#changed.has(key)) this.#changed.set(key, { kind, id, thing: table.get(id) });
    if (kind === "task") this.#index(table.get(id) as Task | undefined, thing as Task | undefined);
    if (thing === undefined) table.delete(id);
    else table.set(id, thing);
  }

  #index(old: Task | undefined, now: Task | undefined): void {
    if (old?.parent_id !== now?.parent_id) {
      if (old?.parent_id) {
        const siblings = this.#below.get(old.parent_id);
        siblings?.delete(old.id);
        if (siblings?.size === 0) this.#below.delete(old.parent_id);
      }
      if (now?.parent_id) {
        const siblings = this.#below.get(now.parent_id);
        if (siblings) siblings.add(now.id);
        else this.#below.set(now.parent_id, new Set([now.id]));
      }
    }
    if (now && !now.is_completed) this.#open.set(now.id, now);
    else if (old) this.#open.delete(old.id);
  }

  #endsNow(): Map<number, Set<Id>> {
    const found = new Map<number, Set<Id>>();
    for (const { id } of this.serverAll("task")) note(found, id, true);
    return found;
  }

  /** Texts that many things share are kept once: of 100,000 tasks that is half of the memory. */
  #tidy<T extends AnyThing>(thing: T): T {
    thing.user_id = this.user;
    if ("list_id" in thing && thing.list_id) thing.list_id = this.#shared(thing.list_id);
    if (!("title" in thing)) return thing;
    if (thing.section_id) thing.section_id = this.#shared(thing.section_id);
    if (thing.series_id) thing.series_id = this.#shared(thing.series_id);
    if (thing.tags.length === 0) thing.tags = NOTHING;
    if (thing.reminders.length === 0) thing.reminders = NOTHING;
    return thing;
  }

  #shared(text: string): string {
    const known = this.#texts.get(text);
    if (known === undefined) this.#texts.set(text, text);
    return known ?? text;
  }
}

/** As a number, which is found without making a text. */
function endOf(text: string): number {
  return text.charCodeAt(text.length - 2) * 0x10000 + text.charCodeAt(text.length - 1);
}

function note(ends: Map<number, Set<Id>>, id: Id, isThere: boolean): void {
  const end = endOf(id);
  const ids = ends.get(end);
  if (!isThere) ids?.delete(id);
  else if (ids) ids.add(id);
  else ends.set(end, new Set([id]));
}

function name(kind: Kind, id: Id): string {
  return `${kind} ${id}`;
}
