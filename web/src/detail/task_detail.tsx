import "./detail.css";
import { SearchX } from "lucide";
import { X } from "lucide";
import { openTask } from "../app/place.ts";
import { get } from "../app/store.ts";
import { IconButton } from "../parts/button.tsx";
import { Empty } from "../parts/empty.tsx";
import type { Id } from "../../sync/things.ts";
import { words } from "../words/words.ts";
import { Description } from "./description.tsx";
import { Head } from "./head.tsx";
import { History } from "./history.tsx";
import { Members } from "./members.tsx";
import { Subtasks } from "./subtasks.tsx";
import { Title } from "./title.tsx";

export function TaskDetail({ id }: { id: Id }) {
  const says = words.value.detail;
  const task = get("task", id);
  if (!task) {
    return (
      <>
        <header class="detail-head">
          <span />
          <IconButton label={says.close} icon={X} onClick={() => openTask(null)} />
        </header>
        <Empty icon={SearchX} title={says.gone.title}>
          <p>{says.gone.text}</p>
        </Empty>
      </>
    );
  }
  return (
    <>
      <Head task={task} />
      <div class="detail-body">
        <Title task={task} />
        <Description task={task} />
        <Subtasks task={task} />
        <Members task={task} />
        <History task={task} />
      </div>
    </>
  );
}
