import { all, preferences } from "../app/store.ts";
import { language, type Language, words } from "../words/words.ts";
import type { Filter, List, Tag } from "../../sync/things.ts";
import { inPlace } from "../../tasks/views.ts";
import { prefer } from "./preferring.ts";
import { type Choice, ChoiceRow, Section } from "./rows.tsx";
import { says } from "./says.ts";
import { TimezoneRow } from "./timezone.tsx";

/** Each in its own words: somebody who is lost in another finds back. */
const LANGUAGES: readonly Choice[] = [
  { id: "en", label: "English" },
  { id: "de", label: "Deutsch" },
];
const WEEK_STARTS = [
  ["monday", "2024-01-01"],
  ["saturday", "2024-01-06"],
  ["sunday", "2024-01-07"],
] as const;

export function GeneralPage() {
  const { language: name, theme, themes, weekStart, startPage, defaultList } = says.value;
  const prefers = preferences.value;
  const inbox = words.value.views.inbox.name;
  const lists = inPlace(all("list").values()).filter(({ is_archived }) => !is_archived);
  return (
    <>
      <Section>
        <ChoiceRow
          label={name}
          value={prefers.language}
          choices={LANGUAGES}
          onChoose={(id) => prefer({ language: id as Language })}
        />
        <ChoiceRow
          label={theme}
          value={prefers.theme}
          choices={(["system", "light", "dark"] as const).map((id) => ({ id, label: themes[id] }))}
          onChoose={(id) => prefer({ theme: id as typeof prefers.theme })}
        />
      </Section>
      <Section>
        <ChoiceRow
          label={startPage}
          value={prefers.start_page}
          choices={startPages(prefers.start_page)}
          onChoose={(id) => prefer({ start_page: id })}
        />
        <ChoiceRow
          label={defaultList}
          value={prefers.default_list_id ?? ""}
          choices={[{ id: "", label: inbox }, ...lists.map(({ id, name: label }) => ({ id, label }))]}
          onChoose={(id) => prefer({ default_list_id: id || null })}
        />
      </Section>
      <Section>
        <ChoiceRow
          label={weekStart}
          value={prefers.week_starts_on}
          choices={WEEK_STARTS.map(([id, day]) => ({
            id,
            label: Temporal.PlainDate.from(day).toLocaleString(language.value, { weekday: "long" }),
          }))}
          onChoose={(id) => prefer({ week_starts_on: id as typeof prefers.week_starts_on })}
        />
        <TimezoneRow />
      </Section>
    </>
  );
}

/** The views, and then what the person made; another client's own word stays as it is. */
function startPages(now: string): readonly Choice[] {
  const { views } = words.value;
  const own = (["list", "filter", "tag"] as const).flatMap((kind) =>
    inPlace<List | Tag | Filter>(all(kind).values()).map(({ id, name }) => ({ id: `${kind}:${id}`, label: name, group: views[`${kind}s`] })),
  );
  const found = [...(["today", "inbox", "upcoming"] as const).map((id) => ({ id, label: views[id].name })), ...own];
  return found.some(({ id }) => id === now) ? found : [...found, { id: now, label: now }];
}

