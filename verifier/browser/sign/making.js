/** What is done with a key that was just made: copies of it, and the sheet with the recovery key; the page holds both until then. */

import { element } from "../page/dom.js";
import { now, zone } from "../page/clock.js";
import { GOOD_STRENGTH, MIN_STRENGTH, strength } from "./guessable.js";
import { formatKeyFile, MIN_PASSPHRASE } from "./key_file.js";
import { copyUnderPasskey } from "./lockers.js";
import { button, hostOf, keyDigits, note, opening } from "./page.js";
import { hasPasskeys } from "./passkey.js";
import { writeSheet } from "./sheet.js";
import { copies, keep } from "./store.js";
import { NotSent } from "./trouble.js";
import { acting, form, passphraseField } from "./unlock.js";

/**
 * @typedef {import("./page.js").Page} Page
 * @typedef {import("./page.js").KeptKey} KeptKey
 * @typedef {import("./key.js").OpenKey} OpenKey
 * @typedef {import("../page/dom.js").Child} Child
 * @typedef {{kept: KeptKey, invitation?: string | undefined, isLive: boolean}} Copied `isLive`: the registry takes the key's own word
 */

/** Ways to make one more copy of an open key; each told when it is made. @param {Page} page @param {() => OpenKey} key @param {Copied} about @param {(kept: KeptKey) => void} made */
export function copyWays(page, key, about, made) {
  const { words } = page, said = element("div", { role: "alert" }), box = element("div", { class: "stack" });
  const run = (/** @type {() => Promise<KeptKey>} */ make) => void acting(page, box, said, async () => {
    const kept = await make();
    await keep(kept);
    made(kept);
  });
  const { kept } = about, act = /** @type {import("./act.js").Act} */ (page.act), canPasskey = hasPasskeys() && (about.isLive || about.invitation !== undefined);
  box.append(...[
    canPasskey && element("div", { class: "stack" },
      element("h2", {}, words.say("signing.copy_passkey")), element("p", {}, words.say("signing.copy_passkey_says", { registry: hostOf(act.registry) })),
      element("p", { class: "actions" }, button(words.say("signing.make_passkey"), () => run(async () => {
        const known = kept.passkeys.map(({ credential }) => credential).filter((id) => id);
        const copy = await copyUnderPasskey(page, act, key(), { name: kept.name || keyDigits(kept.public), known, ...(about.invitation === undefined ? {} : { invitation: about.invitation }) });
        return { ...kept, passkeys: [...kept.passkeys, copy] };
      }), "btn go"))),
    kept.locked === null && passphraseWay(page, "signing.copy_device", "signing.copy_device_says", "signing.keep_here", canPasskey, (passphrase) => run(async () => (
      { ...kept, locked: await formatKeyFile(key(), checked(page, passphrase), page.derive) }))),
    passphraseWay(page, "signing.copy_file", "signing.copy_file_says", "signing.save_file", true, (passphrase) => run(async () => {
      save(`kembar-${kept.public.slice(0, 8)}.key`, await formatKeyFile(key(), checked(page, passphrase), page.derive));
      return { ...kept, file: true };
    })),
    said,
  ].filter((one) => one instanceof Node));
  return box;
}

/** @param {Page} page @param {[string, string]} passphrase twice */
function checked({ words }, [first, second]) {
  if (first.length < MIN_PASSPHRASE) throw new NotSent(words.say("signing.short_passphrase", { n: MIN_PASSPHRASE }), "short");
  if (strength(first) < MIN_STRENGTH) throw new NotSent(words.say("signing.common_passphrase"), "common");
  if (first !== second) throw new NotSent(words.say("signing.unlike_passphrases"), "unlike");
  return first;
}

