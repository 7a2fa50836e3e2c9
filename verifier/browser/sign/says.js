/** What a statement says, as views: a consent as a deal memo, all else member by member; and both, whole, for a second look. */

import { zone } from "../page/clock.js";
import { element } from "../page/dom.js";
import { capital } from "../words/catalogue.js";
import { memoOf, memoTold } from "./memo.js";
import { details, note, withNames } from "./page.js";
import { shown, titleOf } from "./shown.js";

/**
 * @typedef {import("./page.js").Page} Page
 * @typedef {import("./page.js").Told} Told
 * @typedef {import("../page/dom.js").Child} Child
 * @typedef {import("./submission.js").Submission} Submission
 */

/** @param {Page} page @param {Submission} submission @param {readonly Told[]} people @returns {Child[]} */
export function saysViews(page, submission, people) {
  const { words } = page, isConsent = submission.statement.type === "consent";
  if (!isConsent) return [element("article", { class: "card", "aria-labelledby": "says" },
    element("h2", { id: "says" }, words.say("signing.says")), element("p", {}, titleOf(submission.statement, words)), ...groupViews(page, submission, people, false), madeHere(page))];
  return [memoView(page, submission, people), memoNote(page, submission)];
}

/** @param {Page} page */
const madeHere = ({ words }) => element("p", { class: "muted small" }, words.say("signing.made_here"));

/** @param {Page} page @param {Submission} submission @param {readonly Told[]} people */
function memoView(page, submission, people) {
  const { words } = page, memo = memoOf(submission, words);
  return element("article", { class: "card deal-memo", "aria-labelledby": "memo" },
    element("div", {}, element("h2", { id: "memo" }, quiet(memo.title)), madeHere(page)),
    element("p", {}, memo.lead),
    memo.parts.map(({ heading, lines }) => element("section", {},
      element("h3", {}, quiet(heading)),
      element("ul", {}, lines.map(({ text, depth }) => element("li", { class: depth ? "deeper" : undefined }, withNames(text, people)))))));
}

/** Headings of a memo stand in capitals, which two words keep: one all of them, one its first. @param {string} heading */
const quiet = (heading) => capital(heading.toLowerCase()).replace(/\bai\b/g, "AI").replace(/\banda\b/g, "Anda");

/** @param {Page} page @param {Submission} submission */
function memoNote({ words, languages }, submission) {
  const told = memoTold(submission, languages);
  return told === "same" ? null : note(told === "none" ? "" : "late", element("p", {}, words.say(told === "none" ? "signing.no_memo" : "signing.other_memo")));
}

/** @param {Page} page @param {Submission} submission @param {readonly Told[]} people @param {boolean} isWhole with what people do not read first @returns {Child[]} */
function groupViews(page, submission, people, isWhole) {
  const hidden = new Set([page.words.code("member", "id"), page.words.code("member", "registry")]);
  return shown(submission, page.words, zone(), isWhole).map(({ heading, rows }) => element("section", { class: "stack" },
    heading && element("h3", {}, heading),
    element("dl", { class: "facts" }, rows.filter(([label]) => isWhole || heading || !hidden.has(label)).map(([label, text]) => element("div", {},
      element("dt", {}, capital(label)),
      element("dd", {}, isWhole ? ids(text) : withNames(text, people)))))));
}

/** @param {string} text @returns {Child[]} */
const ids = (text) => text.split(/([0-9a-f]{64})/).map((part, place) => (place % 2 ? element("code", {}, part) : part));

/** Everything that is signed, and by which number it is called. @param {Page} page @param {Submission} submission @param {readonly Told[]} people @param {...Child} more */
export function wholeView(page, submission, people, ...more) {
  const { words } = page, { id } = submission.statement;
  return element("section", { class: "card", "aria-label": words.say("signing.details") },
    details(words.say("signing.details"), words.say("signing.details_line"),
      element("dl", { class: "facts" },
        element("div", {}, element("dt", {}, words.say("signing.statement")), element("dd", {}, element("code", {}, id.match(/.{8}/g)?.join(" ") ?? id))), ...more),
      element("p", {}, titleOf(submission.statement, words)),
      ...groupViews(page, submission, people, true)));
}
