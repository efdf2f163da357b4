import { Trash2 } from "lucide";
import { sentence } from "../account/refused.ts";
import { toast } from "../app/acting.ts";
import { asPerson } from "../app/session.ts";
import { client } from "../app/store.ts";
import { Button } from "../parts/button.tsx";
import { Empty } from "../parts/empty.tsx";
import { counted } from "../words/counted.ts";
import { instant } from "../words/instant.ts";
import { useAnswer } from "../settings/asking.ts";
import { language, words } from "../words/words.ts";

interface Undo {
  token: string;
  created_at: string;
  deleted: number;
  things: readonly { kind: string; id: string; title: string }[];
}

/** What was deleted within 30 days, from any client, and can come back. Only the server knows; so it needs the network. */
export function DeletedView() {
  const { account, views, deleted } = words.value;
  const { answer, refused, again } = useAnswer<{ undos: readonly Undo[] }>("/api/me/undo?deleted=true");
  const restore = async (token: string) => {
    try {
      const { conflicts } = await asPerson<{ conflicts: unknown[] }>("POST", `/api/me/undo/${token}`);
      toast(conflicts.length > 0 ? deleted.restoredPartly : deleted.restored);
      client.value?.resume();
    } catch (error) {
      toast(`${deleted.notRestored} ${sentence(error)}`);
    }
    await again();
  };
  if (refused) {
    return (
      <Empty icon={Trash2} title={deleted.notRead}>
        <p>{sentence(refused)}</p>
        <Button onClick={() => void again()}>{account.notOpened.again}</Button>
      </Empty>
    );
  }
  if (!answer) return <p role="status">{deleted.reading}</p>;
  const { undos } = answer;
  if (undos.length === 0) {
    return (
      <Empty icon={Trash2} title={views.deleted.title}>
        <p>{views.deleted.text}</p>
      </Empty>
    );
  }
  return (
    <ul class="cards">
      {undos.map(({ token, created_at, deleted: count, things }) => (
        <li key={token} class="card line">
          <div>
            <strong>{things[0]?.title}</strong>
            <p>
              {[
                instant(created_at),
                count > 1 && counted(language.value, count - 1, deleted.andMore),
              ]
                .filter(Boolean)
                .join(" · ")}
            </p>
          </div>
          <Button onClick={() => void restore(token)}>{deleted.restore}</Button>
        </li>
      ))}
    </ul>
  );
}
