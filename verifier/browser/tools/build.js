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
const STYLE = "../../../registry/web/static/kembar.css"; // one for all pages
const LANGUAGES = ["en", "id"];
const TARGET = ["chrome100", "firefox100", "safari15.4"];

const read = (path) => readFileSync(new URL(path, HERE), "utf8");
const sha256 = (text) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;

/** Ids that a program names: a string that is one, or the family before `${` or in code(). */
const IDS = /["'`]([a-z_]+(?:\.[A-Za-z0-9_]+)*)["'`]/g;
const FAMILIES = /`([a-z_.]+\.)\$\{|\.code\("([a-z_.]+)"/g;

/** The sentences that a program says, and how the language writes: the ids, then a row of sentences a language. */
function tables(program) {
  const ids = new Set([...program.matchAll(IDS)].map(([, id]) => id));
  const families = ["@", ...[...program.matchAll(FAMILIES)].map(([, head, family]) => head ?? `${family}.`)];
  const languages = LANGUAGES.map((language) => JSON.parse(readFileSync(new URL(`${language}.json`, WORDS), "utf8")));
  const said = Object.keys(languages[0]).filter((id) => ids.has(id) || families.some((family) => id.startsWith(family)));
  return [said, ...languages.map((words) => said.map((id) => words[id]))];
}

const OPTIONS = { bundle: true, minify: true, format: "iife", target: TARGET, charset: "utf8", write: false, logLevel: "warning" };

/** Gives `kembar:words` the sentences of a program, which is known from a first pass. */
function wordsOf(program) {
  return {
    name: "words",
    setup(build) {
      build.onResolve({ filter: /^kembar:words$/ }, () => ({ path: "words", namespace: "kembar" }));
      build.onLoad({ filter: /.*/, namespace: "kembar" }, () => ({ contents: JSON.stringify(tables(program)), loader: "json" }));
    },
  };
}

async function script() {
  const entryPoints = [fileURLToPath(new URL("start.js", HERE))], absWorkingDir = fileURLToPath(new URL("../", HERE));
  const made = async (program) => (await bundle({ ...OPTIONS, entryPoints, absWorkingDir, plugins: [wordsOf(program)] })).outputFiles[0].text.trim();
  return made(await made(""));
}

/** @returns {Promise<string>} the page, without a policy */
export async function build() {
  const code = await script();
  const style = transformSync(read(STYLE), { loader: "css", minify: true, target: TARGET, charset: "utf8" }).code.trim();
  const csp = [
    "default-src 'none'", "connect-src 'none'", "base-uri 'none'", "form-action 'none'",
    `script-src ${sha256(code)}`, `style-src ${sha256(style)}`, "worker-src blob: 'self'", "manifest-src 'self'", "img-src data:",
    "require-trusted-types-for 'script'", "trusted-types kembar",
  ].join("; ");
  const parts = { csp, style, policy: "", script: code };
  return read("page.html").replace(/\{\{(\w+)\}\}/g, (_, name) => parts[name]);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(process.argv[2], await build());
