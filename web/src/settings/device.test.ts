import assert from "node:assert/strict";
import { test } from "node:test";
import { deviceOf } from "./device.ts";

test("a device is named by its browser and system, and another program by its own word", () => {
  const said = {
    "Mozilla/5.0 (X11; Linux x86_64; rv:153.0) Gecko/20100101 Firefox/153.0": "Firefox · Linux",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36 Edg/156.0.0.0":
      "Edge · Windows",
    "Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Mobile Safari/537.36":
      "Chrome · Android",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 19_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/19.1 Mobile/15E148 Safari/604.1":
      "Safari · iPhone",
    "curl/8.14.1": "curl/8.14.1",
    "Mozilla/5.0 (something new)": "Mozilla/5.0 (something new)",
  };
  for (const [userAgent, device] of Object.entries(said)) assert.equal(deviceOf(userAgent), device);
  assert.equal(deviceOf(null), null);
  assert.equal(deviceOf(""), null);
});
