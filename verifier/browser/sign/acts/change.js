/** After a theft, with another copy at hand: the old key signs for its successor, which takes its place. The sheet stays good. */

import { now } from "../../page/clock.js";
import { encode } from "../../base/canonical.js";
import { isHex64 } from "../../base/bytes.js";
import { element } from "../../page/dom.js";
import { SignedClient } from "../http_signing.js";
import { newKey } from "../key.js";
import { unsigned } from "../lockers.js";
import { copySteps } from "../making.js";
import { button } from "../page.js";
import { memberOf, read } from "../send.js";
import { changingStatement } from "../statements.js";
import { drop, freshKey, keep } from "../store.js";
import { submissionJson, withSignature } from "../submission.js";
import { NotSent } from "../trouble.js";
import { gesture } from "../unlock.js";
import { replacingViews } from "./recover.js";

/**
 * @typedef {import("../page.js").Page} Page
 * @typedef {import("../act.js").Act} Act
 * @typedef {import("../key.js").OpenKey} OpenKey
 */

/** @param {Page} page @param {Act} act */
export function changeCard(page, act) {
  const { words } = page;
  return element("section", { class: "card bar", "aria-labelledby": "change" },
    element("h2", { id: "change" }, words.say("signing.change_title")),
    element("p", {}, words.say("signing.change_says")),
    gesture(page, { verb: words.say("signing.change"), extra: button(words.say("signing.not_now"), () => void page.reload()), done: (old) => change(page, act, old) }));
}

/** A new key, its copies; then both keys sign. The old one is open until they have. @param {Page} page @param {Act} act @param {OpenKey} old */
async function change(page, act, old) {
  const known = page.keys.find((one) => one.public === old.public), party = act.party ?? known?.party ?? await partyOf(page, act, old);
  await new Promise((/** @type {(value: unknown) => void} */ resolve) => {
    const key = newKey(), kept = { ...freshKey(act, key.public), party, name: known?.name ?? "" };
    const forget = () => {
      key.forget();
      resolve(null);
    };
    window.addEventListener("pagehide", () => [old, key].forEach((one) => one.forget()), { once: true });
    copySteps(page, () => key, { kept, isLive: false }, (copied) => {
      const submission = changingStatement({ genesis: act.genesis, at: now() }, { party, add: key.public, retire: old.public });
      page.show(replacingViews(page, act, submission, { lead: "signing.change_lead", done: "signing.changed_says" }, async () => {
        const signed = [old, key].reduce((made, one) => withSignature(made, one.signStatement(made.payload)), submission);
        await read(await unsigned("POST", act.registry, "/entries", encode(submissionJson(signed))), page);
        await keep({ ...copied, sheet: known?.sheet ?? false });
        await drop(old.public);
        forget();
      }));
    });
  });
}

/** Whose key it is, by the registry's word; the log does not take a change for anybody else's. @param {Page} page @param {Act} act @param {OpenKey} key */
async function partyOf(page, act, key) {
  const party = memberOf(await read(await new SignedClient(key, act.registry).send("GET", "/session", null), page), "party");
  if (typeof party !== "string" || !isHex64(party)) throw new NotSent(page.words.say("signing.not_live"), "not_live");
  return party;
}
