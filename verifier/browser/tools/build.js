/**
 * Builds the page: one file that holds its styles, its script, its words and, once somebody puts it there, a policy.
 *
 * The same sources make the same bytes, on every machine. usage: node tools/build.js FILE
 */

import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { build as bundle, transformSync } from "esbuild";

const HERE = new URL("../page/", import.meta.url);
const WORDS = new URL("../../words/", HERE);
const LANGUAGES = ["en", "id"];
const TARGET = ["chrome100", "firefox100", "safari15.4"];

const read = (path) => readFileSync(new URL(path, HERE), "utf8");
const sha256 = (text) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;

/** Ids that a source names: a string that is one, or the family before `${` or in code(). */
const IDS = /["'`]([a-z_]+\.[a-z0-9_.]+)["'`]/g;
const FAMILIES = /`([a-z_]+\.)\$\{|\.code\("([a-z_]+)"/g;

/** The sentences that the sources say, and how the language writes. */
function tables(sources) {
  const ids = new Set(), families = new Set(["@"]);
  for (const source of sources) {
    for (const [, id] of source.matchAll(IDS)) ids.add(id);
    for (const [, head, family] of source.matchAll(FAMILIES)) families.add(head ?? `${family}.`);
  }
  const isSaid = (id) => ids.has(id) || [...families].some((family) => id.startsWith(family));
  return LANGUAGES.map((language) => {
    const words = JSON.parse(readFileSync(new URL(`${language}.json`, WORDS), "utf8"));
    return Object.fromEntries(Object.entries(words).filter(([id]) => isSaid(id)));
  });
}

const OPTIONS = { bundle: true, minify: true, format: "iife", target: TARGET, charset: "utf8", write: false, logLevel: "warning" };

/** Gives `kembar:words` the sentences of all other modules of the bundle, which are known from a first pass. */
function wordsFrom(sources) {
  return {
    name: "words",
    setup(build) {
      build.onResolve({ filter: /^kembar:words$/ }, () => ({ path: "words", namespace: "kembar" }));
      build.onLoad({ filter: /.*/, namespace: "kembar" }, () => ({ contents: JSON.stringify(tables(sources)), loader: "json" }));
    },
  };
}

async function script() {
  const entryPoints = [fileURLToPath(new URL("start.js", HERE))], absWorkingDir = fileURLToPath(new URL("../", HERE));
  const { metafile } = await bundle({ ...OPTIONS, entryPoints, absWorkingDir, metafile: true, plugins: [wordsFrom([])] });
  const own = Object.keys(metafile.inputs).filter((path) => path.endsWith(".js") && !path.startsWith("node_modules/"));
  const sources = own.map((path) => read(`../${path}`));
  const { outputFiles } = await bundle({ ...OPTIONS, entryPoints, absWorkingDir, plugins: [wordsFrom(sources)] });
  return outputFiles[0].text.trim();
}

/** @returns {Promise<string>} the page, without a policy */
export async function build() {
  const code = await script();
  const style = transformSync(read("kembar.css"), { loader: "css", minify: true, target: TARGET, charset: "utf8" }).code.trim();
  const csp = [
    "default-src 'none'", "connect-src 'none'", "base-uri 'none'", "form-action 'none'",
    `script-src ${sha256(code)}`, `style-src ${sha256(style)}`, "worker-src blob: 'self'", "manifest-src 'self'", "img-src data:",
    "require-trusted-types-for 'script'", "trusted-types kembar",
  ].join("; ");
  const parts = { csp, style, policy: "", script: code };
  return read("page.html").replace(/\{\{(\w+)\}\}/g, (_, name) => parts[name]);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(process.argv[2], await build());
