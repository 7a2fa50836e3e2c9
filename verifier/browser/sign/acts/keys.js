/** The keys of this device: which copies there are, how to make another and take one away, and what to do after a loss. */

import { parseInstant } from "../../base/instant.js";
import { zone } from "../../page/clock.js";
import { element } from "../../page/dom.js";
import { goBack } from "../back.js";
import { formatKeyFile } from "../key_file.js";
import { emptyLocker, openByPasskey, withLockers } from "../lockers.js";
import { copyWays } from "../making.js";
import { badge, button, hostOf, keyDigits, note, opening } from "../page.js";
import { hasPasskeys } from "../passkey.js";
import { copies, drop, freshKey, keep } from "../store.js";
import { acting, fileForm, fittingKeys, gesture } from "../unlock.js";
import { changeCard } from "./change.js";
import { recoverCard } from "./recover.js";

/**
 * @typedef {import("../page.js").Page} Page
 * @typedef {import("../page.js").KeptKey} KeptKey
 * @typedef {import("../key.js").OpenKey} OpenKey
 * @typedef {import("../../page/dom.js").Child} Child
 */

/** @param {Page} page @returns {Child[]} */
export function keysViews(page) {
  const { words, act } = page, keys = fittingKeys(page);
  const cards = [...keys.map((key) => keyView(page, key)), act && bringView(page, act), act && recoverCard(page, act), act?.act === "keys" && act.why === "stolen" && changeCard(page, act)];
  if (act?.act === "keys" && (act.why === "sheet" || act.why === "stolen")) cards.reverse();
  return [
    opening(words.say("signing.keys_title"), words.say("signing.keys_lead")),
    keys.length === 0 && element("p", { class: "empty" }, words.say("signing.no_keys")),
    ...cards,
    act === null && note("", element("p", {}, words.say("signing.no_act"))),
    act && element("p", { class: "actions" }, button(words.say("signing.back", { registry: hostOf(act.registry) }), () => goBack(act, { status: "done" }))),
  ];
}

/** A day as people read it; what came from the registry may be none. @param {Page} page @param {string} made */
function dayOf({ words }, made) {
  try {
    return words.time("view.date", parseInstant(made), zone());
  } catch {
    return "";
  }
}

/** @param {Page} page @param {KeptKey} key */
function keyView(page, key) {
  const { words, act } = page, count = copies(key), id = `key-${key.public.slice(0, 16)}`;
  const copy = (/** @type {string} */ title, /** @type {string} */ more, /** @type {Child} */ control) => element("li", {}, element("b", {}, title), more && element("span", { class: "muted small" }, more), control && element("p", { class: "actions" }, control));
  const change = async (/** @type {KeptKey} */ changed) => {
    await keep(changed);
    await page.reload();
  };
  return element("section", { class: "card", "aria-labelledby": id },
    element("div", { class: "split" }, element("h2", { id }, words.say("signing.key", { key: keyDigits(key.public) })),
      count > 1 ? badge("yes", words.say("signing.copies_n", { n: count })) : badge("late", words.say("signing.copies_n", { n: count }))),
    element("p", { class: "muted small" }, [key.name, hostOf(key.registry)].filter(Boolean).join(" · ")),
    count < 2 && note("late", element("p", {}, words.say("signing.one_copy"))),
    element("ul", { class: "list" },
      key.passkeys.map((one) => copy(words.say("signing.copy_passkey"), dayOf(page, one.made), act && count > 1 && button(words.say("signing.remove_passkey"), () => removeView(page, act, key, one)))),
      key.locked !== null && copy(words.say("signing.copy_here"), "", count > 1 && button(words.say("signing.forget_here"), () => change({ ...key, locked: null }))),
      key.file && copy(words.say("signing.copy_saved"), "", count > 1 && button(words.say("signing.lost_file"), () => change({ ...key, file: false }))),
      key.sheet && copy(words.say("signing.sheet_printed"), words.say("signing.sheet_is_no_copy"), null)),
    act && element("p", { class: "actions" }, button(words.say("signing.another"), () => anotherView(page, key), count < 2 ? "btn go" : "btn")),
    count < 1 && element("p", { class: "actions" }, button(words.say("signing.forget_key"), async () => {
      await drop(key.public);
      await page.reload();
    })));
}

