/** Enrolling by an invitation: a key is made here, copied, its recovery key printed, and what both sign is sent. */

import { parseHex } from "../../base/bytes.js";
import { encode, object } from "../../base/canonical.js";
import { parseInstant } from "../../base/instant.js";
import { httpInstant, now } from "../../page/clock.js";
import { element } from "../../page/dom.js";
import { goBack } from "../back.js";
import { newKey } from "../key.js";
import { unsigned } from "../lockers.js";
import { copySteps, sheetStep } from "../making.js";
import { button, hostOf, moment, note, opening } from "../page.js";
import { saysViews, wholeView } from "../says.js";
import { memberOf, read } from "../send.js";
import { fingerprintOf } from "../sheet.js";
import { partyStatement } from "../statements.js";
import { freshKey, keep } from "../store.js";
import { submissionJson, withSignature } from "../submission.js";
import { NotSent, whyNot } from "../trouble.js";
import { acting, form } from "../unlock.js";

/**
 * @typedef {import("../page.js").Page} Page
 * @typedef {import("../act.js").EnrolAct} EnrolAct
 * @typedef {import("../key.js").OpenKey} OpenKey
 * @typedef {import("../page.js").KeptKey} KeptKey
 * @typedef {import("../../page/dom.js").Child} Child
 * @typedef {{name: string, role: string, until: bigint, ahead: bigint, isPublic: boolean}} Invited `ahead`: seconds of
 *   the registry's clock; `isPublic`: everybody may know the name
 */

/** Roles of houses, whose names are for everybody unless they say otherwise; people have the others. */
const HOUSES = new Set(["agency", "fund", "licensee", "maker", "provider", "sublicensee", "union"]);

/** @param {Page} page @param {EnrolAct} act @returns {Child[]} */
export function enrolViews(page, act) {
  const { words } = page;
  void lookAt(page, act).then((invited) => page.show(welcome(page, act, invited)), (error) => page.show([
    opening(words.say("signing.no_invitation")), note("no", element("p", {}, whyNot(words, error))),
    element("p", { class: "actions" }, button(words.say("signing.back", { registry: hostOf(act.registry) }), () => goBack(act, { status: "cancelled" }))),
  ]));
  return [opening(words.say("signing.enrol_asking", { registry: hostOf(act.registry) }))];
}

/** What the registry says of the invitation. @param {Page} page @param {EnrolAct} act @returns {Promise<Invited>} */
async function lookAt(page, act) {
  const answer = await unsigned("POST", act.registry, "/invitations/look", encode(object({ code: act.invitation })));
  const theirs = httpInstant(answer.headers.get("Date")), said = await read(answer, page);
  const [name, role, until] = ["name", "role", "until"].map((one) => memberOf(said, one));
  if (typeof name !== "string" || typeof role !== "string" || typeof until !== "string" || memberOf(said, "genesis") !== act.genesis) {
    throw new NotSent(page.words.say("signing.other_invitation"), "other_invitation");
  }
  return { name, role, isPublic: HOUSES.has(role), until: parseInstant(until), ahead: theirs === null ? 0n : theirs - now() };
}

/** @param {Page} page @param {EnrolAct} act @param {Invited} invited @returns {Child[]} */
function welcome(page, act, invited) {
  const { words } = page, registry = hostOf(act.registry);
  const field = /** @type {HTMLInputElement} */ (element("input", { type: "text", id: "name", autocomplete: "name", maxlength: 80 }));
  field.value = invited.name;
  const said = element("div", { role: "alert" }), isHouse = HOUSES.has(invited.role);
  const open = /** @type {HTMLInputElement} */ (element("input", { type: "checkbox", id: "public" }));
  open.checked = invited.isPublic;
  return [
    opening(words.say("signing.enrol_title", { registry }), words.say("signing.enrol_lead", { role: words.code("role", invited.role), at: moment(page, invited.until) })),
    element("section", { class: "card bar", "aria-label": words.say("signing.enrol_begin") },
      form(() => {
        const name = field.value.trim();
        if (name) makeKey(page, act, { ...invited, name, isPublic: open.checked });
        else said.replaceChildren(element("p", { class: "err" }, words.say("signing.name_empty")));
      },
      element("div", { class: "field" }, element("label", { for: "name" }, words.say("signing.name")), field,
        element("p", { class: "muted small" }, words.say(isHouse ? "signing.name_house" : "signing.name_says"))),
      ...(isHouse ? [element("div", { class: "ticks" }, element("label", {}, open, " ", words.say("signing.name_public")))] : []),
      said,
      element("p", { class: "actions" }, element("button", { class: "btn go", type: "submit" }, words.say("signing.enrol_begin")),
        button(words.say("signing.not_now"), () => goBack(act, { status: "cancelled" })))),
      element("p", { class: "muted small" }, words.say("signing.of_age"))),
  ];
}

/** Both keys are open from here until they have signed, or the page goes. @param {Page} page @param {EnrolAct} act @param {Invited} invited */
function makeKey(page, act, invited) {
  const key = newKey(), recovery = newKey();
  const forget = () => [key, recovery].forEach((one) => one.forget());
  window.addEventListener("pagehide", forget, { once: true });
  const kept = { ...freshKey(act, key.public), name: invited.name };
  copySteps(page, () => key, { kept, invitation: act.invitation, isLive: false }, (copied) => {
    const submission = partyStatement({ genesis: act.genesis, at: now() + invited.ahead }, { name: invited.name, isPublic: invited.isPublic, role: invited.role, key: key.public, recovery: recovery.public });
    sheetStep(page, recovery, { party: submission.statement.id, name: invited.name }, () => {
      page.show(signViews(page, act, submission, { ...copied, sheet: true }, [key, recovery], forget));
    });
  });
}

/** @param {Page} page @param {EnrolAct} act @param {import("../submission.js").Submission} submission @param {KeptKey} kept @param {readonly OpenKey[]} keys @param {() => void} forget @returns {Child[]} */
function signViews(page, act, submission, kept, keys, forget) {
  const { words } = page, { id } = submission.statement, said = element("div", { role: "alert" }), box = element("div", { class: "stack" });
  const send = async () => {
    const signed = keys.reduce((made, key) => withSignature(made, key.signStatement(made.payload)), submission);
    await read(await unsigned("POST", act.registry, "/invitations/accept", encode(object({ code: act.invitation, submission: submissionJson(signed) }))), page);
    await keep({ ...kept, party: id });
    forget();
    goBack(act, { id, status: "waiting", fingerprint: fingerprintOf(parseHex(kept.public)) });
  };
  box.append(element("p", { class: "actions" }, button(words.say("signing.enrol_send"), () => void acting(page, box, said, send), "btn go")), said);
  return [
    opening(words.say("signing.enrol_sign_title"), words.say("signing.enrol_sign_lead", { registry: hostOf(act.registry) })),
    element("section", { class: "card", "aria-labelledby": "read-out" },
      element("h2", { id: "read-out" }, words.say("signing.read_out")),
      element("p", { class: "groups" }, element("code", {}, fingerprintOf(parseHex(kept.public)))),
      element("p", {}, words.say("signing.read_out_says"))),
    ...saysViews(page, submission, []),
    wholeView(page, submission, []),
    element("section", { class: "card bar", "aria-label": words.say("signing.enrol_send") }, box, element("p", { class: "muted small" }, words.say("signing.once"))),
  ];
}
