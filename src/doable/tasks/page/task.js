
"use strict";
const SAYS = {
  en: {
    task: "Task",
    why: "Log in to see your task.",
    email: "E-mail",
    password: "Password",
    logIn: "Log in",
    forgotten: "Forgot your password?",
    due: "Due",
    start: "Start",
    list: "List",
    inbox: "Inbox",
    reminders: "Reminders",
    complete: "Complete",
    reopen: "Reopen",
    completed: (at) => `Completed ${at}.`,
    cancelled: (at) => `Cancelled ${at}.`,
    next: (at) => `It comes again: ${at}.`,
    reopened: "It is open again.",
    remindAgain: "Remind me again",
    10: "In 10 minutes",
    60: "In an hour",
    tomorrow: (at) => `Tomorrow at ${at}`,
    snoozed: (at) => `You will be reminded ${at}.`,
    wrong: "The e-mail or the password is wrong.",
    gone: "There is no such task among yours.",
    ended: "You have been logged out. Log in again.",
    tooMany: (wait) => `That was tried too often. Try again ${wait}.`,
    unreachable: "The server cannot be reached. Try again in a moment.",
  },
  de: {
    task: "Aufgabe",
    why: "Melde dich an, um deine Aufgabe zu sehen.",
    email: "E-Mail",
    password: "Passwort",
    logIn: "Anmelden",
    forgotten: "Passwort vergessen?",
    due: "Fällig",
    start: "Beginn",
    list: "Liste",
    inbox: "Eingang",
    reminders: "Erinnerungen",
    complete: "Erledigen",
    reopen: "Wieder öffnen",
    completed: (at) => `Erledigt: ${at}.`,
    cancelled: (at) => `Abgebrochen: ${at}.`,
    next: (at) => `Das nächste Mal: ${at}.`,
    reopened: "Sie ist wieder offen.",
    remindAgain: "Noch einmal erinnern",
    10: "In 10 Minuten",
    60: "In einer Stunde",
    tomorrow: (at) => `Morgen um ${at}`,
    snoozed: (at) => `Du wirst erinnert: ${at}.`,
    wrong: "Die E-Mail-Adresse oder das Passwort ist falsch.",
    gone: "Diese Aufgabe gibt es bei dir nicht.",
    ended: "Du bist abgemeldet. Melde dich noch einmal an.",
    tooMany: (wait) => `Das waren zu viele Versuche. Versuch es ${wait} noch einmal.`,
    unreachable: "Der Server ist nicht zu erreichen. Versuch es gleich noch einmal.",
  },
};
const $ = (id) => document.getElementById(id);
const heading = document.querySelector("h1");
const service = document.title.slice(document.title.indexOf(" - "));
const path = `../api/me/tasks/${location.pathname.split("/").pop()}`;
let language = navigator.language.startsWith("de") ? "de" : "en";
let says = SAYS[language];
let tokens = null;
let preferred = null;
let task = null;
let isBusy = false;

/** What went wrong, in words for the person. */
class Refused extends Error {}

const form = $("log-in");
form.addEventListener("submit", (event) => {
  event.preventDefault();
  attempt(logIn);
});
$("complete").addEventListener("click", () => attempt(complete));
for (const button of document.querySelectorAll("[data-snooze]")) {
  button.addEventListener("click", () => attempt(() => snooze(button.dataset.snooze)));
}
// Nobody has these tokens once the page is gone.
addEventListener("pagehide", () => {
  if (tokens) ask("../api/auth/logout", "POST", undefined, { keepalive: true }).catch(() => {});
  tokens = null;
});
addEventListener("pageshow", (event) => event.persisted && location.reload());
speak();
$("email").focus();

async function attempt(work) {
  if (isBusy) return;
  isBusy = document.body.ariaBusy = true;
  $("result").textContent = "";
  try {
    $("result").textContent = (await work()) ?? "";
  } catch (error) {
    $("result").textContent = error instanceof Refused ? error.message : says.unreachable;
  }
  isBusy = document.body.ariaBusy = false;
}

/** The answer to this request, whatever it is but 429: then Refused is raised. */
async function ask(url, method = "GET", body = undefined, options = {}) {
  const headers = body === undefined ? {} : { "Content-Type": "application/json" };
  if (tokens) headers.Authorization = `Bearer ${tokens.access_token}`;
  const answer = await fetch(url, { method, headers, body: JSON.stringify(body), credentials: "omit", ...options });
  if (answer.status === 429) throw new Refused(says.tooMany(wait(Number(answer.headers.get("Retry-After")))));
  return answer;
}

