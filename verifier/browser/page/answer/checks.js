/** What was checked, in six groups, each opened to its reasons; the one that decided stands open. */

import { entriesOf, entryList, objectOf, objectsOf, remarkSentence, textOf } from "../../evidence/explain.js";
import { capital } from "../../words/catalogue.js";
import { element } from "../dom.js";
import { mark } from "../marks.js";
import { countedOnce, sum } from "./outcome.js";
import { card } from "./parts.js";
import { nodes, plain } from "./view.js";

/**
 * @typedef {import("./view.js").View} View
 * @typedef {import("../../base/canonical.js").JsonObject} JsonObject
 */

/** Which rules belong together for people. */
const GROUPS = /** @type {const} */ ([
  ["log", ["T2"]],
  ["signed", ["T6", "T8", "A0", "A1", "A2"]],
  ["force", ["T7", "A4", "A5", "A6", "A10", "A20"]],
  ["terms", ["T4", "A3", "A7", "A8", "A9", "A11", "A12", "A13", "A15", "A16", "A17", "A18", "A19"]],
  ["approved", ["A14"]],
  ["money", ["M1", "M2", "M3", "M4", "M5", "M6", "M7", "M8"]],
]);
const RESULTS = ["FAIL", "UNKNOWN", "PASS"];
const TONES = /** @type {{readonly [result: string]: string}} */ ({ PASS: "yes", FAIL: "no", UNKNOWN: "unk", DUE: "due", NOT_APPLICABLE: "none" });

/** @param {View} view */
export function checksCard(view) {
  const rules = objectsOf(view.verdict, "rules"), isNarrow = view.question.kind === "party" || view.question.kind === "asset";
  const isConsent = view.question.kind === "consent";
  const groups = GROUPS.filter(([group]) => group === "log" || !(isNarrow || (isConsent && group === "approved")))
    .map(([group, ids]) => ({ group: isConsent && group === "terms" ? "form" : group, rows: rules.filter((row) => /** @type {readonly string[]} */ (ids).includes(textOf(row, "rule") ?? "")) }))
    .map(({ group, rows }) => ({ group, rows, result: resultOf(view, group, rows) }))
    .filter(({ group, result }) => view.words.has(`view.check.${group}.${result}`) && isAsked(view, group));
  const deciding = groups.find(({ result }) => result === "FAIL") ?? groups.find(({ result }) => result === "UNKNOWN") ?? groups.find(({ result }) => result === "DUE");
  return card("checks", view.say("view.checks"), element("div", {}, groups.map((one) => groupView(view, one, one === deciding))));
}

/** What was left out of the question is not shown as if it had been checked. @param {View} view @param {string} group */
function isAsked({ question: { ask } }, group) {
  if (group === "money") return ask === undefined || ask === "paid";
  return group === "log" || group === "signed" || ask !== "paid";
}

/** @param {View} view @param {string} group @param {readonly JsonObject[]} rows */
function resultOf(view, group, rows) {
  const found = RESULTS.find((result) => rows.some((row) => textOf(row, "result") === result)) ?? "NOT_APPLICABLE";
  if (group !== "money") return found;
  const paid = objectOf(view.verdict, "paid"), answer = textOf(paid, "answer");
  if (answer === "CANNOT_TELL") return "UNKNOWN";
  if (answer === "NOT_PAID") return "FAIL";
  if (answer === "NOT_YET_DUE") return "DUE";
  return answer === "PAID" && sum(countedOnce(paid), "due") ? "PASS" : "NOT_APPLICABLE";
}

/** @param {View} view @param {{group: string, rows: readonly JsonObject[], result: string}} one @param {boolean} isOpen */
function groupView(view, { group, rows, result }, isOpen) {
  const tone = group === "money" && result === "FAIL" ? "late" : TONES[result] ?? "unk", lines = linesOf(view, group, rows), short = briefly(view, group, rows);
  return element("details", { open: isOpen },
    element("summary", { class: tone }, mark(tone), element("span", {}, element("b", {}, view.say(`view.check.${group}.${result}`)), short)),
    element("ul", {}, lines));
}

/** @param {View} view @param {JsonObject} row */
const title = (view, row) => view.say(`rule.${textOf(row, "rule")}`);