/** A copy more: the key is opened by one gesture, and its copy is made by the next. @param {Page} page @param {KeptKey} kept */
function anotherView(page, kept) {
  const { words, act } = page;
  page.show([
    opening(words.say("signing.another"), words.say("signing.another_says")),
    element("section", { class: "card bar", "aria-label": words.say("signing.another") },
      gesture(page, { verb: words.say("signing.open_key"), only: kept, extra: button(words.say("signing.not_now"), () => void page.reload()), done: async (key) => {
        const found = act === null ? kept : await withLockers(page, act, key, kept);
        await keep(found);
        await copyView(page, key, found);
      } })),
  ]);
}

/** Until a copy is made, or the person leaves it. @param {Page} page @param {OpenKey} key @param {KeptKey} kept @returns {Promise<void>} */
function copyView(page, key, kept) {
  const { words } = page;
  window.addEventListener("pagehide", () => key.forget(), { once: true });
  return new Promise((resolve) => {
    const end = () => {
      resolve();
      void page.reload();
    };
    page.show([
      opening(words.say("signing.another"), words.say("signing.second_copy_says")),
      element("section", { class: "card", "aria-label": words.say("signing.copies") }, copyWays(page, () => key, { kept, isLive: true }, end)),
      element("p", { class: "actions" }, button(words.say("signing.not_now"), end)),
    ]);
  });
}

/** @param {Page} page @param {import("../act.js").Act} act @param {KeptKey} kept @param {import("../store.js").PasskeyCopy} copy */
function removeView(page, act, kept, copy) {
  const { words } = page;
  page.show([
    opening(words.say("signing.remove_passkey"), words.say("signing.remove_says", { registry: hostOf(act.registry) })),
    element("section", { class: "card bar", "aria-label": words.say("signing.remove_passkey") },
      gesture(page, { verb: words.say("signing.remove_passkey"), only: kept, extra: button(words.say("signing.not_now"), () => void page.reload()), done: async (key) => {
        await emptyLocker(page, act, key, copy.locker);
        await keep({ ...kept, passkeys: kept.passkeys.filter((one) => one !== copy) });
        await page.reload();
      } })),
  ]);
}

/** A new phone: a passkey that came along, or a file. @param {Page} page @param {import("../act.js").Act} act */
function bringView(page, act) {
  const { words } = page, said = element("div", { role: "alert" }), box = element("div", { class: "stack" });
  if (hasPasskeys()) {
    box.append(element("p", {}, words.say("signing.bring_passkey_says")), element("p", { class: "actions" }, button(words.say("signing.bring_passkey"), () => void acting(page, box, said, async () => {
      const { key, copy } = await openByPasskey(page, act), known = page.keys.find((one) => one.public === key.public) ?? freshKey(act, key.public);
      const kept = { ...known, passkeys: [...known.passkeys.filter(({ locker }) => locker !== copy.locker), copy] };
      await keep(await withLockers(page, act, key, kept).finally(() => key.forget()));
      await page.reload();
    }), act.act === "keys" && act.why === "new" && !page.keys.length ? "btn go" : "btn")), said);
  }
  return element("section", { class: "card", "aria-labelledby": "bring" },
    element("h2", { id: "bring" }, words.say("signing.bring_title")), box,
    element("p", {}, words.say("signing.bring_says")),
    fileForm(page, words.say("signing.keep_here"), async (key, passphrase) => {
      const known = page.keys.find((one) => one.public === key.public) ?? freshKey(act, key.public);
      await keep({ ...known, locked: await formatKeyFile(key, passphrase, page.derive), file: true });
      await page.reload();
    }));
}
