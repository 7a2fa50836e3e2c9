/** After a loss: the recovery key on the sheet puts a new key, and a new sheet, in the place of the old ones. */

import { encode } from "../../base/canonical.js";
import { isHex64 } from "../../base/bytes.js";
import { Malformed } from "../../base/errors.js";
import { now } from "../../page/clock.js";
import { element } from "../../page/dom.js";
import { goBack } from "../back.js";
import { newKey } from "../key.js";
import { unsigned } from "../lockers.js";
import { copySteps, sheetStep } from "../making.js";
import { button, hostOf, opening } from "../page.js";
import { saysViews, wholeView } from "../says.js";
import { read } from "../send.js";
import { readSheet } from "../sheet.js";
import { recoveringStatement } from "../statements.js";
import { freshKey, keep } from "../store.js";
import { submissionJson, withSignature } from "../submission.js";
import { acting, fittingKeys, form } from "../unlock.js";

/**
 * @typedef {import("../page.js").Page} Page
 * @typedef {import("../act.js").Act} Act
 * @typedef {import("../key.js").OpenKey} OpenKey
 * @typedef {import("../../page/dom.js").Child} Child
 */

/** @param {Page} page @param {Act} act */
export function recoverCard(page, act) {
  const { words } = page, party = act.party ?? fittingKeys(page).find((one) => one.party !== null)?.party ?? null;
  const said = element("div", { role: "alert" }), box = element("div", { class: "stack" });
  const sheet = /** @type {HTMLTextAreaElement} */ (element("textarea", { id: "sheet-key", rows: 3, autocomplete: "off", autocapitalize: "characters", spellcheck: "false" }));
  const who = /** @type {HTMLInputElement} */ (element("input", { type: "text", id: "sheet-party", autocomplete: "off", spellcheck: "false" }));
  const isOpen = act.act === "keys" && (act.why === "sheet" || act.why === "stolen" || act.why === "lost");
  box.append(form(() => void acting(page, box, said, async () => {
    const written = party ?? who.value.replace(/\s/g, "").toLowerCase();
    if (!isHex64(written)) throw new Malformed("not an id", "sheet");
    begin(page, act, written, readSheet(sheet.value));
  }),
  element("div", { class: "field" }, element("label", { for: "sheet-key" }, words.say("signing.sheet_key")), sheet),
  party === null && element("div", { class: "field" }, element("label", { for: "sheet-party" }, words.say("signing.sheet_party")), who),
  element("p", { class: "actions" }, element("button", { class: act.act === "keys" && act.why === "sheet" ? "btn go" : "btn", type: "submit" }, words.say("signing.recover")))), said);
  return element("section", { class: "card", "aria-labelledby": "recover" },
    element("h2", { id: "recover" }, words.say("signing.recover_title")),
    element("p", {}, words.say("signing.recover_says")),
    element("details", { class: "proof", open: isOpen }, element("summary", {}, element("span", {}, element("b", {}, words.say("signing.recover_open")))), box));
}

/** A new key, its copies, its sheet; then all three keys sign. @param {Page} page @param {Act} act @param {string} party @param {OpenKey} old the recovery key of the sheet */
function begin(page, act, party, old) {
  const key = newKey(), recovery = newKey();
  const forget = () => [old, key, recovery].forEach((one) => one.forget());
  window.addEventListener("pagehide", forget, { once: true });
  const known = page.keys.find((one) => one.party === party && one.genesis === act.genesis), kept = { ...freshKey(act, key.public), party, name: known?.name ?? "" };
  copySteps(page, () => key, { kept, isLive: false }, (copied) => sheetStep(page, recovery, { party, name: kept.name }, () => {
    const submission = recoveringStatement({ genesis: act.genesis, at: now() }, { party, key: key.public, recovery: recovery.public });
    page.show(replacingViews(page, act, submission, { lead: "signing.recover_sign_lead", done: "signing.recovered_says" }, async () => {
      const signed = [old, key, recovery].reduce((made, one) => withSignature(made, one.signStatement(made.payload)), submission);
      await read(await unsigned("POST", act.registry, "/entries", encode(submissionJson(signed))), page);
      await keep({ ...copied, sheet: true });
      forget();
    }));
  }));
}

/** What takes the old key's place, read and sent. @param {Page} page @param {Act} act @param {import("../submission.js").Submission} submission @param {{lead: string, done: string}} said ids of sentences @param {() => Promise<void>} send @returns {Child[]} */
export function replacingViews(page, act, submission, { lead, done }, send) {
  const { words } = page, said = element("div", { role: "alert" }), box = element("div", { class: "stack" });
  box.append(element("p", { class: "actions" },
    button(words.say("signing.recover_send"), () => void acting(page, box, said, async () => {
      await send();
      page.show([
        opening(words.say("signing.recovered"), words.say(done)),
        element("p", { class: "actions" }, button(words.say("signing.keys_title"), () => void page.reload(), "btn go"),
          button(words.say("signing.back", { registry: hostOf(act.registry) }), () => goBack(act, { status: "logged", id: submission.statement.id }))),
      ]);
    }), "btn go"),
    button(words.say("signing.not_now"), () => goBack(act, { status: "cancelled" }))), said);
  return [
    opening(words.say("signing.recover_sign_title"), words.say(lead)),
    ...saysViews(page, submission, []),
    wholeView(page, submission, []),
    element("section", { class: "card bar", "aria-label": words.say("signing.recover_send") }, box, element("p", { class: "muted small" }, words.say("signing.once"))),
  ];
}
