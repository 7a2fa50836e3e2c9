/** The keys of this device: which copies there are, and how to make another. */

import { element } from "../../page/dom.js";
import { originOf } from "../act.js";
import { goBack } from "../back.js";
import { formatKeyFile } from "../key_file.js";
import { button, hostOf, keyDigits, note, opening } from "../page.js";
import { copies, drop, keep } from "../store.js";
import { fileForm, fittingKeys } from "../unlock.js";

/**
 * @typedef {import("../page.js").Page} Page
 * @typedef {import("../page.js").KeptKey} KeptKey
 * @typedef {import("../../page/dom.js").Child} Child
 */

/** @param {Page} page @returns {Child[]} */
export function keysViews(page) {
  const { words, act } = page, keys = fittingKeys(page);
  return [
    opening(words.say("signing.keys_title"), words.say("signing.keys_lead")),
    ...keys.map((key) => keyView(page, key)),
    keys.length === 0 && element("p", { class: "empty" }, words.say("signing.no_keys")),
    act && element("section", { class: "card", "aria-labelledby": "bring" },
      element("h2", { id: "bring" }, words.say("signing.bring_title")),
      element("p", {}, words.say("signing.bring_says")),
      fileForm(page, words.say("signing.keep_here"), async (key, passphrase) => {
        const known = page.keys.find((one) => one.public === key.public);
        const locked = await formatKeyFile(key, passphrase, page.derive);
        await keep({ ...(known ?? freshKey(page, key.public)), locked });
        await page.reload();
      })),
    act && element("p", { class: "actions" }, button(words.say("signing.back", { registry: hostOf(act.registry) }), () => goBack(act, { status: "done" }))),
  ];
}

/** What this device knows of a key that it was not told of before. @param {Page} page @param {string} publicKey @returns {KeptKey} */
export function freshKey({ act }, publicKey) {
  return {
    public: publicKey, genesis: act?.genesis ?? "", registry: originOf(act?.registry ?? ""), party: (act && "party" in act ? act.party : null) ?? null,
    name: "", made: new Date().toISOString(), locked: null, file: false, sheet: false, passkeys: [],
  };
}

/** @param {Page} page @param {KeptKey} key */
function keyView(page, key) {
  const { words } = page, count = copies(key);
  return element("section", { class: "card", "aria-label": words.say("signing.key", { key: keyDigits(key.public) }) },
    element("h2", {}, words.say("signing.key", { key: keyDigits(key.public) })),
    element("p", { class: "muted small" }, hostOf(key.registry)),
    count < 2 && note("late", element("p", {}, words.say("signing.one_copy"))),
    element("ul", { class: "list" },
      key.locked !== null && element("li", {}, element("b", {}, words.say("signing.copy_here")), element("p", { class: "actions" }, button(words.say("signing.forget_here"), async () => {
        await (count > 1 ? keep({ ...key, locked: null }) : drop(key.public));
        await page.reload();
      })))));
}
