/** What would settle an answer that cannot be told, or that is no; who can do it. */

import { numberOf, objectOf, objectsOf, textOf } from "../../evidence/explain.js";
import { element } from "../dom.js";
import { mark } from "../marks.js";
import { countedOnce, rolesOf, sum, userOf } from "./outcome.js";
import { card } from "./parts.js";
import { Name, nodes } from "./view.js";

/** @typedef {import("./view.js").View} View */

const MOST = 4;
/** What fails in money is settled by money; what fails in the terms is past. */
const MONEY = new Set(["unpaid", "not_passed_on", "own_word", "amounts_differ"]);
const STEPS = /** @type {{readonly [step: number]: string}} */ ({ 5: "policy", 6: "witnesses", 9: "proof" });

/** @param {View} view */
export function settleCard(view) {
  const ways = textOf(view.verdict, "outcome") === "invalid" ? [STEPS[numberOf(view.verdict, "step")] ?? "file"] : waysOf(view);
  if (!ways.length) return null;
  const list = [...new Set(ways)].slice(0, MOST).map((way) => element("li", {}, mark("step"), sentence(view, way)));
  return card("settle", view.say("view.settle"), element("ol", { class: "line" }, list));
}

/** @param {View} view @returns {string[]} */
function waysOf(view) {
  const rules = objectsOf(view.verdict, "rules"), codes = (/** @type {string} */ result) => rules.filter((row) => textOf(row, "result") === result).map((row) => textOf(row, "code") ?? "");
  const failed = codes("FAIL").map((code) => (code === "overdue" || code === "not_prepaid" ? "unpaid" : MONEY.has(code) || code === "disputed" ? code : "past"));
  const unknown = codes("UNKNOWN").map((code) => (view.words.has(`view.settle.${code}`) ? code : "other"));
  const hasRest = unknown.some((code) => code !== "other");
  return [...failed, ...unknown.filter((code) => code !== "other" || !hasRest)];
}

/** @param {View} view @param {string} way */
function sentence(view, way) {
  const id = `view.settle.${way}`, template = view.words.template(id, {});
  const paid = objectOf(view.verdict, "paid"), late = countedOnce(paid).filter((line) => textOf(line, "answer") === "NOT_PAID");
  const roles = rolesOf(view), named = ["model", "licensee", "agency"].filter((role) => roles.has(role)).map((role) => view.who(role, roles.get(role)));
  /** @type {{[name: string]: string | Name | (string | Name)[]}} */
  const values = { amount: view.words.money(sum(late, "outstanding"), textOf(paid, "currency")), user: userOf(view) };
  if (template.includes("{who}")) values.who = named.flatMap((name, place) => (place ? [place === named.length - 1 ? view.words.and : ", ", name] : [name]));
  return element("span", {}, view.words.parts(id, values).flatMap((part) => nodes(Array.isArray(part) ? part : [part])));
}
