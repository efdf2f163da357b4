import { BASE } from "../app/server.ts";
import { says } from "./says.ts";
import { ToCopy } from "./shown_once.tsx";

/** Where assistants find Doable. */
export const assistantAddress = () => `${location.origin}${BASE}/mcp`;

/** What is to be pasted where an assistant is set up, with the token that was just made. */
export function ForAssistant({ token }: { token: string }) {
  const { assistant } = says.value.tokens;
  const url = assistantAddress();
  const command = `claude mcp add --transport http doable ${url} --header "Authorization: Bearer ${token}"`;
  const servers = { doable: { type: "http", url, headers: { Authorization: `Bearer ${token}` } } };
  return (
    <section class="for-assistant">
      <h3>{assistant.title}</h3>
      <p class="hint">{assistant.terminal}</p>
      <ToCopy label={assistant.terminal} text={command} />
      <p class="hint">{assistant.file}</p>
      <ToCopy label={assistant.file} text={JSON.stringify({ mcpServers: servers })} />
    </section>
  );
}
