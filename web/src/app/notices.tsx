import { X } from "lucide";
import { signal } from "@preact/signals";
import { logInOpen } from "../account/ended_session.tsx";
import { Button, IconButton } from "../parts/button.tsx";
import { counted } from "../words/counted.ts";
import { language, words } from "../words/words.ts";
import { newVersion, takeNewVersion } from "./worker.ts";
import { keep, kept } from "./kept.ts";
import { isOffline } from "./offline.ts";
import { problems, status } from "./store.ts";
import { to } from "./place.ts";

const HTTP_KNOWN = "doable.http-known";
/** Whether somebody has read on this device what plain http lacks. */
const isHttpKnown = signal(kept(HTTP_KNOWN) === 1);

/** One line above the tasks for what a person has to know: what is not sent yet, and why. */
export function Notices() {
  const { common, views } = words.value;
  const { state, waiting, stored, loaded, total } = status.value;
  if (!stored) return <p class="notice">{common.notStored}</p>;
  if (state === "logged-out") {
    return (
      <div class="notice" role="status">
        <span>{common.loggedOut}</span>
        <Button look="quiet" onClick={() => (logInOpen.value = true)}>
          {common.logIn}
        </Button>
      </div>
    );
  }
  if (problems.value.length > 0) {
    return (
      <div class="notice" role="status">
        <a href={to({ view: "problems" })}>
          {views.problems.name} ({problems.value.length})
        </a>
      </div>
    );
  }
  if (state === "loading" && total !== null && total > 1000) {
    return (
      <div class="notice" role="status">
        <span>{common.loading.some}</span>
        <progress value={loaded} max={total} aria-label={common.loading.some} />
      </div>
    );
  }
  if (isOffline.value) {
    return (
      <div class="notice" role="status">
        <span>{[common.offline, waiting > 0 && counted(language.value, waiting, common.toSend)].filter(Boolean).join(" · ")}</span>
      </div>
    );
  }
  if (newVersion.value) {
    return (
      <div class="notice" role="status">
        <span>{words.value.push.newVersion}</span>
        <Button look="quiet" onClick={takeNewVersion}>
          {words.value.push.update}
        </Button>
      </div>
    );
  }
  if (!isSecureContext && !isHttpKnown.value) {
    return (
      <div class="notice">
        <span>{common.http}</span>
        <IconButton label={common.close} icon={X} size={16} onClick={knowHttp} />
      </div>
    );
  }
  return null;
}

function knowHttp(): void {
  isHttpKnown.value = true;
  keep(HTTP_KNOWN, 1);
}
