/**
 * Answers what the tests of the kernel ask, line by line, so that both implementations say the same: an evidence file with a
 * policy, a history that was drawn at random and never had bytes, a signature, a deal memo, what a submission says, or the
 * sentences of a verdict.
 * Integers of what was parsed come as {"i": "12"}.
 */

import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";

import { parseB64 } from "../base/base64.js";
import { decodeUtf8, encodeUtf8, parseHex } from "../base/bytes.js";
import { encode, parse } from "../base/canonical.js";
import { verify } from "../base/crypto.js";
import { conclude } from "../evidence/conclude.js";
import { explain } from "../evidence/explain.js";
import { present } from "../evidence/paid.js";
import { decisionJson, formatVerdict, verdictOf } from "../evidence/verdict.js";
import { parsePolicy } from "../log/trust.js";
import { renderMemo } from "../memo/render.js";
import { decide } from "../rules/decide.js";
import { ShownRecord } from "../rules/model/record.js";
import { shown, titleOf } from "../sign/shown.js";
import { readSubmission } from "../sign/submission.js";
import { subjects } from "../statements/subjects.js";
import { Catalogue } from "../words/catalogue.js";

/** A record that shows every list but those that are hidden. */
class WholeRecord extends ShownRecord {
  constructor(genesis, hidden) {
    super(genesis, new Map());
    this.all = new Map();
    this.hidden = new Set(hidden);
  }

  add(entry, sections) {
    super.add(entry, sections);
    for (const subject of subjects(entry.statement)) {
      if (this.all.has(subject)) this.all.get(subject).push(entry.index);
      else this.all.set(subject, [entry.index]);
    }
  }

  rows(subject) {
    return this.hidden.has(subject) || this.hidden.has(subject.split(":")[0]) ? null : this.all.get(subject) ?? [];
  }
}

const verdict = ({ evidence, policy, instant, max_age, files, require_audited, by_clock }) => formatVerdict(verdictOf(
  parseB64(evidence), parsePolicy(encodeUtf8(policy)),
  { instant: BigInt(instant), maxAge: BigInt(max_age), files, requireAudited: require_audited, byClock: by_clock },
));

const integers = (_, value) => (value !== null && typeof value === "object" && "i" in value ? BigInt(value.i) : value);

function histories({ genesis, entries, hidden, questions, facts }) {
  const record = new WholeRecord(genesis, hidden);
  for (const { index, logged, statement, signers, sections } of entries) {
    record.add({ index: Number(index), logged, statement, signers: new Set(signers) }, new Map(Object.entries(sections)));
  }
  const { instant, as_of: asOf, basis, rules, max_age: maxAge, require_audited: requireAudited = false, by_clock: byClock = false } = facts;
  const known = { instant, asOf, basis, rules, maxAge, requireAudited, byClock, files: [] };
  // Without faults, which are those of the entries that a file shows.
  return encode(questions.map((question) => present({ ...decisionJson(decide(record, question, known).decision), faults: null })));
}

const catalogues = new Map();

function catalogue(language) {
  if (!catalogues.has(language)) {
    catalogues.set(language, new Catalogue(JSON.parse(readFileSync(new URL(`../../words/${language}.json`, import.meta.url), "utf8"))));
  }
  return catalogues.get(language);
}

function explained({ verdict, language }) {
  const parsed = parse(encodeUtf8(verdict), 1 << 28), isInvalid = parsed.get("outcome") === "invalid";
  return JSON.stringify({ paragraphs: explain(parsed, catalogue(language)), conclusion: isInvalid ? "invalid" : conclude(parsed) });
}

const memo = ({ memo: { consent, sections }, language }) => JSON.stringify(decodeUtf8(renderMemo(consent, sections, catalogue(language))));

/** Numbers, amounts, times and lists as a language writes them. */
function written({ written: { numbers, amounts, times, lists }, language }) {
  const words = catalogue(language);
  return JSON.stringify([
    numbers.map((n) => words.number(n)), amounts.map(([amount, currency]) => words.money(amount, currency)),
    times.map(([at, offset, name]) => [words.moment(at, { offset, name }), words.date(at, { offset, name })]),
    lists.map((items) => words.listed(items)),
  ]);
}

/** What `registry sign` prints of a submission: a line for each thing that it says. */
function shownLines({ submission, language }) {
  const words = catalogue(language), read = readSubmission(parse(encodeUtf8(submission), 1 << 20)), lines = [titleOf(read.statement, words)];
  for (const { heading, rows } of shown(read, words)) {
    if (heading) lines.push(heading);
    for (const [label, text] of rows) {
      const [first, ...more] = text.split("\n");
      lines.push(`  ${label.padEnd(22)} ${first}`, ...more.map((line) => `  ${"".padEnd(22)} ${line}`));
    }
  }
  return JSON.stringify(lines.join("\n"));
}

/** What is asked by which member. */
const ANSWERS = {
  submission: shownLines,
  written,
  memo,
  signature: (asked) => String(verify(parseHex(asked.key), parseHex(asked.message), parseHex(asked.signature))),
  evidence: (asked) => decodeUtf8(verdict(asked)),
  language: explained,
  questions: (asked) => decodeUtf8(histories(asked)),
};

for await (const line of createInterface({ input: process.stdin })) {
  let said;
  try {
    const asked = JSON.parse(line, integers);
    said = Object.entries(ANSWERS).find(([member]) => member in asked)[1](asked);
  } catch (error) {
    said = `crash: ${String(error.stack).replaceAll("\n", " | ")}`;
  }
  process.stdout.write(`${said}\n`);
}
