import { effect } from "@preact/signals";
import { useLayoutEffect, useState } from "preact/hooks";
import { NotOpened } from "../account/not_opened.tsx";
import { LogInPage, SignUpPage } from "../account/log_in.tsx";
import "../account/mailed.ts";
import "./early_keys.ts";
import { OnDemand } from "../parts/on_demand.tsx";
import { followLanguage } from "../words/words.ts";
import { followLastActs } from "./acting.ts";
import { go, place, to } from "./place.ts";
import { followPush } from "./push.ts";
import { BASE } from "./server.ts";
import { person } from "./session.ts";
import { startWorker } from "./worker.ts";
import { client, closeAccount, notOpened, openAccount, preferences } from "./store.ts";

const loadShell = async () => (await import("./account.ts")).Shell;
const loadByMailPage = async () => (await import("../account/by_mail.tsx")).ByMailPage;

/** The whole screen: what is for everybody, or the account of whoever is logged in. */
export function App() {
  const [ready, setReady] = useState(false);
  // Not after the first frame, which has nothing to show.
  useLayoutEffect(() => {
    followAccount();
    followLastActs();
    followPush();
    followTheme();
    // Whoever touches the log-in will need the rest next.
    for (const touch of ["keydown", "pointerdown"]) addEventListener(touch, () => void loadShell().catch(() => undefined), { once: true });
    void startWorker();
    void followLanguage().then(() => setReady(true));
  }, []);
  const where = place.value;
  if (!ready) return null;
  if (where.area === "account" && (where.page === "reset-password" || where.page === "verify-email")) {
    return <OnDemand load={loadByMailPage} props={{ page: where.page }} />;
  }
  if (!person.value) {
    return where.area === "account" && where.page === "signup" ? <SignUpPage /> : <LogInPage />;
  }
  if (notOpened.value) return <NotOpened who={person.value} />;
  if (client.value?.user !== person.value.id) return null;
  return <OnDemand load={loadShell} props={{}} />;
}

/** Opens the account of whoever logs in, and closes it when they log out, here or in another tab. */
function followAccount(): void {
  effect(() => {
    const who = person.value;
    if (!who) void closeAccount();
    else if (client.peek()?.user !== who.id) void openAccount(who);
    else client.peek()?.resume(); // the session had ended
  });
  effect(() => {
    const where = place.value;
    const isSomebody = person.value !== null;
    if (where.area === "start" && isSomebody && client.value) goToStart();
    if (where.area === "account" && isSomebody && (where.page === "login" || where.page === "signup")) go(`${BASE}/`, { replace: true });
  });
}

function goToStart(): void {
  const wanted = preferences.peek().start_page;
  const [kind, id] = wanted.split(":");
  if ((kind === "list" || kind === "tag" || kind === "filter") && id) go(to({ view: kind, id }), { replace: true });
  else go(to({ view: wanted === "inbox" || wanted === "upcoming" ? wanted : "today" }), { replace: true });
}

function followTheme(): void {
  effect(() => {
    const { theme } = preferences.value;
    if (theme === "system") delete document.documentElement.dataset["theme"];
    else document.documentElement.dataset["theme"] = theme;
  });
}
