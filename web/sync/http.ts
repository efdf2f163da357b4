/** Requests to the one server. */

import type { Options } from "./client.ts";

/** There is no token, or it is refused: nothing can be sent until somebody logs in again. */
export class LoggedOut extends Error {}

/** No answer that says anything of the request: it is to be made again, after so many seconds if that was said. */
export class Away extends Error {
  readonly seconds: number | undefined;
  constructor(seconds?: number) {
    super("The server is away");
    this.seconds = seconds;
  }
}

/** The body of an error, as Doable's are. */
export interface Refusal {
  code: string;
  message: string;
  detail?: unknown;
  index?: number;
  limit?: string;
  current?: unknown;
}

/** An answer that says what is wrong with the request. */
export class Refused extends Error {
  readonly status: number;
  readonly refusal: Refusal;
  constructor(status: number, refusal: Refusal) {
    super(refusal.message);
    this.status = status;
    this.refusal = refusal;
  }
}

export interface Asked {
  method?: string;
  body?: unknown;
  headers?: Readonly<Record<string, string>>;
  signal: AbortSignal;
}

/** What others than this request are the reason of: it is made again. */
const LATER = new Set([408, 421, 425, 429, 500, 502, 503, 504]);
const NOT_OF_IT = new Set(["route_not_found", "method_not_allowed", "request_in_progress", "bad_request", "host_not_allowed"]);

export class Server {
  readonly #options: Pick<Options, "server" | "token">;
  #renewed: { from: string; token: Promise<string | null> } | null = null;

  constructor(options: Pick<Options, "server" | "token">) {
    this.#options = options;
  }

  /** The answer, if it is one of success. Throws LoggedOut, Away or Refused. */
  async ask(path: string, asked: Asked): Promise<Response> {
    const token = await this.#token();
    let response = await this.#fetch(path, asked, token);
    if (response.status === 401) response = await this.#fetch(path, asked, await this.#renew(token));
    if (response.status === 401) throw new LoggedOut();
    if (response.ok) return response;
    const found = await problem(response);
    if (found instanceof Refused && found.status === 403 && !(await this.#mayRead(path, asked.signal))) throw new LoggedOut();
    throw found;
  }

  /** Whether what was forbidden is one thing of somebody else's, by its id, and not all of the account to somebody else's token. */
  async #mayRead(path: string, signal: AbortSignal): Promise<boolean> {
    const account = path.split("/").slice(0, 3).join("/");
    return (await this.#fetch(`${account}/preferences`, { signal }, await this.#token())).ok;
  }

  async #token(): Promise<string> {
    return this.#given(this.#options.token(false));
  }

  /** Another token than this one, which was refused. Who asks meanwhile gets the same. */
  async #renew(from: string): Promise<string> {
    if (this.#renewed?.from !== from) this.#renewed = { from, token: this.#options.token(true) };
    const renewed = this.#renewed;
    try {
      return await this.#given(renewed.token);
    } finally {
      if (this.#renewed === renewed) this.#renewed = null;
    }
  }

  async #given(asked: Promise<string | null>): Promise<string> {
    const token = await asked.catch(() => {
      throw new Away();
    });
    if (token === null) throw new LoggedOut();
    return token;
  }

  async #fetch(path: string, { method = "GET", body, headers, signal }: Asked, token: string): Promise<Response> {
    const sent: Record<string, string> = { ...headers, Authorization: `Bearer ${token}` };
    if (body !== undefined) sent["Content-Type"] = "application/json";
    const init: RequestInit = { method, headers: sent, signal, cache: "no-store" };
    if (body !== undefined) init.body = JSON.stringify(body);
    try {
      return await fetch(this.#options.server + path, init);
    } catch {
      throw new Away();
    }
  }
}

/** The JSON of an answer. What is no JSON is not Doable's: a network that wants a log-in of its own, for example. */
export async function jsonOf<T>(response: Response): Promise<T> {
  try {
    return (await response.json()) as T;
  } catch {
    throw new Away();
  }
}

async function problem(response: Response): Promise<Away | LoggedOut | Refused> {
  const seconds = Number(response.headers.get("Retry-After") ?? Number.NaN);
  const later = new Away(Number.isFinite(seconds) ? seconds : undefined);
  if (LATER.has(response.status)) return later;
  const refusal = await jsonOf<Refusal>(response).catch(() => undefined);
  if (typeof refusal?.code !== "string" || NOT_OF_IT.has(refusal.code)) return later;
  // The token may not do this: another one may. What waits is not refused by that.
  if (response.status === 403 && refusal.code !== "forbidden") return new LoggedOut();
  return new Refused(response.status, refusal);
}
