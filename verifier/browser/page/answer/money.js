/** The money, payee by payee: what is due to whom, what came in, and how late the rest is. */

import { numberOf, objectsOf, owesNothing, textOf } from "../../evidence/explain.js";
import { capital } from "../../words/catalogue.js";
import { element } from "../dom.js";
import { countedOnce, sum } from "./outcome.js";
import { badge, card, table } from "./parts.js";
import { person } from "./person.js";

/**
 * @typedef {import("./view.js").View} View
 * @typedef {import("../../base/canonical.js").JsonObject} JsonObject
 */

const DAY = 86_400n;

/** @param {View} view @param {JsonObject | undefined} paid */
export function moneyCard(view, paid) {
  const heading = view.say("view.money");
  if (!paid) return card("money", heading, element("p", {}, view.say("view.no_money")));
  const lines = objectsOf(paid, "payees").filter((line) => !owesNothing(line) && !isEmpty(line)), currency = textOf(paid, "currency");
  if (!lines.length) return card("money", heading, element("p", {}, view.say(textOf(paid, "answer") !== "PAID" ? "view.owed.unknown" : view.question.kind === "consent" ? "view.nothing_owed_itself" : "view.nothing_owed")));
  const isAgency = lines.some((line) => textOf(line, "leg") === "from_agency");
  return card("money", heading, owedTable(view, lines, countedOnce(paid), currency), isAgency && element("p", { class: "muted small" }, view.say("view.once")));
}

/** A line on which nothing is due and nothing came. @param {JsonObject} line */
function isEmpty(line) {
  return textOf(line, "answer") === "PAID" && !numberOf(line, "due") && !numberOf(line, "received");
}

/** @param {View} view @param {readonly JsonObject[]} lines @param {readonly JsonObject[]} counted in the sums @param {string | undefined} currency */
function owedTable(view, lines, counted, currency) {
  const { words } = view, caption = currency ? view.say("view.owed_in", { currency }) : view.say("view.owed_plain");
  const columns = [
    { text: view.say("view.to") }, { text: view.say("view.share"), look: "num" },
    { text: view.say("view.came_in"), look: "num" }, { text: view.say("view.due"), look: "st" },
  ];
  const rows = lines.map((line) => [
    person(view, roleOf(view, textOf(line, "payee") ?? ""), textOf(line, "payee") ?? "", lineNote(view, line)),
    words.figures(numberOf(line, "due"), currency), words.figures(numberOf(line, "received"), currency), due(view, line),
  ]);
  const owed = sum(counted, "outstanding");
  const totals = [
    [view.say("view.in_all"), words.figures(sum(counted, "due"), currency), words.figures(sum(counted, "received"), currency), ""],
    ...(owed ? [[view.say("view.still_owed"), "", words.figures(owed, currency), ""]] : []),
  ];
  return table(caption, columns, rows, totals);
}

/** What a payee is besides: the model, her agency. @param {View} view @param {string} id */
export function roleOf(view, id) {
  for (const { parties } of view.context.details?.items.values() ?? []) {
    const found = Object.entries(parties).find(([role, party]) => role !== "payees" && party === id);
    if (found) return found[0];
  }
  return "payee";
}

/** @param {View} view @param {JsonObject} line */
function lineNote(view, line) {
  const leg = textOf(line, "leg"), parts = [];
  if (leg !== "direct") parts.push(view.say(`leg.${leg}`));
  if (textOf(line, "of") === "consent") parts.push(view.say("view.for_consent"));
  return parts.join("; ");
}

/** How a line stands, as a badge, and beneath it the day. @param {View} view @param {JsonObject} line */
export function due(view, line) {
  const at = view.instantOf(line, "due_at"), late = numberOf(line, "days_late");
  return element("span", {}, dueBadge(view, textOf(line, "answer"), at, late), at !== null && [element("br"), element("small", { class: "muted" }, view.date(at))]);
}

/** @param {View} view @param {string | undefined} answer @param {bigint | null} at @param {number} late days */
function dueBadge(view, answer, at, late) {
  if (answer === "PAID") return badge("yes", view.say("view.paid"));
  if (answer === "CANNOT_TELL") return badge("unk", view.say("view.unknown"));
  if (late) return badge("late", capital(view.say("days_late", { n: late })));
  if (answer === "NOT_PAID") return badge("late", view.say("view.not_paid"));
  if (at === null) return badge("due", view.say("view.not_due"));
  const days = (at - view.instant + DAY - 1n) / DAY;
  return badge("due", days > 0n ? view.say("view.due_in", { n: days }) : view.say("view.due_today"));
}
