/** What would settle an answer that cannot be told, or that is no; who can do it. */

import { numberOf, objectOf, objectsOf, textOf } from "../../evidence/explain.js";
import { element } from "../dom.js";
import { mark } from "../marks.js";
import { lateLines, rolesOf, sum, userOf } from "./outcome.js";
import { card } from "./parts.js";
import { Name, nodes } from "./view.js";

/** @typedef {import("./view.js").View} View */

const MOST = 4;
/** What fails in money is settled by money, a dispute by a ruling; what fails in the terms is past. */
const KEPT = new Set(["unpaid", "not_passed_on", "own_word", "amounts_differ", "disputed", "asset_not_named"]);
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
  const failed = codes("FAIL").map((code) => (code === "overdue" || code === "not_prepaid" ? "unpaid" : KEPT.has(code) ? code : view.question.kind === "consent" ? "renew" : "past"));
  const unknown = codes("UNKNOWN").map((code) => (view.words.has(`view.settle.${code}`) ? code : "other"));
  const ways = [...failed, ...unknown], isSaid = ways.some((way) => way !== "other");
  return ways.filter((way) => way !== "other" || !isSaid);
}

/** @param {View} view @param {string} way */
function sentence(view, way) {
  const paid = objectOf(view.verdict, "paid"), late = lateLines(paid);
  const roles = rolesOf(view), named = ["model", "licensee", "agency"].filter((role) => roles.has(role)).map((role) => view.who(role, roles.get(role)));
  const id = `view.settle.${named.length || way !== "not_disclosed" ? way : "other"}`, template = view.words.template(id, {});
  /** @type {{[name: string]: string | Name | (string | Name)[]}} */
  const values = { amount: view.words.money(sum(late, "outstanding"), textOf(paid, "currency")), user: userOf(view) };
  if (template.includes("{who}")) values.who = named.flatMap((name, place) => (place ? [place === named.length - 1 ? view.words.and : ", ", name] : [name]));
  return element("span", {}, view.words.parts(id, values).flatMap((part) => nodes(Array.isArray(part) ? part : [part])));
}
