import "./styles/tokens.css";
import "./styles/base.css";
import "./styles/parts.css";
import "./styles/shell.css";
import { render } from "preact";

async function start(): Promise<void> {
  // Some browsers have no Temporal yet; the chunk is loaded by these alone, and before anything reads a date.
  if (!("Temporal" in globalThis)) await import("temporal-polyfill/global");
  const { App } = await import("./app/app.tsx");
  const root = document.getElementById("app");
  if (root) render(<App />, root);
}

void start();