/** What the API answers, with fresh tokens if these are too old. */
async function call(url, method, body) {
  let answer = await ask(url, method, body);
  if (answer.status === 401) {
    const refreshed = await ask("../api/auth/refresh", "POST", { refresh_token: tokens.refresh_token });
    if (!refreshed.ok) {
      tokens = null;
      show(form);
      $("email").focus();
      throw new Refused(says.ended);
    }
    tokens = await refreshed.json();
    answer = await ask(url, method, body);
  }
  if (answer.ok) return answer.json();
  const { code, message } = await answer.json();
  if (code !== "task_not_found" && code !== "forbidden") throw new Refused(message);
  show(null);
  throw new Refused(says.gone);
}

async function logIn() {
  const answer = await ask(form.dataset.call, "POST", Object.fromEntries(new FormData(form)));
  if (!answer.ok) {
    $("password").select();
    throw new Refused(answer.status === 401 ? says.wrong : (await answer.json()).message);
  }
  tokens = await answer.json();
  preferred = await call("../api/me/preferences", "GET");
  if (preferred.revision > 0 && preferred.language in SAYS) language = preferred.language;
  says = SAYS[language];
  speak();
  task = await call(path, "GET");
  await draw();
  show($("task"));
  form.reset();
  heading.tabIndex = -1;
  heading.focus();
}

async function complete() {
  const wasOpen = !task.is_completed;
  task = await call(`${path}/complete`, "PATCH", { is_completed: wasOpen });
  await draw();
  if (!wasOpen) return says.reopened;
  const next = task.next_id && (await ask(`../api/me/tasks/${task.next_id}`));
  return next?.ok ? says.next(moment((await next.json()).due)) : "";
}

async function snooze(how) {
  const reminder = come().pop();
  const body = how === "tomorrow" ? { until: tomorrow().toISOString() } : { minutes: Number(how) };
  task = await call(`${path}/reminders/${reminder.id}/snooze`, "POST", body);
  await draw();
  heading.focus();
  return says.snoozed(instant(task.reminders.find((each) => each.id === reminder.id).remind_at));
}

/** The reminders that have come: of those that can, the ones that are not to come. */
function come() {
  return task.reminders.filter((each) => !each.remind_at && (each.at || task[each.relative_to]));
}

function tomorrow() {
  const [hour, minute] = preferred.day_reminder_at.split(":");
  const day = new Date();
  day.setDate(day.getDate() + 1);
  day.setHours(hour, minute, 0, 0);
  return day;
}

async function draw() {
  heading.textContent = task.title;
  heading.dir = "auto";
  document.title = task.title + service;
  const at = task.completed_at && instant(task.completed_at);
  $("state").textContent = at ? (task.is_cancelled ? says.cancelled : says.completed)(at) : "";
  $("description").textContent = task.description ?? "";
  const list = task.list_id && (await ask(`../api/me/lists/${task.list_id}`));
  const coming = task.reminders.map((each) => each.remind_at).filter(Boolean).sort();
  const known = [
    [says.due, task.due && moment(task.due)],
    [says.start, task.start && moment(task.start)],
    [says.list, list ? list.ok && (await list.json()).name : says.inbox],
    [says.reminders, coming.map(instant).join("\n")],
  ];
  $("known").replaceChildren(
    ...known.filter(([, value]) => value).flatMap(([name, value]) => [element("dt", name), element("dd", value)]),
  );
  $("complete").textContent = task.is_completed ? says.reopen : says.complete;
  $("snooze").hidden = task.is_completed || come().length === 0;
}

function element(name, text) {
  const made = document.createElement(name);
  made.textContent = text;
  made.dir = "auto";
  return made;
}

function show(shown) {
  for (const each of [form, $("task")]) each.hidden = each !== shown;
}

function speak() {
  document.documentElement.lang = language;
  if (!task) heading.textContent = says.task;
  for (const each of document.querySelectorAll("[data-say]")) each.textContent = says[each.dataset.say];
  const [minutes, hour, day] = document.querySelectorAll("[data-snooze]");
  minutes.textContent = says[10];
  hour.textContent = says[60];
  day.textContent = preferred && says.tomorrow(written(tomorrow(), { timeStyle: "short" }));
}

/** A day or a time of a task, where the reader is. */
function moment({ date, time, at }) {
  return time === null ? day(new Date(`${date}T00:00`)) : instant(at ?? `${date}T${time}`);
}

function instant(text) {
  return day(new Date(text), { hour: "numeric", minute: "2-digit" });
}

function day(date, time = {}) {
  const year = date.getFullYear() === new Date().getFullYear() ? {} : { year: "numeric" };
  return written(date, { weekday: "short", day: "numeric", month: "long", ...year, ...time });
}

function written(date, form) {
  const locale = navigator.languages.find((each) => each.startsWith(language)) ?? language;
  return new Intl.DateTimeFormat(locale, form).format(date);
}

function wait(seconds) {
  const said = seconds > 90 ? [Math.ceil(seconds / 60), "minute"] : [seconds || 60, "second"];
  return new Intl.RelativeTimeFormat(language).format(...said);
}
