/** Days as headings: "Today · Thursday 26 November". */

import { present } from "../app/present.ts";
import { localeOf } from "./dates.ts";
import { language, words } from "./words.ts";

export function dayName(day: string): string {
  const date = Temporal.PlainDate.from(day);
  const today = present().toPlainDate();
  const days = today.until(date).days;
  const { views } = words.value;
  const near = days === 0 ? views.today.name : days === 1 ? views.upcoming.tomorrow : "";
  const year = date.year === today.year ? {} : ({ year: "numeric" } as const);
  const said = date.toLocaleString(localeOf(language.value), { weekday: "long", day: "numeric", month: "long", ...year });
  return near ? `${near} · ${said}` : said;
}
