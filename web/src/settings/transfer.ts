/** Imports as the API has them. */

import { sentence } from "../account/refused.ts";
import { Refused } from "../app/server.ts";
import { asPerson } from "../app/session.ts";
import { saysMoving } from "./says.ts";

type Words = typeof saysMoving.value;
export type Kind = keyof Words["kinds"];
export type FormatName = keyof Words["formats"];
export type Counts = Record<keyof Words["columns"], number>;

export interface NotUnderstood {
  total: number;
  items: readonly { what: string; line: number | null; of: string | null }[];
}

export interface DryRun {
  format: FormatName;
  kinds: Partial<Record<Kind, Counts>>;
  things: readonly { kind: Kind; id: string; title: string; list: string | null; line: number | null; is_there: boolean }[];
  not_understood: NotUnderstood;
  exceeds: "tasks" | "storage" | null;
}

export interface Import {
  id: string;
  filename: string;
  format: FormatName;
  state: "running" | "stopped" | "done" | "undoing" | "undone";
  created_at: string;
  total: number;
  done: number;
  kinds: DryRun["kinds"];
  not_understood: NotUnderstood;
  stopped_by: keyof Words["stopped"] | null;
  removed: number;
  stayed: { total: number; items: readonly { kind: Kind; id: string; title: string }[] };
}

const MOST_BYTES = 50 * 1024 * 1024;

/** A file that need not be sent: the server would cut the connection, and the browser not say why. */
class Unsent extends Error {}

/** Sends the file. Without a format the server recognises it. */
export async function send<Answer>(file: File, query: { dry_run?: "true"; format?: string }): Promise<Answer> {
  const { empty, tooLarge } = saysMoving.value.refused;
  if (file.size === 0) throw new Unsent(empty);
  if (file.size > MOST_BYTES) throw new Unsent(tooLarge);
  const form = new FormData();
  form.append("file", file);
  return asPerson("POST", `/api/me/import?${new URLSearchParams(query).toString()}`, form);
}

/** Why a file is not taken. */
export function whyNot(error: unknown, format: string): string {
  const { refused } = saysMoving.value;
  if (error instanceof Unsent) return error.message;
  if (!(error instanceof Refused)) return sentence(error);
  if (error.status === 413) return refused.tooLarge;
  if (error.status === 507 || error.code === "storage_full") return refused.full;
  if (error.code === "file_unreadable") return format ? refused.unreadable.replace("#", reason(error)) : refused.unknown;
  if (error.code === "import_in_progress" || error.code === "overloaded") return refused[error.code];
  return sentence(error);
}

/** The server says "The file cannot be read: <why>." */
const reason = ({ message }: Refused): string => message.replace(/^[^:]*: /, "").replace(/\.$/, "");

export function sum(kinds: DryRun["kinds"], column: keyof Counts): number {
  return Object.values(kinds).reduce((all, counts) => all + counts[column], 0);
}