/** @param {Page} page @param {string} title @param {string} says @param {string} verb @param {boolean} isFolded @param {(passphrase: [string, string]) => void} act */
function passphraseWay(page, title, says, verb, isFolded, act) {
  const { words } = page, first = passphraseField(page, words.say("signing.new_passphrase"), "new-password"), second = passphraseField(page, words.say("signing.passphrase_again"), "new-password");
  const meter = /** @type {HTMLMeterElement} */ (element("meter", { max: 2 * GOOD_STRENGTH, low: MIN_STRENGTH, high: GOOD_STRENGTH, optimum: 2 * GOOD_STRENGTH }));
  first.view.append(element("label", { class: "small" }, words.say("signing.strength"), " ", meter));
  first.view.addEventListener("input", () => { meter.value = strength(first.value()); });
  const fields = form(() => act([first.value(), second.value()]), element("p", {}, words.say(says)), first.view, second.view,
    element("p", { class: "actions" }, element("button", { class: isFolded ? "btn" : "btn go", type: "submit" }, words.say(verb))));
  if (!isFolded) return element("div", { class: "stack" }, element("h2", {}, words.say(title)), fields);
  return element("details", { class: "proof" }, element("summary", {}, element("span", {}, element("b", {}, words.say(title)))), fields);
}

/** @param {string} name @param {string} text */
function save(name, text) {
  const url = URL.createObjectURL(new Blob([text], { type: "application/json" }));
  element("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

/** First a copy, then a second: each step on a page of its own. @param {Page} page @param {() => OpenKey} key @param {Copied} about @param {(kept: KeptKey) => void} done */
export function copySteps(page, key, about, done) {
  const { words } = page, count = copies(about.kept);
  page.show([
    opening(words.say(count === 0 ? "signing.first_copy" : "signing.second_copy"), words.say(count === 0 ? "signing.first_copy_says" : "signing.second_copy_says")),
    element("section", { class: "card", "aria-label": words.say("signing.copies") },
      copyWays(page, key, about, (kept) => (copies(kept) < 2 ? copySteps(page, key, { ...about, kept }, done) : done(kept)))),
    count > 0 && element("p", { class: "actions" }, button(words.say("signing.copy_later"), () => done(about.kept))),
  ]);
}

/** The sheet, to be printed; whoever goes on shows that she has it. @param {Page} page @param {OpenKey} recovery @param {{party: string, name: string}} whose @param {() => void} done */
export function sheetStep(page, recovery, { party, name }, done) {
  const { words } = page, act = /** @type {import("./act.js").Act} */ (page.act), written = writeSheet(recovery.seed), last = written.slice(-4);
  const said = element("div", { role: "alert" });
  const field = /** @type {HTMLInputElement} */ (element("input", { type: "text", id: "last-group", autocomplete: "off", autocapitalize: "characters", spellcheck: "false", maxlength: 8 }));
  page.show([
    opening(words.say("signing.sheet_title"), words.say("signing.sheet_lead")),
    element("section", { class: "card sheet", "aria-labelledby": "sheet" },
      element("h2", { id: "sheet" }, words.say("signing.sheet")),
      element("p", {}, words.say("signing.sheet_says")),
      element("p", { class: "groups" }, element("code", {}, written)),
      element("dl", { class: "facts" },
        fact(words.say("signing.sheet_who"), name), fact(words.say("signing.sheet_where"), act.registry),
        fact(words.say("signing.sheet_party"), element("code", {}, party.match(/.{8}/g)?.join(" ") ?? party)),
        fact(words.say("signing.sheet_made"), words.time("view.date", now(), zone()))),
      element("p", { class: "small" }, words.say("signing.sheet_how", { address: new URL("/keys/lost", act.registry).href }))),
    element("section", { class: "card bar", "aria-label": words.say("signing.sheet_have") },
      element("p", { class: "actions" }, button(words.say("signing.print"), () => window.print(), "btn go")),
      form(() => {
        if (field.value.trim().toUpperCase() === last) done();
        else said.replaceChildren(element("p", { class: "err" }, words.say("signing.sheet_other")));
      },
      element("div", { class: "field" }, element("label", { for: "last-group" }, words.say("signing.sheet_last")), field), said,
      element("p", { class: "actions" }, element("button", { class: "btn", type: "submit" }, words.say("signing.go_on"))))),
    note("", element("p", {}, words.say("signing.sheet_only"))),
  ]);
}

/** @param {string} term @param {Child} value */
export const fact = (term, value) => element("div", {}, element("dt", {}, term), element("dd", {}, value));
