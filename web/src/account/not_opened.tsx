import { openAccount } from "../app/store.ts";
import type { Person } from "../app/session.ts";
import { Button } from "../parts/button.tsx";
import { words } from "../words/words.ts";
import { Page } from "./page.tsx";

/** In place of an empty page, where the account cannot be opened. */
export function NotOpened({ who }: { who: Person }) {
  const says = words.value.account.notOpened;
  return (
    <Page title={says.title}>
      <p>{says.text}</p>
      <Button look="primary" onClick={() => void openAccount(who)}>
        {says.again}
      </Button>
    </Page>
  );
}
