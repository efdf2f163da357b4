/** What can be done from anywhere, with a name: from the keys that work at present, and what has no key. */

import { Keyboard, LogOut, Moon, Settings, Sun, SunMoon, Zap } from "lucide";
import { act } from "../app/acting.ts";
import { keysNow, shown } from "../app/keys.ts";
import { go } from "../app/place.ts";
import { BASE } from "../app/server.ts";
import { client } from "../app/store.ts";
import type { Preferences } from "../../sync/things.ts";
import { words } from "../words/words.ts";
import type { Found } from "./finding.ts";

export function commands(): Found[] {
  const { palette, views } = words.value;
  const theme = (name: Preferences["theme"], icon: typeof Sun): Found => ({
    key: `theme-${name}`,
    label: palette.themes[name],
    icon,
    choose: () => {
      const id = client.peek()?.user;
      if (id) act({ op: "update", kind: "preferences", id, preferences: { theme: name } });
    },
  });
  const byKey = keysNow().flatMap(({ keys, does, press, group }): Found[] =>
    does && group === "do" ? [{ key: keys, label: does(), icon: Zap, hint: shown(keys), choose: () => press(new KeyboardEvent("keydown")) }] : [],
  );
  return [
    ...byKey,
    theme("system", SunMoon),
    theme("light", Sun),
    theme("dark", Moon),
    { key: "settings", label: views.settings, icon: Settings, choose: () => go(`${BASE}/settings`) },
    { key: "log-out", label: words.value.account.logOut, icon: LogOut, choose: () => go(`${BASE}/settings/account`) },
    { key: "keys", label: palette.keys, icon: Keyboard, hint: "?", choose: () => dispatchEvent(new KeyboardEvent("keydown", { key: "?", shiftKey: true })) },
  ];
}
