/** Requests that change something at a registry and are no statement: each said in this page's words, with all that it carries. */

import { zone } from "../../page/clock.js";
import { element } from "../../page/dom.js";
import { capital } from "../../words/catalogue.js";
import { goBack } from "../back.js";
import { checkLive } from "../liveness.js";
import { checkNames } from "../names.js";
import { button, hostOf, opening, withNames } from "../page.js";
import { sendSteps } from "../send.js";
import { shownMembers } from "../shown.js";
import { gesture } from "../unlock.js";

/**
 * @typedef {import("../page.js").Page} Page
 * @typedef {import("../act.js").RequestAct} RequestAct
 */

/** @param {Page} page @param {RequestAct} act @returns {import("../../page/dom.js").Child[]} */
export function requestViews(page, act) {
  const { words } = page, registry = hostOf(act.registry);
  const [first] = act.steps, isOne = act.steps.length === 1;
  return [
    opening(isOne && first ? words.say(`signing.request.${first.name}`, { registry }) : words.say("signing.requests", { n: act.steps.length }), words.say("signing.request_lead", { registry })),
    element("section", { class: "card", "aria-labelledby": "asks" },
      element("h2", { id: "asks" }, words.say("signing.request_what")),
      act.steps.map((step) => stepView(page, act, step)),
      act.people.length > 0 && element("p", { class: "muted small" }, words.say("signing.names_are_told", { registry }))),
    element("section", { class: "card bar", "aria-label": words.say("signing.confirm") },
      gesture(page, { verb: words.say("signing.confirm"), extra: button(words.say("signing.not_now"), () => goBack(act, { status: "cancelled" })), done: async (key) => {
        await checkLive(page, key, act.party);
        await checkNames(page, key, act.people);
        goBack(act, await sendSteps(page, key, act.steps, null));
      } }),
      element("p", { class: "muted small" }, words.say("signing.once"))),
  ];
}

/** @param {Page} page @param {RequestAct} act @param {import("../act.js").ActStep} step */
function stepView(page, act, step) {
  return element("div", { class: "stack" },
    element("p", {}, element("b", {}, page.words.say(`signing.request.${step.name}`, { registry: hostOf(act.registry) }))), stepFacts(page, act, step, null));
}

/**
 * What a step carries, all of it but the statement that is signed.
 * @param {Page} page @param {{people: import("../act.js").Told[]}} act @param {import("../act.js").ActStep} step @param {string | null} own the statement's id
 */
export function stepFacts({ words }, { people }, { id, body, carries }, own) {
  const carried = new Map(body instanceof Map ? [...body].filter(([name]) => carries !== "signed" || name !== "submission") : []);
  const rows = [...(id === null || id === own ? [] : [[words.code("member", "of"), id]]), ...shownMembers(carried, words, zone())];
  return rows.length > 0 && element("dl", { class: "facts" }, rows.map(([label = "", text = ""]) => element("div", {},
    element("dt", {}, capital(label)), element("dd", {}, withNames(text, people)))));
}