/** One line under the title: what speaks against it, else what there is. @param {View} view @param {string} group @param {readonly JsonObject[]} rows */
function briefly(view, group, rows) {
  const open = rows.find((row) => textOf(row, "result") === "FAIL") ?? rows.find((row) => textOf(row, "result") === "UNKNOWN");
  if (open) return view.say(`code.${textOf(open, "code")}`);
  const { details } = view.context;
  if (group === "log") return details ? view.say("view.shown_short", { n: details.entries }) : "";
  if (group === "money") return moneyBriefly(view);
  if (group === "signed") return signers(view);
  return rows.some((row) => textOf(row, "result") === "PASS") ? view.say(`view.brief.${group}`) : "";
}

/** @param {View} view */
function moneyBriefly(view) {
  const paid = objectOf(view.verdict, "paid"), lines = countedOnce(paid), total = sum(lines, "due");
  const first = lines.filter((line) => textOf(line, "answer") === "NOT_YET_DUE").map((line) => view.instantOf(line, "due_at")).filter((at) => at !== null).sort((a, b) => (a < b ? -1 : 1))[0];
  const amount = view.words.money(total, textOf(paid, "currency"));
  return !total ? "" : first === undefined ? amount : view.say("view.brief.due", { amount, at: view.date(first) });
}

/** Who signed the use and its consent. @param {View} view */
function signers(view) {
  const { details } = view.context, asked = details?.items.get(view.question.id), consent = details?.items.get(asked?.consent ?? "");
  const ids = new Set([...(consent?.signers ?? []), ...(asked?.signers ?? [])]);
  return view.words.listed([...ids].map((id) => plain([view.who(roleOf(consent, id) ?? roleOf(asked, id) ?? "payee", id)])));
}

/** @param {import("../../evidence/details.js").Item | undefined} item @param {string} id */
function roleOf(item, id) {
  return Object.entries(item?.parties ?? {}).find(([role, party]) => role !== "payees" && party === id)?.[0];
}

/** @param {View} view @param {string} group @param {readonly JsonObject[]} rows */
function linesOf(view, group, rows) {
  const lines = rows.filter((row) => ["FAIL", "UNKNOWN"].includes(textOf(row, "result") ?? "")).map((row) => reason(view, row));
  const good = rows.filter((row) => textOf(row, "result") === "PASS");
  lines.push(...good.filter((row) => textOf(row, "code") !== "ok").map((row) => reason(view, row)));
  const plain = good.filter((row) => textOf(row, "code") === "ok").map((row) => title(view, row));
  if (group === "log") lines.push(...logLines(view).map((line) => element("li", {}, line)));
  else if (plain.length) lines.push(element("li", {}, view.say("view.good", { titles: view.words.listed(plain, plain.length) })));
  if (group === "signed") lines.push(...signedLines(view));
  return lines;
}

/** @param {View} view @param {JsonObject} row */
function reason(view, row) {
  const entries = entriesOf(row);
  return element("li", {},
    element("b", {}, `${capital(title(view, row))}: `), view.say(`code.${textOf(row, "code")}`),
    entries.length > 0 && element("small", { class: "muted" }, view.say("explain.resting", { entries: entryList(entries, view.words) })));
}

/** @param {View} view */
function logLines(view) {
  const { details } = view.context, basis = view.say(`basis.${textOf(objectOf(view.verdict, "as_of"), "basis")}`);
  if (!details) return [basis];
  return [view.say("view.shown", { n: details.entries, origin: details.origin }), view.say("view.lists", { n: details.lists }), basis];
}

/** @param {View} view */
function signedLines(view) {
  const { details } = view.context, asked = details?.items.get(view.question.id), consent = details?.items.get(asked?.consent ?? "");
  const items = [...(asked?.type === "usage" ? [{ id: "view.signed_use", item: asked }] : []), ...(consent ? [{ id: "view.signed_consent", item: consent }] : [])];
  return items.filter(({ item }) => item.signers.length).map(({ id, item }) => {
    const names = item.signers.flatMap((party, place) => [...(place ? [", "] : []), view.who(roleOf(item, party) ?? "payee", party)]);
    const parts = view.words.parts(id, { who: names, at: view.moment(item.logged) });
    return element("li", {}, parts.flatMap((part) => nodes(Array.isArray(part) ? part : [part])));
  });
}

/** Warnings and faults: what is worth knowing beside the rules. @param {View} view */
export function remarksCard(view) {
  const groups = /** @type {const} */ ([["warnings", "view.warnings"], ["faults", "view.faults"]]);
  const found = groups.map(([member, heading]) => ({ heading, remarks: objectsOf(view.verdict, member) })).filter(({ remarks }) => remarks.length);
  return found.map(({ heading, remarks }) => card(heading.replace(".", "-"), view.say(heading), element("ul", { class: "list" }, remarks.map((one) => element("li", {}, remarkSentence(one, view.words))))));
}

