import "./markdown.css";
import { Pencil } from "lucide";
import { useState } from "preact/hooks";
import { act } from "../app/acting.ts";
import { useKeys } from "../app/keys.ts";
import { LONGEST_DESCRIPTION } from "../app/server.ts";
import { Growing } from "../parts/growing.tsx";
import { IconButton } from "../parts/button.tsx";
import { OnDemand } from "../parts/on_demand.tsx";
import type { Task } from "../../sync/things.ts";
import { counted } from "../words/counted.ts";
import { language, words } from "../words/words.ts";
import { Theirs } from "./theirs.tsx";
import { useWriting } from "./writing.ts";

const loadMarkdown = async () => (await import("./markdown.ts")).Markdown;

/** The description as it is read; a click, or `e`, and it can be written where it stands. */
export function Description({ task }: { task: Task }) {
  const { task: says, detail } = words.value;
  const [isWritten, setWritten] = useState(false);
  const writing = useWriting(task.description ?? "", (text, replaces) => keep(task, text, replaces));
  // In the list the same key is for the title.
  const isInList = () => Boolean(document.activeElement?.closest(".rows"));
  useKeys(() =>
    isInList() ? [] : [{ keys: "e", does: () => detail.editDescription, group: "task", press: () => setWritten(true) }],
  );
  const end = () => {
    writing.finish();
    setWritten(false);
  };
  if (isWritten || writing.theirs !== null) {
    return (
      <div class="description">
        <Growing
          aria-label={says.description}
          placeholder={detail.addDescription}
          value={writing.text}
          maxLength={LONGEST_DESCRIPTION}
          focused
          onInput={(event) => writing.write(event.currentTarget.value)}
          onBlur={end}
          onKeyDown={(event) => {
            const isDone = event.key === "Escape" || (event.key === "Enter" && (event.ctrlKey || event.metaKey));
            if (!isDone || event.isComposing) return;
            event.preventDefault();
            event.stopPropagation();
            const detailElement = event.currentTarget.closest<HTMLElement>(".detail");
            end();
            detailElement?.focus();
          }}
        />
        {/* A browser cuts off what is pasted beyond it, and says nothing. */}
        <p class="hint" role="status">
          {writing.text.length >= LONGEST_DESCRIPTION && counted(language.value, LONGEST_DESCRIPTION, detail.longest)}
        </p>
        <Theirs writing={writing} />
      </div>
    );
  }
  if (!task.description) {
    return (
      <button type="button" class="description quiet" onClick={() => setWritten(true)}>
        {detail.addDescription}
      </button>
    );
  }
  return (
    <div
      class="description read"
      onClick={(event) => {
        const isElse = (event.target as Element).closest("a, button") || !getSelection()?.isCollapsed;
        if (!isElse) setWritten(true);
      }}
    >
      <OnDemand load={loadMarkdown} props={{ text: task.description }}>
        <div class="plain">{task.description}</div>
      </OnDemand>
      <IconButton label={detail.editDescription} icon={Pencil} size={16} onClick={() => setWritten(true)} />
    </div>
  );
}

function keep(task: Task, text: string, replaces: boolean): string {
  const written = text.trim() ? text : "";
  if (written === (task.description ?? "")) return written;
  const changes = { description: written || null };
  act({ op: "update", kind: "task", id: task.id, task: changes }, replaces ? words.value.detail.replaced : undefined);
  return written;
}
