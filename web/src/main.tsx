import "./app/temporal.ts";
import "./styles/tokens.css";
import "./styles/base.css";
import "./styles/parts.css";
import "./styles/shell.css";
import "./account/account.css";
import { render } from "preact";
import { App } from "./app/app.tsx";

const root = document.getElementById("app");
if (root) render(<App />, root);
