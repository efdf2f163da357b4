import { Refused } from "../app/server.ts";
import { localeOf } from "../words/dates.ts";
import { language, words } from "../words/words.ts";

/** What is about one field, although the server names no member of the body. */
const MEMBERS: Record<string, readonly string[]> = {
  email_taken: ["email", "new_email"],
  wrong_password: ["password", "current_password"],
};

/** What a refusal says to a person, in the screen's words where it has them, and else in the server's. */
export function sentence(error: unknown): string {
  const { refused } = words.value.account;
  if (!(error instanceof Refused)) return refused.offline;
  if (error.status === 429 && error.retryAfter) return refused.too_often.replace("#", after(error.retryAfter));
  return inOurWords(error.code) ?? error.message;
}

/** What is wrong with this member of what was sent. */
export function problem(error: unknown, member: string): string | undefined {
  if (!(error instanceof Refused)) return undefined;
  if (MEMBERS[error.code]?.includes(member)) return sentence(error);
  const found = error.problems.find(({ loc }) => loc.at(-1) === member);
  if (!found) return undefined;
  const count = /\d+/.exec(found.msg)?.[0];
  // The length is the server's setting, and the other reasons have no number in them.
  const type = found.type === "weak_password" && count ? "string_too_short" : found.type;
  return inOurWords(type)?.replace("#", count ?? "") ?? found.msg;
}

function inOurWords(code: string): string | undefined {
  const said: Record<string, string> = words.value.account.refused;
  return said[code];
}

/** "in 40 seconds", or what the clock will say: that stays right while it is read. */
function after(seconds: number): string {
  if (seconds < 90) return new Intl.RelativeTimeFormat(language.value).format(Math.ceil(seconds), "second");
  const then = Temporal.Now.plainTimeISO().add({ seconds: seconds + 59 });
  return words.value.account.at.replace("#", then.toLocaleString(localeOf(language.value), { timeStyle: "short" }));
}
