/** The account as signals: whoever reads a kind here is drawn again when a thing of that kind changes. */

import { batch, computed, type ReadonlySignal, signal } from "@preact/signals";
import type { Changed, Client, Problem, Status } from "../../sync/client.ts";
import type { Id, Kind, Preferences, Things } from "../../sync/things.ts";
import type { Index } from "../../tasks/index.ts";
import { deviceLocales } from "./locales.ts";
import { BASE } from "./server.ts";
import { type Person, person, token } from "./session.ts";

const KINDS: readonly Kind[] = ["task", "list", "section", "tag", "filter", "notification", "preferences"];
const changes = Object.fromEntries(KINDS.map((kind) => [kind, signal(0)])) as Record<Kind, ReturnType<typeof signal<number>>>;

export const client = signal<Client | null>(null);
// What waits for the network need not wait for its next try.
addEventListener("online", () => client.peek()?.resume());
let found: Index | null = null;
const listeners = new Set<(changed: readonly Changed[]) => void>();

/** Calls it with each change, once the index has it. */
export function onChange(listener: (changed: readonly Changed[]) => void): void {
  listeners.add(listener);
}
export const status = signal<Status>({
  state: "loading",
  loaded: 0,
  total: null,
  waiting: 0,
  stored: true,
  leads: false,
});
/** Whether the account is read for the first time. By itself: the status changes with everything that is done. */
export const loading = computed(() => status.value.state === "loading");
export const problems = signal<readonly Problem[]>([]);

const NOTHING: ReadonlyMap<Id, never> = new Map<Id, never>();

/** All things of a kind, as they are on the screen. */
export function all<K extends Kind>(kind: K): ReadonlyMap<Id, Things[K]> {
  void changes[kind].value;
  return client.value?.all(kind) ?? NOTHING;
}

export function get<K extends Kind>(kind: K, id: Id | null): Things[K] | undefined {
  void changes[kind].value;
  return id === null ? undefined : client.value?.get(kind, id);
}

/** The tasks as they are found: by list, by tag, by date. Null while no account is open. */
export function index(): Index | null {
  void changes.task.value;
  void changes.list.value;
  void changes.section.value;
  void changes.preferences.value;
  return client.value && found;
}

const DEVICE_ZONE = Intl.DateTimeFormat().resolvedOptions().timeZone;
const DEFAULTS: Omit<Preferences, "user_id"> = {
  updated_at: null,
  revision: 0,
  timezone: DEVICE_ZONE,
  week_starts_on: weekStart(),
  day_reminder_at: "09:00:00",
  quiet: null,
  reminder_channels: ["push"],
  language: deviceLocales()[0]?.startsWith("de") ? "de" : "en",
  theme: "system",
  default_list_id: null,
  start_page: "today",
  digest_at: null,
};

/** As the device has it, where it says so. */
function weekStart(): Preferences["week_starts_on"] {
  const locale = new Intl.Locale(deviceLocales()[0] ?? "en") as Intl.Locale & { getWeekInfo?: () => { firstDay: number } };
  const first = locale.getWeekInfo?.().firstDay;
  return first === 7 ? "sunday" : first === 6 ? "saturday" : "monday";
}

/** As they are; before anything was ever set, as the device has it. */
export const preferences: ReadonlySignal<Preferences> = computed(() => {
  const user = client.value?.user ?? "";
  return get("preferences", user) ?? { ...DEFAULTS, user_id: user };
});

let turn: Promise<void> = Promise.resolve();

/** One after the other, so that in the end what was wanted last is open, and nothing else. */
function inTurn(work: () => Promise<void>): Promise<void> {
  const done = turn.then(work);
  turn = done.catch(() => {});
  return done;
}

/** The account could not be opened: a part of the client was never loaded here, and the server cannot be reached. */
export const notOpened = signal(false);

/** Opens the copy of this person's account, in place of the one that was open. */
export async function openAccount(who: Person): Promise<void> {
  try {
    await inTurn(() => openNow(who));
    notOpened.value = false;
  } catch {
    notOpened.value = true;
  }
}

async function openNow(who: Person): Promise<void> {
  if (person.peek()?.id !== who.id || client.peek()?.user === who.id) return;
  await closeNow();
  const { Index, open } = await import("./account.ts");
  const opened = await open({ server: BASE, user: who.id, token });
  // Somebody else has logged in meanwhile, in another tab perhaps: nothing of this account may be seen.
  if (person.peek()?.id !== who.id) return opened.close();
  const ours = new Index(opened, DEVICE_ZONE);
  opened.subscribe((changed) =>
    batch(() => {
      ours.apply(changed);
      for (const listener of listeners) listener(changed);
      for (const kind of new Set(changed.map((each) => each.kind))) changes[kind].value = (changes[kind].value ?? 0) + 1;
    }),
  );
  const look = () =>
    batch(() => {
      status.value = opened.status;
      problems.value = opened.problems;
    });
  opened.watch(look);
  batch(() => {
    look();
    found = ours;
    client.value = opened;
  });
}

export function closeAccount(options?: { forget?: boolean }): Promise<void> {
  return inTurn(() => closeNow(options));
}

async function closeNow(options?: { forget?: boolean }): Promise<void> {
  // Whoever follows who is logged in does not follow this: it would take what it opens itself for another log-in.
  const before = client.peek();
  client.value = null;
  await before?.close(options);
}
