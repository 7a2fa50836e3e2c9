/** The answer, for people: first one sentence and a mark, then what it is about, then why, then the proof. */

import { numberOf, objectOf, objectsOf, textOf } from "../../evidence/explain.js";
import { element } from "../dom.js";
import { mark } from "../marks.js";
import { bookCards, consentBookCards } from "./book.js";
import { checksCard, remarksCard } from "./checks.js";
import { moneyCard } from "./money.js";
import { outcomeOf } from "./outcome.js";
import { card, fact } from "./parts.js";
import { limitsCard, policyOf, proofCard } from "./proof.js";
import { settleCard } from "./settle.js";
import { timeCard } from "./time.js";
import { compared, thenCard, useCard } from "./use.js";
import { nodes, plain, View } from "./view.js";

/**
 * @typedef {import("../../base/canonical.js").JsonObject} JsonObject
 * @typedef {import("./view.js").Context} Context
 * @typedef {{tone: import("./outcome.js").Tone, kind: string, sentence: string}} Brief
 */

/** The step that asks whose log it is; what fails before it cannot be read. */
const LOG_STEP = 5;

/** In one line, for lists and for a screen reader. @param {JsonObject} verdict @param {Context} context @returns {Brief} */
export function briefly(verdict, context) {
  const { tone, kind, sentence } = outcomeOf(new View(verdict, context));
  return { tone, kind, sentence: plain(sentence) };
}

/** @param {HTMLElement} root empty @param {JsonObject} verdict @param {Context} context */
export function showAnswer(root, verdict, context) {
  const view = new View(verdict, context), outcome = outcomeOf(view);
  const middle = textOf(verdict, "outcome") === "invalid" ? [settleCard(view)] : cards(view, outcome.tone);
  const parts = [banner(view, outcome), ...middle, limitsCard(view), proofCard(view)];
  root.append(...parts.filter((part) => part !== null));
}

/** @param {View} view @param {import("./outcome.js").Outcome} outcome */
function banner(view, { tone, kind, sentence }) {
  const at = view.instantOf(objectOf(view.verdict, "as_of"), "at"), policy = policyOf(view);
  const rests = at === null ? view.words.parts("view.under", { policy }) : view.words.parts("view.as_of", { at: view.moment(at), policy });
  return element("section", { class: `verdict ${tone}`, "aria-labelledby": "answer" }, mark(tone),
    element("div", {},
      element("p", { class: "kind" }, kind),
      element("h1", { id: "answer", tabindex: -1 }, nodes(sentence)),
      why(view, tone).map((line) => element("p", {}, line)),
      view.context.file.isPdf ? element("p", {}, view.say("explain.pdf_text")) : null,
      element("p", { class: "small" }, rests.flatMap((part) => nodes(Array.isArray(part) ? part : [part])))));
}

/** The reason that decided, in a sentence. @param {View} view @param {string} tone @returns {string[]} */
function why(view, tone) {
  const { verdict, question } = view, answer = textOf(verdict, "answer");
  if (textOf(verdict, "outcome") === "invalid") return numberOf(verdict, "step") < LOG_STEP ? [view.say("view.unreadable_why")] : [];
  if (question.kind === "asset") {
    if (answer === "NOT_REGISTERED") return [view.say("view.asset.no_why")];
    return tone === "yes" ? [view.say("view.asset.yes_why")] : [];
  }
  const result = tone === "no" ? "FAIL" : tone === "unk" ? "UNKNOWN" : "";
  const row = objectsOf(verdict, "rules").find((one) => textOf(one, "result") === result);
  return [...(row ? [view.say(`code.${textOf(row, "code")}`)] : []), ...(tone === "no" ? [view.say("view.genuine")] : [])];
}

/** What stands between the answer and its limits. @param {View} view @param {string} tone */
function cards(view, tone) {
  const { verdict, question: { kind, ask } } = view, settle = tone === "no" || tone === "unk" ? settleCard(view) : null;
  const then = verdict.has("then") ? thenCard(view) : null;
  if (kind === "party") return [settle, ...bookCards(view), checksCard(view), ...remarksCard(view)];
  if (kind === "asset") return [assetCard(view), settle, checksCard(view), ...remarksCard(view)];
  const money = verdict.has("paid") || (ask === undefined && kind === "usage") ? moneyCard(view, objectOf(verdict, "paid")) : null;
  const book = kind === "consent" ? consentBookCards(view) : [];
  return [settle, then, timeCard(view), useCard(view), money, ...book, checksCard(view), ...remarksCard(view)];
}

/** @param {View} view */
function assetCard(view) {
  return card("use", view.say("view.the_asset"), element("dl", { class: "facts" },
    fact("SHA-256", element("code", {}, (view.question.id.match(/.{1,8}/g) ?? []).join(" "))),
    fact(view.say("view.which_files"), compared(view))));
}
