/** How long something takes, as people write it. */

const LONGEST = 525_600;
const MINUTES = "(?<minutes>\\d+)\\s*(?:m|min\\.?|mins|minutes?|minuten?)?";
const HOURS = "(?<hours>\\d+(?:[.,]\\d+)?)\\s*(?:h|hr|hrs|hours?|std\\.?|stunden?)";
const FORMS = [new RegExp(`^${MINUTES}$`), new RegExp(`^${HOURS}(?:\\s*${MINUTES})?$`), /^(?<hours>\d+):(?<minutes>[0-5]\d)$/];

/** `90`, `45 min`, `1h30`, `1.5 h`, `1:30`. Null: it is none of these, or longer than a year. */
export function minutesOf(text: string): number | null {
  for (const form of FORMS) {
    const found = form.exec(text.trim().toLowerCase())?.groups;
    if (!found) continue;
    const minutes = Math.round(60 * Number((found["hours"] ?? "0").replace(",", ".")) + Number(found["minutes"] ?? 0));
    return minutes >= 1 && minutes <= LONGEST ? minutes : null;
  }
  return null;
}
