import { Bell, Check } from "lucide";
import { act } from "../app/acting.ts";
import { openTask } from "../app/place.ts";
import { all, get } from "../app/store.ts";
import { Button, IconButton } from "../parts/button.tsx";
import { Empty } from "../parts/empty.tsx";
import type { Notification } from "../../sync/things.ts";
import { instant } from "../words/instant.ts";
import { words } from "../words/words.ts";

/** The reminders that have come, the newest first. Opening one makes it seen. */
export function NotificationsView() {
  const { notices, views } = words.value;
  const newestFirst = [...all("notification").values()].toSorted((a, b) => (a.remind_at < b.remind_at ? 1 : -1));
  if (newestFirst.length === 0) {
    return (
      <Empty icon={Bell} title={views.notifications.title}>
        <p>{views.notifications.text}</p>
      </Empty>
    );
  }
  const newest = Math.max(...newestFirst.map(({ revision }) => revision));
  return (
    <>
      {newestFirst.some(({ is_seen }) => !is_seen) && (
        <div class="above-cards">
          <Button look="quiet" icon={Check} onClick={() => act({ op: "seen", kind: "notification", up_to: newest })}>
            {notices.allSeen}
          </Button>
        </div>
      )}
      <ul class="cards">
        {newestFirst.map((notification) => (
          <One key={notification.id} notification={notification} />
        ))}
      </ul>
    </>
  );
}

function One({ notification }: { notification: Notification }) {
  const says = words.value.notices;
  const task = get("task", notification.task_id);
  const see = () => {
    if (notification.is_seen) return;
    act({ op: "update", kind: "notification", id: notification.id, notification: { is_seen: true } });
  };
  return (
    <li class={`card line ${notification.is_seen ? "seen" : ""}`}>
      <button
        type="button"
        class="notice-task"
        disabled={!task}
        onClick={() => {
          see();
          openTask(notification.task_id);
        }}
      >
        <strong>{task?.title ?? says.gone}</strong>
        <span>{instant(notification.remind_at)}</span>
      </button>
      {!notification.is_seen && <IconButton label={says.seen} icon={Check} onClick={see} />}
    </li>
  );
}
