import type { Task } from "../../sync/things.ts";
import { language } from "../words/words.ts";

/** How its date is said in a row. */
export function whenOf(task: Task): { text: string; look: "overdue" | "today" | "" } | null {
  if (!task.due) return null;
  const date = Temporal.PlainDate.from(task.due.date);
  const today = Temporal.Now.plainDateISO();
  const days = today.until(date).days;
  const time = task.due.time?.slice(0, 5) ?? "";
  const text = [date.toLocaleString(language.value, { day: "numeric", month: "short" }), time].filter(Boolean).join(" ");
  return { text, look: days < 0 ? "overdue" : days === 0 ? "today" : "" };
}
