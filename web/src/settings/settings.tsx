import { words } from "../words/words.ts";

export function SettingsPage({ page }: { page: string }) {
  return (
    <div class="scroll">
      <div class="column">
        <header class="view-head">
          <h1>{words.value.views.settings}</h1>
        </header>
        <p>{page}</p>
      </div>
    </div>
  );
}
