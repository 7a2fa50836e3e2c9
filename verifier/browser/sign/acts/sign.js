/** Signing: who has signed, what it says, and last the gesture; then what becomes of it. */

import { element } from "../../page/dom.js";
import { mark } from "../../page/marks.js";
import { kindName } from "../../rules/standing/kinds.js";
import { goBack } from "../back.js";
import { heardOf } from "../heard.js";
import { checkLive } from "../liveness.js";
import { checkNames } from "../names.js";
import { hostOf, keyDigits, moment, note, opening, person, calledName, button } from "../page.js";
import { saysViews, wholeView } from "../says.js";
import { sendSteps } from "../send.js";
import { titleOf } from "../shown.js";
import { isPerson, mayBeAsked, signersOf } from "../signers.js";
import { copies } from "../store.js";
import { withSignature } from "../submission.js";
import { fittingKeys, gesture } from "../unlock.js";
import { stepFacts } from "./request.js";

/**
 * @typedef {import("../page.js").Page} Page
 * @typedef {import("../act.js").SignAct} SignAct
 * @typedef {import("../../page/dom.js").Child} Child
 */

/** @param {Page} page @param {SignAct} act @returns {Child[]} */
export function signViews(page, act) {
  const { words } = page, { submission, people, party } = act;
  const heard = heardOf(page, submission), own = fittingKeys(page).map((key) => factOf(words.say("signing.your_key"), keyDigits(key.public)));
  return [
    opening(headline(page, act), words.say("signing.lead")),
    whoView(page, act),
    ...saysViews(page, submission, people),
    wholeView(page, submission, people, ...(party ? [factOf(words.say("signing.you"), party)] : []), ...own),
    copiesNote(page),
    !mayBeAsked(submission, party) ? note("no", element("p", {}, words.say("signing.not_asked")), element("p", { class: "actions" },
      button(words.say("signing.back", { registry: hostOf(act.registry) }), () => goBack(act, { id: submission.statement.id, status: "refused" })))) : element("section", { class: "card bar", "aria-label": words.say("signing.sign") },
      element("p", {}, element("b", {}, headline(page, act))),
      element("ul", { class: "plain" }, act.steps.map((step) => element("li", {}, words.say(`signing.request.${step.name}`, { registry: hostOf(act.registry) }), stepFacts(page, act, step, submission.statement.id)))),
      heard?.view,
      gesture(page, { verb: words.say("signing.sign"), check: heard?.check, extra: button(words.say("signing.not_now"), () => goBack(act, { id: submission.statement.id, status: "cancelled" })), done: async (key) => {
        await checkLive(page, key, party);
        await checkNames(page, key, people);
        const signed = withSignature(submission, key.signStatement(submission.payload));
        const outcome = await sendSteps(page, key, act.steps, signed);
        goBack(act, { id: submission.statement.id, ...outcome });
      } }),
      element("p", { class: "muted small" }, words.say("signing.once"))),
  ];
}

/** What is asked, with a name. @param {Page} page @param {SignAct} act */
function headline({ words }, { submission: { statement }, people, party }) {
  const { model, licensee, maker } = statement.parties ?? {};
  const isHers = statement.type === "consent" && model === party, other = statement.type === "consent" && statement.act === "create" ? maker : licensee;
  const name = isHers && other ? calledName(people, other) : null;
  const title = `draft_title.${statement.type === "consent" || statement.type === "revocation" ? kindName(statement).replace(" ", "_") : statement.type}`;
  if (statement.type !== "consent" || name === null) return words.has(title) ? words.say(title) : titleOf(statement, words);
  return words.say(statement.act === "use" ? "signing.asks_use" : "signing.asks_create", { who: name });
}

/** @param {string} term @param {string} value */
const factOf = (term, value) => element("div", {}, element("dt", {}, term), element("dd", {}, element("code", {}, value)));

/** @param {Page} page @param {SignAct} act */
function whoView(page, { submission, people, party, registry }) {
  const { words } = page, signers = signersOf(submission, party, people), said = people.some(({ name, signed }) => name !== undefined || signed !== undefined);
  return element("section", { class: "card", "aria-labelledby": "who" },
    element("h2", { id: "who" }, words.say("signing.who")),
    element("ol", { class: "line" }, signers.map(({ party: one, role, signed, isOwn }) => element("li", { class: signed === null ? "due" : "yes" },
      mark(signed === null ? "due" : "yes"),
      person(people, one, role === "signer" ? words.say("signing.you") : isOwn ? words.say("signing.you_as", { role: words.code("role", role) }) : words.code("role", role), isPerson(role)),
      element("br"),
      element("span", { class: "small" }, signed === null ? words.say("signing.not_yet") : words.say("signing.signed_at", { at: moment(page, signed) }))))),
    submission.signatures.length > 0 && element("p", { class: "small" }, words.say("signing.signatures_on_it", { n: submission.signatures.length })),
    said && element("p", { class: "muted small" }, words.say("signing.names_are_told", { registry: hostOf(registry) })));
}

/** Never one copy only: it is said until there is a second. @param {Page} page */
export function copiesNote(page) {
  const { words } = page, key = fittingKeys(page)[0];
  if (!key || copies(key) > 1) return null;
  return note("late", element("p", {}, words.say("signing.one_copy")));
}
