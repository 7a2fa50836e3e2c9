/**
 * Builds a script of a registry's pages, by its name: lookup.js, clear.js, declare.js. The same sources make the same bytes.
 * usage: node tools/build_lookup.js FILE
 */

import { writeFileSync } from "node:fs";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";

import { build } from "esbuild";

const HERE = new URL("../", import.meta.url);
const ENTRIES = { "lookup.js": "lookup/start.js", "clear.js": "drop/clear.js", "declare.js": "drop/declare.js" };

const { outputFiles } = await build({
  entryPoints: [fileURLToPath(new URL(ENTRIES[basename(process.argv[2])], HERE))], absWorkingDir: fileURLToPath(HERE), bundle: true,
  minify: true, format: "esm", target: ["chrome100", "firefox100", "safari15.4"], charset: "utf8", legalComments: "none",
  write: false, logLevel: "warning",
});
writeFileSync(process.argv[2], outputFiles[0].text);
