/** What the server's page says of itself, and requests to it. */

const said = (name: string): string => document.querySelector<HTMLMetaElement>(`meta[name="${name}"]`)?.content ?? "";

/** The path below which everything is, without a slash at the end: "" or "/todo". */
export const BASE = said("doable-path");
export const TITLE = said("doable-title") || "Doable";
export const VERSION = said("doable-version");
/** Whether the server can send mail. */
export const SENDS_MAIL = said("doable-mail") !== "none";
/** How many characters a description may have. */
export const LONGEST_DESCRIPTION = Number(said("doable-description") || 2000);

/** An answer that is none of the 2xx, as the API says it: `code` for programs, `message` for people. */
export class Refused extends Error {
  readonly status: number;
  readonly code: string;
  /** After how many seconds it may be tried again, of what was tried too often. */
  readonly retryAfter: number | null;
  readonly problems: readonly { loc: readonly (string | number)[]; msg: string; type: string }[];

  constructor(
    status: number,
    body: { code?: string; message?: string; detail?: unknown },
    retryAfter: number | null = null,
  ) {
    super(body.message ?? `${status}`);
    this.status = status;
    this.code = body.code ?? "";
    this.retryAfter = retryAfter;
    this.problems = Array.isArray(body.detail) ? body.detail : [];
  }
}

/** Sends a request, with JSON or a form, and reads its JSON. Raises Refused, or a TypeError where there is no network. */
export async function ask<Answer>(
  method: string,
  path: string,
  { body, token, signal }: { body?: unknown; token?: string; signal?: AbortSignal } = {},
): Promise<Answer> {
  const isForm = body instanceof FormData;
  const answer = await fetch(BASE + path, {
    method,
    headers: {
      ...(body === undefined || isForm ? {} : { "Content-Type": "application/json" }),
      ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }),
    },
    ...(body === undefined ? {} : { body: isForm ? body : JSON.stringify(body) }),
    ...(signal ? { signal } : {}),
  });
  const text = await answer.text();
  const json = answer.headers.get("Content-Type")?.startsWith("application/json") && text ? JSON.parse(text) : {};
  if (!answer.ok) throw new Refused(answer.status, json, Number(answer.headers.get("Retry-After")) || null);
  return json;
}
