/**
 * Builds a page, the verifier's or the one on which people sign: one file that holds its styles, its script, its words and,
 * once somebody puts it there, a policy.
 *
 * The same sources make the same bytes, on every machine. usage: node tools/build.js verifier|sign FILE
 */

import { createHash } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { build as bundle, transformSync } from "esbuild";

const HERE = new URL("../page/", import.meta.url);
const WORDS = new URL("../../words/", HERE);
const STYLE = "../../../registry/web/static/kembar.css"; // one for all pages
/** Each page by its script, and by what it may do beyond showing: docs/decisions say why. @type {{[name: string]: {start: string, connect: string, more: string[]}}} */
const PAGES = {
  verifier: { start: "start.js", connect: "'none'", more: ["worker-src blob: 'self'", "manifest-src 'self'"] },
  sign: { start: "../sign/start.js", connect: "https: http://127.0.0.1:* http://localhost:*", more: ["worker-src blob:"] },
};
const TARGET = ["chrome100", "firefox100", "safari15.4"];

const read = (path) => readFileSync(new URL(path, HERE), "utf8");
const sha256 = (text) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;

/** Ids that a program names: a string that is one, or the family before `${` or in code(), or families in a string, with their dots. */
const IDS = /["'`]([a-z_]+(?:\.[A-Za-z0-9_]+)*)["'`]/g;
const FAMILIES = /`([a-z_.]+\.)\$\{|\.code\("([a-z_.]+)"|"((?:[a-z_.]+\. )*[a-z_.]+\.)"/g;

/** Reasons of a registry that refuses: nothing of it is ever logged, so no verdict has them. */
const REFUSALS = "wrong_registry section_needed digest_repeated key_repeated quota no_effect";
/** Problems with what neither page asks for: a registry that answers so all the same says them in its own words. */
const ELSEWHERE = "evidence_too_large foreign_page key_not_held no_paper prefix_crowded session_reads too_many_questions";
const LEFT_OUT = new Set([["code.", REFUSALS], ["problem.", ELSEWHERE], ["hint.", ELSEWHERE]].flatMap(([family, codes]) => codes.split(" ").map((code) => family + code)));

/** Each language that there is, English first: it is what a page speaks when it is not told another. */
const LANGUAGES = readdirSync(WORDS).filter((name) => name.endsWith(".json")).sort((a, b) => Number(b === "en.json") - Number(a === "en.json") || (a < b ? -1 : 1));
const languages = LANGUAGES.map((name) => JSON.parse(readFileSync(new URL(name, WORDS), "utf8")));

/**
 * The sentences that a program says, and how the language writes: each id with what it is called in the page. An id that
 * is nowhere put together, and is no other word, gets a short name.
 */
function said(program) {
  const ids = new Set([...program.matchAll(IDS)].map(([, id]) => id));
  const families = ["@", ...[...program.matchAll(FAMILIES)].flatMap(([, head, family, listed]) => head ?? listed?.split(" ") ?? `${family}.`)];
  const isInFamily = (id) => families.some((family) => id.startsWith(family));
  const all = Object.keys(languages[0]).filter((id) => (ids.has(id) || isInFamily(id)) && !LEFT_OUT.has(id));
  return new Map(all.map((id, place) => [id, id.includes(".") && !isInFamily(id) ? `$${place.toString(36)}` : id]));
}

const OPTIONS = { bundle: true, minify: true, format: "iife", target: TARGET, charset: "utf8", write: false, logLevel: "warning" };

/**
 * Names as the page reads them, each said as shortly as may be: 0 is the short name of its place, and `.name` is of the family
 * of the one before.
 */
function written(names) {
  let last = "";
  return names.map((name, place) => {
    const family = name.slice(0, Math.max(name.lastIndexOf("."), 0)), isSame = family !== "" && family === last;
    last = family;
    return name === `$${place.toString(36)}` ? 0 : isSame ? name.slice(family.length) : name;
  });
}

/** Gives `kembar:words` the names of sentences, then a row of sentences a language, 0 where it is that of the first. @param {Map<string, string>} names */
function wordsOf(names) {
  const rows = languages.map((words) => [...names.keys()].map((id) => (words !== languages[0] && words[id] === languages[0][id] ? 0 : words[id])));
  return {
    name: "words",
    setup(build) {
      build.onResolve({ filter: /^kembar:words$/ }, () => ({ path: "words", namespace: "kembar" }));
      build.onLoad({ filter: /.*/, namespace: "kembar" }, () => ({ contents: JSON.stringify([written([...names.values()]), ...rows]), loader: "json" }));
    },
  };
}

/**
 * What a strict reader says of bad bytes is for whoever works on it: a verdict has the step, the code and the place, and the
 * page says these. So the page is built without, which is a thirtieth of it. So it is with what libraries tell programmers.
 */
const TOLD = /\b(new (?:Malformed|Untrusted|Invalid|Error|TypeError|RangeError)\((?:\d+, )?|this\.refuse\()(?:"[^"\n]*"|'[^'\n]*'|`[^`\n]*`)/g;
/** All that a library's error says, where it says it without calling anything. */
const LIBRARY_TOLD = /\b(new \w*Error\()[^()]*(?=\))/g;
const untold = {
  name: "untold",
  setup(build) {
    build.onLoad({ filter: /\.js$/ }, ({ path }) => {
      const text = readFileSync(path, "utf8").replace(TOLD, '$1""');
      return { contents: path.includes("/node_modules/") ? text.replace(LIBRARY_TOLD, "$1") : text, loader: "js" };
    });
  },
};

/** Bundled once to see what it says, and then with that. @param {string} start */
async function script(start) {
  const entryPoints = [fileURLToPath(new URL(start, HERE))], absWorkingDir = fileURLToPath(new URL("../", HERE));
  const made = async (names) => (await bundle({ ...OPTIONS, entryPoints, absWorkingDir, plugins: [wordsOf(names), untold] })).outputFiles[0].text.trim();
  const names = said(await made(new Map()));
  return (await made(names)).replace(IDS, (whole, id) => whole.replace(id, () => names.get(id) ?? id));
}

/** What of a stylesheet the page can use: selectors that need a class which nothing here names are left out; variables are short. */
function used(style, program) {
  const isNamed = (name) => new RegExp(`(?<![\\w.-])${name}(?![\\w-])`).test(program);
  const isUsed = (selector) => [...selector.matchAll(/\.([a-z][\w-]*)/g)].every(([, name]) => isNamed(name));
  const kept = style.replace(/([^{}]+)(\{[^{}]*\})/g, (_, head, body) => {
    const selectors = head.split(/,(?![^()]*\))/).filter(isUsed);
    return selectors.length ? selectors.join(",") + body : "";
  });
  const variables = [...new Set(kept.match(/--[a-z][\w-]*/g))];
  return kept.replace(/--[a-z][\w-]*/g, (name) => `--${variables.indexOf(name).toString(36)}`);
}

/** @param {string} name @returns {Promise<string>} the page, without a policy */
export async function build(name) {
  const page = PAGES[name];
  if (!page) throw new Error(`no page is called ${name}`);
  const code = await script(page.start);
  const shell = read("page.html");
  const whole = transformSync(read(STYLE), { loader: "css", minify: true, target: TARGET, charset: "utf8" }).code.trim();
  const style = used(whole, shell + code);
  const csp = [
    "default-src 'none'", `connect-src ${page.connect}`, "base-uri 'none'", "form-action 'none'",
    `script-src ${sha256(code)}`, `style-src ${sha256(style)}`, ...page.more, "img-src data:",
    "require-trusted-types-for 'script'", "trusted-types kembar",
  ].join("; ");
  const parts = { csp, style, policy: "", script: code };
  return shell.replace(/\{\{(\w+)\}\}/g, (_, name) => parts[name]);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(process.argv[3], await build(process.argv[2]));
