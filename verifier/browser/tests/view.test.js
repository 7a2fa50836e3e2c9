/** The answer as people see it, of every evidence vector in every language: it is whole, it says who, and never more. */

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";

import { parseB64 } from "../base/base64.js";
import { encodeUtf8, toHex } from "../base/bytes.js";
import { sha256 } from "../base/crypto.js";
import { parseInstant } from "../base/instant.js";
import { checkWithDetails } from "../evidence/verdict.js";
import { parsePolicy } from "../log/trust.js";
import { briefly, showAnswer } from "../page/answer/answer.js";
import { Catalogue } from "../words/catalogue.js";
import { Element, install } from "./dom.js";

const VECTORS = new URL("../../../tests/vectors/evidence/", import.meta.url);
const WORDS = new URL("../../words/", import.meta.url);
const languages = readdirSync(WORDS).filter((name) => name.endsWith(".json")).sort();
const catalogues = languages.map((name) => new Catalogue(JSON.parse(readFileSync(new URL(name, WORDS), "utf8"))));
const NEVER = /[Tt]ampered|[Ff]ake|[Ff]raud|undefined|\[object|NaN|\{[a-z_]+\}/;

install();

/** @returns the view's root, and what it is made from */
function shown(name, words, change = {}) {
  const vector = JSON.parse(readFileSync(new URL(name, VECTORS), "utf8"));
  const data = vector.evidence === undefined ? parseB64(vector.evidence_b64) : encodeUtf8(vector.evidence);
  const files = change.files ?? vector.files, policy = encodeUtf8(vector.policy);
  const checked = checkWithDetails(data, parsePolicy(policy), { instant: parseInstant(vector.instant), maxAge: BigInt(vector.max_age), files });
  const root = new Element("div");
  const context = {
    words, details: checked.details, file: { name, size: data.length, sha256: toHex(sha256(data)) },
    policy: { sha256: toHex(sha256(policy)), name: null }, compared: files.map((digest) => ({ name: "picture.png", sha256: digest })), ...change,
  };
  showAnswer(root, checked.verdict, context);
  return { root, context, verdict: checked.verdict, brief: briefly(checked.verdict, context) };
}

const banner = (root) => root.children[0];

for (const name of readdirSync(VECTORS).sort()) {
  for (const words of catalogues) {
    test(`${name} in ${words.name}`, () => {
      const { root, brief, context } = shown(name, words);
      assert.match(banner(root).class, new RegExp(`^verdict ${brief.tone}$`));
      assert.equal(root.named("h1").length, 1);
      assert.equal(root.named("h1")[0].textContent, brief.sentence.replaceAll(/[\u2068\u2069]/g, ""));
      assert.doesNotMatch(root.textContent, NEVER);
      assert.equal(root.named("script").length + root.named("style").length, 0);
      const ids = root.all().map((one) => one.attributes.get("id")).filter((id) => id);
      assert.deepEqual(ids, [...new Set(ids)]);
      for (const one of root.all().filter((each) => each.attributes.has("aria-labelledby"))) assert.ok(ids.includes(one.attributes.get("aria-labelledby")));
      assert.ok(root.textContent.replaceAll(" ", "").includes(context.file.sha256), "the file's SHA-256 is not there");
      if (!name.startsWith("verdict-")) assert.ok(brief.tone === "mis" || brief.tone === "unk", "of a file that is not valid nothing is said");
    });
  }
}

const [english] = catalogues;

test("outcomes never blur", () => {
  const told = (name, change) => shown(name, english, change).brief;
  assert.deepEqual([told("verdict-usage.json").tone, told("verdict-consent.json").tone, told("verdict-claimed.json").tone], ["due", "due", "yes"]);
  assert.equal(told("verdict-few-lists.json").kind, "Cannot be told from this file");
  assert.equal(told("verdict-asset-not-registered.json").kind, "Not registered");
  assert.equal(told("verdict-asset-not-registered.json").tone, "unk");
  const { root } = shown("verdict-now-and-then.json", english);
  assert.match(root.textContent, /Then and now/);
});

test("a picture that is none of those declared is told of, and is not called allowed", () => {
  const { brief, root } = shown("verdict-usage.json", english, { files: ["0".repeat(64)] });
  assert.equal(brief.tone, "no");
  assert.match(brief.sentence, /none of those/);
  assert.match(root.textContent, /picture\.png that you compared is none of them/);
});

test("a name is isolated, and what cannot be seen in it is written out", () => {
  const { context, verdict } = shown("verdict-about-whom-it-is.json", english), [id] = context.details.people.keys();
  for (const party of verdict.get("about").get("parties")) party.set("name", "Anna \u202e gpj.exe");
  const root = new Element("div");
  showAnswer(root, verdict, context);
  const names = root.named("bdi").map((one) => one.textContent);
  assert.ok(id && names.length);
  assert.ok(names.every((one) => !one.includes("\u202e")), names.join());
  assert.ok(names.some((one) => one.includes("\\u{202e}")));
  assert.match(root.textContent, /registrar [0-9a-f]{4} [0-9a-f]{4} [0-9a-f]{4} [0-9a-f]{4}/);
});

test("a record book is shown page by page, and searched", () => {
  const { verdict, context } = shown("verdict-party.json", english);
  const [use] = verdict.get("usages") ?? [];
  assert.ok(use);
  verdict.set("usages", Array.from({ length: 1000 }, (_, place) => new Map(use).set("usage", place.toString(16).padStart(64, "0"))));
  const root = new Element("div"), before = performance.now();
  showAnswer(root, verdict, context);
  assert.ok(performance.now() - before < 1000);
  const uses = root.named("section").find((one) => one.attributes.get("aria-labelledby") === "uses");
  const rows = () => uses.named("ul").find((one) => one.class === "list").children.length;
  assert.equal(rows(), 25);
  uses.named("button")[0].listeners.get("click")();
  assert.equal(rows(), 50);
  const search = uses.named("input")[0];
  search.value = "000003e7";
  search.listeners.get("input")();
  assert.equal(rows(), 1);
  search.value = "nobody";
  search.listeners.get("input")();
  assert.equal(rows(), 0);
  assert.match(uses.textContent, /None of them matches/);
});


test("a consent's uses stand below it, with what was paid for each", () => {
  const { root, context } = shown("verdict-consent.json", english);
  assert.ok(context.details.uses.length > 0);
  const uses = root.named("section").find((one) => one.attributes.get("aria-labelledby") === "uses");
  assert.equal(uses.named("ul").find((one) => one.class === "list").children.length, context.details.uses.length);
  assert.ok(root.named("section").some((one) => one.attributes.get("aria-labelledby") === "ages"));
});
