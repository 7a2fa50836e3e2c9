/** A10: when a consent's term runs: from `starts` to `ends`, or with `run` as long from the first use on. */

import { addMonths, DAY } from "../../base/instant.js";
import { holds, Unread } from "../model/context.js";
import { always, during, FOREVER, least, most } from "../model/results.js";

/**
 * @typedef {import("../model/context.js").Context} Context
 * @typedef {import("./case.js").ConsentEntry} ConsentEntry
 * @typedef {import("./case.js").UseTerms} UseTerms
 */
/**
 * A term that ends for the `entries`. From `unsure` on it cannot be told whether it has ended, for the reason `code`.
 * @typedef {{starts: bigint, ends: bigint, entries: readonly number[], unsure: bigint, code: string}} Run
 */

/** @param {import("./case.js").UsageCase} usageCase */
export function judgeTerm(usageCase) {
  const { window, usage, doubt } = usageCase;
  if (!window) return [always("UNKNOWN", usageCase.windowCode, usage.index)];
  const terms = usageCase.allowed, consent = usageCase.consent.index;
  if (terms.starts >= terms.ends) return [always("UNKNOWN", "bad_terms", consent)];
  const run = runOf(usageCase.context, usageCase.consent, terms);
  const sellOff = !terms.run && usage.logged < terms.ends ? terms.sell_off ?? 0n : 0n;
  const ends = run.ends + sellOff;
  return [
    during(-FOREVER + 1n, terms.starts, "FAIL", "not_started", consent),
    during(terms.starts, ends, "PASS", "ok", consent),
    during(ends, FOREVER, "FAIL", "expired", consent, ...run.entries),
    ...(run.unsure < ends ? [during(run.unsure, ends, "UNKNOWN", run.code, consent, ...run.entries)] : []),
    ...(doubt ? [always("UNKNOWN", doubt.code, ...doubt.entries)] : []),
  ];
}

/**
 * The term of a consent. The clock of `run` is the declared `starts` of the first good usage in log order; a usage that
 * runs backwards starts none.
 * @param {Context} context @param {ConsentEntry} consent @param {UseTerms} terms @returns {Run}
 */
export function runOf(context, consent, terms) {
  const { starts, ends, run } = terms;
  if (!run) return { starts, ends, entries: [], unsure: FOREVER, code: "ok" };
  return context.recall(`run ${consent.index}`, () => {
    const endOf = (/** @type {bigint} */ from) =>
      least(ends, run.months !== undefined ? addMonths(from, Number(run.months)) : from + (run.days ?? 0n) * DAY);
    let earliest = ends, why = "ok";
    /** @type {readonly number[]} */
    let behind = [];
    for (const clock of clocks(context, consent)) {
      const end = endOf(most(starts, clock.starts));
      if (clock.code === "ok" && why === "ok") return { starts, ends: end, entries: clock.entries, unsure: FOREVER, code: "ok" };
      if (end < earliest) {
        earliest = end;
        behind = clock.entries;
      }
      if (why === "ok") why = clock.code;
    }
    return { starts, ends, entries: behind, unsure: earliest < ends ? earliest : FOREVER, code: why };
  });
}

/** The ids of a consent and of those that it replaced, whose units count on. @param {Context} context @param {ConsentEntry} consent @returns {string[]} */
export function replacedIds(context, consent) {
  const ids = [consent.statement.id];
  for (let at = consent; at.statement.replaces;) {
    const id = at.statement.replaces;
    ids.push(id);
    const [older] = context.named(`consent:${id}`, id, at.index);
    if (!holds(older, "consent")) break;
    at = older;
  }
  return ids;
}

/**
 * The starts of all usages that may be the first, up to one that surely is, and why any other may not be.
 * @param {Context} context @param {ConsentEntry} consent
 * @returns {Iterable<{starts: bigint, code: string, entries: readonly number[]}>}
 */
function* clocks(context, consent) {
  const lists = replacedIds(context, consent).map((id) => context.record.rows(`uses:${id}`));
  if (lists.includes(null)) {
    yield { starts: -FOREVER, code: "list_missing", entries: [] };
    return;
  }
  for (const index of lists.flatMap((rows) => rows ?? []).sort((a, b) => a - b)) {
    const usage = context.record.entry(index);
    if (!holds(usage, "usage")) continue;
    const { standing, code } = context.standing(usage);
    if (standing === "void") continue;
    const use = context.section(usage, "terms");
    if (use instanceof Unread) {
      yield { starts: -FOREVER, code: use.code, entries: use.entries.length ? use.entries : [index] };
      return;
    }
    const { starts, ends } = /** @type {import("./case.js").UsageTerms} */ (use);
    if (starts >= ends) continue;
    yield { starts, code: standing === "doubtful" ? code : "ok", entries: [index] };
    if (standing === "good") return;
  }
}
