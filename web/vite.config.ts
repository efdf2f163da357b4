import { createHash } from "node:crypto";
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { build, defineConfig, type Plugin } from "vite";

const OUT = "../src/doable/web/files";
const TARGET = "es2023";
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

/** What a browser asks for with the page, and is not hashed. */
const WITH_THE_PAGE = ["icons/icon.svg", "manifest.webmanifest"];

/** The service worker by a name that stays, with the list of the files that it keeps. */
function worker(): Plugin {
  return {
    name: "worker",
    apply: "build",
    async writeBundle(_, bundle) {
      const hashed = Object.keys(bundle).filter((name) => name.startsWith("assets/"));
      const files = [...hashed, ...WITH_THE_PAGE];
      const version = createHash("sha256").update(hashed.join());
      for (const name of ["index.html", ...WITH_THE_PAGE]) version.update(readFileSync(join(OUT, name)));
      await build({
        configFile: false,
        publicDir: false,
        logLevel: "warn",
        define: { BUILD: JSON.stringify({ version: version.digest("hex").slice(0, 12), files }) },
        build: {
          outDir: OUT,
          emptyOutDir: false,
          target: TARGET,
          rolldownOptions: { input: "src/worker/sw.ts", output: { entryFileNames: "sw.js", format: "iife" } },
        },
      });
    },
  };
}

const imports = new Map<string, readonly string[]>();

/** Learns which module imports which, without those that are imported when they are wanted. */
function graph(): Plugin {
  return {
    name: "graph",
    buildStart: () => imports.clear(),
    moduleParsed: ({ id, importedIds }) => void imports.set(id, importedIds),
  };
}

/** What `src/app/account.ts` cannot do without. */
function ofAccount(): ReadonlySet<string> {
  const found = new Set([...imports.keys()].filter((id) => id.endsWith("/src/app/account.ts")));
  for (const id of found) for (const imported of imports.get(id) ?? []) found.add(imported);
  return found;
}

export default defineConfig({
  // Relative, so that one build works under any path; the server turns the page's own into absolute ones.
  base: "./",
  build: {
    outDir: OUT,
    emptyOutDir: true,
    target: TARGET,
    license: { fileName: "licences.md" },
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    rolldownOptions: {
      // Two files, and not one for each part that a later chunk needs as well: what everybody gets, and what an open account needs.
      output: {
        codeSplitting: {
          groups: [
            { name: "app", tags: ["$initial"], priority: 2 },
            { name: "account", test: (id) => ofAccount().has(id), priority: 1 },
          ],
        },
      },
    },
  },
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  plugins: [graph(), worker(), compressed()],
  server: { proxy: { "/api": SERVER, "/account/session": SERVER } },
});
