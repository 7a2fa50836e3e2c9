/** Results of rules: how they are written, combined, and cut into segments (strong Kleene; rules.md, Verdicts). */

import { codeOrder } from "./codes.js";

/**
 * @typedef {"FAIL" | "UNKNOWN" | "PASS" | "NOT_APPLICABLE"} Result in order of precedence
 * @typedef {{rule: string, result: Result, code: string, entries: readonly number[]}} Row
 * @typedef {{code: string, entries: readonly number[]}} Remark
 * @typedef {{from: bigint, to: bigint, authorised: string}} Segment
 */
/**
 * A result that holds in [start, end), POSIX seconds.
 * @typedef {{start: bigint, end: bigint, result: Result, code: string, entries: readonly number[]}} Timed
 */

/** @type {readonly Result[]} */
const RESULTS = ["FAIL", "UNKNOWN", "PASS", "NOT_APPLICABLE"];

/** An end that never comes; beyond every instant of the protocol. */
export const FOREVER = 2n ** 62n;

/** @param {bigint} a @param {...bigint} more */
export const least = (a, ...more) => more.reduce((one, other) => (other < one ? other : one), a);
/** @param {bigint} a @param {...bigint} more */
export const most = (a, ...more) => more.reduce((one, other) => (other > one ? other : one), a);

/** @param {Iterable<Result>} results @returns {Result} */
export function worst(results) {
  const there = new Set(results);
  return RESULTS.find((result) => there.has(result)) ?? "NOT_APPLICABLE";
}

/** @param {Result} result @param {string} code @param {...number} entries @returns {Timed} */
export function always(result, code, ...entries) {
  return { start: -FOREVER, end: FOREVER, result, code, entries };
}

/** @param {bigint} start @param {bigint} end @param {Result} result @param {string} code @param {...number} entries @returns {Timed} */
export function during(start, end, result, code, ...entries) {
  return { start, end, result, code, entries };
}

/**
 * What a rule answers that turns on a section of an entry which this reader cannot read.
 * @param {import("./context.js").Unread} section
 * @param {import("./record.js").Entry} entry
 */
export function unread(section, entry) {
  return always("UNKNOWN", section.code, ...(section.entries.length ? section.entries : [entry.index]));
}

/** Thrown where a rule needs what cannot be read, with its answer; caught where the rule is asked. */
export class CannotJudge extends Error {
  /** @param {Timed} answer */
  constructor(answer) {
    super(answer.code);
    this.answer = answer;
  }
}

/** @param {Timed} timed */
const isTimeless = ({ start, end }) => start === -FOREVER && end === FOREVER;

/**
 * The results that matter to a window: those that hold always, and the overlap of the others.
 * @param {readonly Timed[]} results @param {bigint} start @param {bigint} end @returns {Timed[]}
 */
export function inside(results, start, end) {
  return results.flatMap((timed) => {
    if (isTimeless(timed)) return [timed];
    const a = most(timed.start, start), b = least(timed.end, end);
    return a < b ? [{ ...timed, start: a, end: b }] : [];
  });
}

/**
 * Turn FAIL into UNKNOWN in [start, end): there it cannot be told whether the use still ran.
 * @param {readonly Timed[]} results @param {bigint} start @param {bigint} end @param {string} code
 * @param {readonly number[]} entries @returns {Timed[]}
 */
export function asUnknown(results, start, end, code, entries) {
  return results.flatMap((timed) => {
    const a = most(timed.start, start), b = least(timed.end, end);
    if (timed.result !== "FAIL" || isTimeless(timed) || a >= b) return [timed];
    return [
      ...(timed.start < a ? [{ ...timed, end: a }] : []),
      during(a, b, "UNKNOWN", code, ...entries),
      ...(b < timed.end ? [{ ...timed, start: b }] : []),
    ];
  });
}

/**
 * One row of a verdict: the worst result, its first code in the list of codes, the entries behind that code.
 * @param {string} rule
 * @param {readonly {result: Result, code: string, entries: readonly number[]}[]} results
 * @returns {Row}
 */
export function merge(rule, results) {
  const result = worst(results.map((one) => one.result));
  const ranked = results.filter((one) => one.result === result);
  const code = ranked.map((one) => one.code).sort((a, b) => codeOrder(a) - codeOrder(b))[0] ?? "not_applicable";
  const entries = new Set(ranked.filter((one) => one.code === code).flatMap((one) => one.entries));
  return { rule, result, code, entries: [...entries].sort((a, b) => a - b) };
}

/** A verdict's word for the worst result of its rules. @param {Result} result @param {string} yes @param {string} no */
export function answerOf(result, yes, no) {
  return result === "FAIL" ? no : result === "UNKNOWN" ? "CANNOT_TELL" : yes;
}

/**
 * The window [start, end) cut wherever the answer changes.
 * @param {readonly Timed[]} results
 * @param {bigint} start
 * @param {bigint} end
 * @returns {Segment[]}
 */
export function segmentsOf(results, start, end) {
  const fixed = worst(results.filter(isTimeless).map(({ result }) => result));
  const moving = results.filter((timed) => !isTimeless(timed) && timed.start < timed.end);
  /** @type {Map<bigint, [Result, number][]>} */
  const changes = new Map([[start, []], [end, []]]);
  const change = (/** @type {bigint} */ at, /** @type {Result} */ result, /** @type {number} */ by) => {
    const place = most(at, start);
    if (place > end) return;
    const list = changes.get(place);
    if (list) list.push([result, by]);
    else changes.set(place, [[result, by]]);
  };
  for (const { start: a, end: b, result } of moving) {
    change(a, result, 1);
    change(b, result, -1);
  }
  const running = new Map(RESULTS.map((result) => [result, 0]));
  /** @type {Segment[]} */
  const found = [];
  const marks = [...changes.keys()].sort((a, b) => (a < b ? -1 : 1));
  marks.slice(0, -1).forEach((from, i) => {
    for (const [result, by] of changes.get(from) ?? []) running.set(result, (running.get(result) ?? 0) + by);
    const there = [...running].filter(([, count]) => count > 0).map(([result]) => result);
    const authorised = answerOf(worst([fixed, ...there]), "AUTHORISED", "NOT_AUTHORISED");
    const to = /** @type {bigint} */ (marks[i + 1]);
    const last = found.at(-1);
    if (last?.authorised === authorised) last.to = to;
    else found.push({ from, to, authorised });
  });
  return found;
}
