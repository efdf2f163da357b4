import { welcome as de } from "../words/de/welcome.ts";
import { welcome as en } from "../words/en/welcome.ts";
import { language } from "../words/words.ts";

/** What Doable is, for whoever has nothing in it yet. Its words are loaded with it. */
export function Welcome() {
  const { title, sentences } = { en, de }[language.value];
  return (
    <div class="welcome">
      <h2>{title}</h2>
      {sentences.map((sentence) => (
        <p key={sentence}>{sentence}</p>
      ))}
    </div>
  );
}
