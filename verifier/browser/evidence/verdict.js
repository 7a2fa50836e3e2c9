/** The verdict: what a check of an evidence file comes to, and its canonical JSON (protocol, section 7.3). */

import { encode, object } from "../base/canonical.js";
import { formatInstant } from "../base/instant.js";
import { decide } from "../rules/decide.js";
import { aboutJson } from "./about.js";
import { detailsOf } from "./details.js";
import { Invalid, MAX_EVIDENCE } from "./file.js";
import { openEvidence } from "./open.js";
import { paidJson, present } from "./paid.js";

/**
 * @typedef {import("../base/canonical.js").Json} Json
 * @typedef {import("../base/canonical.js").JsonObject} JsonObject
 * @typedef {import("../rules/decide.js").Answers} Answers
 * @typedef {{instant: bigint, maxAge?: bigint, files?: readonly string[], requireAudited?: boolean, byClock?: boolean,
 *   progress?: (done: number, total: number) => void}} Reader
 */

const DEFAULT_MAX_AGE = 86_400n;

/** @param {readonly {code: string, entries: readonly number[]}[]} remarks */
const remarksJson = (remarks) => remarks.map(({ code, entries }) => present({ code, entries: [...entries] }));

/** @param {Answers} found */
function answersJson({ answer, authorised, segments = [], paid }) {
  return {
    answer, authorised,
    segments: segments.map(({ from, to, authorised: word }) => object({ from: formatInstant(from), to: formatInstant(to), authorised: word })),
    paid: paid && paidJson(paid),
  };
}

/**
 * Check an evidence file under a trust policy, and answer its question. Never throws for what is in the file.
 * @param {Uint8Array} evidence
 * @param {import("../log/trust.js").Policy} policy
 * @param {Reader} reader
 * @returns {JsonObject} the verdict, or an invalid outcome
 */
export function verdictOf(evidence, policy, reader) {
  return check(evidence, policy, reader).verdict;
}

/**
 * The same, and what people ask beside it.
 * @param {Uint8Array} evidence
 * @param {import("../log/trust.js").Policy} policy
 * @param {Reader} reader
 * @returns {{verdict: JsonObject, details: import("./details.js").Details | null}} no details of a file that is invalid
 */
export function checkWithDetails(evidence, policy, reader) {
  const { verdict, opened, context } = check(evidence, policy, reader);
  return { verdict, details: opened && context ? detailsOf(opened, context) : null };
}

/**
 * @param {Uint8Array} evidence
 * @param {import("../log/trust.js").Policy} policy
 * @param {Reader} reader
 * @returns {{verdict: JsonObject, opened?: import("./open.js").Opened, context?: import("../rules/model/context.js").Context}}
 */
function check(evidence, policy, reader) {
  const { instant, maxAge = DEFAULT_MAX_AGE, files = [], requireAudited = false, byClock = false, progress = () => {} } = reader;
  let opened;
  try {
    opened = openEvidence(evidence, policy, progress);
  } catch (error) {
    if (!(error instanceof Invalid)) throw error;
    return { verdict: invalidJson(error) };
  }
  const { question, record, asOf, size, basis, rules } = opened;
  const compared = [...new Set(files)].sort();
  const { decision, context } = decide(record, question, { instant, asOf, basis, rules, maxAge, requireAudited, files: compared, byClock });
  const verdict = present({
    outcome: "verdict",
    question: present({ ask: question.ask, consent: question.consent, [question.kind]: question.id }),
    instant: formatInstant(instant),
    as_of: object({ size: Number(size), at: formatInstant(asOf), basis, rules: Number(rules) }),
    files: compared,
    about: aboutJson(context, question),
    ...decisionJson(decision),
  });
  return { verdict, opened, context };
}

/** @param {Invalid} error */
function invalidJson({ step, code, where }) {
  return present({ outcome: "invalid", step, code, where: where || null });
}

/** What a check of a file that is larger than evidence may be comes to, without reading it. @param {number} size in bytes */
export function tooLarge(size) {
  return invalidJson(new Invalid(1, `${size} bytes, at most ${MAX_EVIDENCE} are allowed`));
}

/** What the rules said, for a verdict. @param {import("../rules/decide.js").Decision} decision */
export function decisionJson(decision) {
  return {
    ...answersJson(decision),
    rules: decision.rules.map(({ rule, result, code, entries }) => present({ rule, result, code, entries: [...entries] })),
    usages: (decision.usages ?? []).map((one) => present({ usage: one.usage, ...answersJson(one) })),
    consents: (decision.consents ?? []).map((one) => present({ consent: one.consent, ...answersJson(one) })),
    then: decision.then ? present(answersJson(decision.then)) : null,
    warnings: remarksJson(decision.warnings),
    faults: remarksJson(decision.faults),
  };
}

/** @param {JsonObject} verdict */
export function formatVerdict(verdict) {
  return encode(verdict);
}
