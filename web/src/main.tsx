import "./styles/tokens.css";
import "./styles/base.css";
import "./styles/parts.css";
import "./styles/shell.css";
import "./account/account.css";
import { render } from "preact";
import { App } from "./app/app.tsx";

function start(): void {
  const root = document.getElementById("app");
  if (root) render(<App />, root);
}

// Some browsers have no Temporal yet, and these alone load it. No `await` out here: where this module has one, WebKit gives each
// chunk to whoever imports it a second time before it was run (its bug 242740).
if ("Temporal" in globalThis) start();
else void import("temporal-polyfill/global").then(start);
