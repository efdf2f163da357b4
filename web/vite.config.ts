import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { defineConfig, type Plugin } from "vite";

const OUT = "../src/doable/web/files";
const SERVER = process.env.DOABLE_URL ?? "http://127.0.0.1:8000";

/** Beside each file that is worth it, the same compressed: the server only picks one. */
function compressed(): Plugin {
  return {
    name: "compressed",
    apply: "build",
    closeBundle() {
      for (const entry of readdirSync(OUT, { recursive: true, withFileTypes: true })) {
        const path = join(entry.parentPath, entry.name);
        if (!entry.isFile() || !/\.(css|html|js|json|svg|txt|webmanifest)$/.test(path)) continue;
        const whole = readFileSync(path);
        writeFileSync(`${path}.gz`, gzipSync(whole, { level: 9 }));
        writeFileSync(`${path}.br`, brotliCompressSync(whole, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }));
      }
    },
  };
}

export default defineConfig({
  // Relative, so that one build works under any path; the server turns the page's own into absolute ones.
  base: "./",
  build: {
    outDir: OUT,
    emptyOutDir: true,
    target: "es2023",
    license: { fileName: "licences.md" },
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
  },
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  plugins: [compressed()],
  server: { proxy: { "/api": SERVER, "/account/session": SERVER } },
});
