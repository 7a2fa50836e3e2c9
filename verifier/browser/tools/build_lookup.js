/**
 * Builds the script of a registry's lookup page. The same sources make the same bytes. usage: node tools/build_lookup.js FILE
 */

import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { build } from "esbuild";

const HERE = new URL("../", import.meta.url);

const { outputFiles } = await build({
  entryPoints: [fileURLToPath(new URL("lookup/start.js", HERE))], absWorkingDir: fileURLToPath(HERE), bundle: true,
  minify: true, format: "esm", target: ["chrome100", "firefox100", "safari15.4"], charset: "utf8", legalComments: "none",
  write: false, logLevel: "warning",
});
writeFileSync(process.argv[2], outputFiles[0].text);
