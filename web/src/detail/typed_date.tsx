import { useId, useState } from "preact/hooks";
import { present } from "../app/present.ts";
import { here } from "../quick/here.ts";
import type { Moment } from "../../sync/things.ts";
import { PICKING } from "../words/picking.ts";
import { language, words } from "../words/words.ts";
import { sayMoment } from "./saying.ts";

type Understand = typeof import("../../tasks/quick/moment.ts").understandMoment;

/** A date in words, as quick add has them. What is understood stands below while it is typed, and Enter chooses it. */
export function TypedDate({ onChoose }: { onChoose: (moment: Moment) => void }) {
  const says = PICKING[language.value];
  const id = useId();
  const [text, setText] = useState("");
  const [understand, setUnderstand] = useState<Understand>();
  const load = async () => {
    const { understandMoment } = await import("../../tasks/quick/moment.ts");
    setUnderstand(() => understandMoment);
  };
  const moment = understand?.(text, here()) ?? null;
  const voice = { says: words.value, language: language.value, now: present() };
  return (
    <form
      class="typed-date"
      onSubmit={(event) => {
        event.preventDefault();
        if (moment) onChoose(moment);
      }}
    >
      <input
        class="input"
        aria-label={says.typed}
        aria-describedby={id}
        placeholder={says.typed}
        autoComplete="off"
        maxLength={100}
        value={text}
        // Offline, where it was never loaded, nothing is understood, and the rest of the picker is there.
        onFocus={() => void load().catch(() => undefined)}
        onInput={(event) => setText(event.currentTarget.value)}
      />
      <p id={id} class={moment ? "understood" : "hint"} aria-live="polite">
        {moment ? sayMoment(moment, voice) : text.trim() && understand ? says.notUnderstood : says.typedExample}
      </p>
    </form>
  );
}
