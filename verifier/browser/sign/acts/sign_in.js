/** Signing a browser in: a key signs a nonce, which lets that browser read, and no more. */

import { element } from "../../page/dom.js";
import { SignedClient, signedFields } from "../http_signing.js";
import { goBack } from "../back.js";
import { button, hostOf, opening } from "../page.js";
import { read } from "../send.js";
import { gesture } from "../unlock.js";

/** @param {import("../page.js").Page} page @param {import("../act.js").SignInAct} act @returns {import("../../page/dom.js").Child[]} */
export function signInViews(page, act) {
  const { words } = page, registry = hostOf(act.registry);
  return [
    opening(words.say("signing.sign_in_title", { registry }), words.say("signing.sign_in_lead")),
    element("section", { class: "card bar", "aria-label": words.say("signing.sign_in") },
      element("p", {}, words.say("signing.sign_in_says", { registry })),
      gesture(page, { verb: words.say("signing.sign_in"), extra: button(words.say("signing.not_now"), () => goBack(act, { status: "cancelled" })), done: async (key) => {
        const client = new SignedClient(key, act.registry);
        await read(await client.send("GET", "/session", null), page); // whether the registry knows the key, and what time it has
        const fields = signedFields(key, "POST", new URL("/session", act.registry), null, { created: client.now(), nonce: act.nonce });
        goBack(act, { "signature-input": fields["Signature-Input"], signature: fields.Signature });
      } }),
      element("p", { class: "muted small" }, words.say("signing.once"))),
  ];
}
