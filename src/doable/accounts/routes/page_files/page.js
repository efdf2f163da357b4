
"use strict";
const token = new URLSearchParams(location.hash.slice(1)).get("token");
history.replaceState(null, "", location.pathname);
const form = document.getElementById(token ? "with-token" : "without-token");
const result = document.getElementById("result");
form.hidden = false;
// A link that is opened where this page is already changes the fragment alone.
addEventListener("hashchange", () => location.reload());
form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const button = form.querySelector("button");
  const body = Object.fromEntries(new FormData(form));
  button.disabled = true;
  result.textContent = "";
  try {
    const answer = await fetch(form.dataset.call, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(token ? { ...body, token } : body),
      credentials: "omit",
    });
    if (answer.ok) {
      form.hidden = true;
      result.textContent = form.dataset.done;
      return;
    }
    result.textContent = (await answer.json()).message;
  } catch {
    result.textContent = "The server cannot be reached. Try again in a moment.";
  }
  button.disabled = false;
});
