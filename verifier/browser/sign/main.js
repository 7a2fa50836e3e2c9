/**
 * The page on which people sign: it reads the act that a registry's page asks for, shows it, and draws anew after a choice
 * of language. It keeps nothing of an act but in this tab's own history.
 */

import { Malformed } from "../base/errors.js";
import { element } from "../page/dom.js";
import { chosenLanguage, languages } from "../page/languages.js";
import { fingerprint, pinnedPolicy } from "../page/policy.js";
import { readAct } from "./act.js";
import { enrolViews } from "./acts/enrol.js";
import { keysViews } from "./acts/keys.js";
import { requestViews } from "./acts/request.js";
import { signViews } from "./acts/sign.js";
import { signInViews } from "./acts/sign_in.js";
import { deriver } from "./derive.js";
import { button, note, opening } from "./page.js";
import { keptKeys } from "./store.js";

/**
 * @typedef {import("./page.js").Page} Page
 * @typedef {import("../page/dom.js").Child} Child
 */

export async function startPage() {
  const script = document.currentScript?.textContent ?? "", main = /** @type {HTMLElement} */ (document.querySelector("main"));
  /** @type {Page} */
  const page = {
    words: chosenLanguage(), languages, act: null, keys: [], policy: null, derive: deriver(script), draw, reload, show,
  };
  /** @type {Child[] | null} */
  let fault = null;
  if (window.top !== window.self) fault = [opening(page.words.say("signing.framed"))]; // whoever frames it could lay something over it
  else read();
  await reload();
  window.addEventListener("hashchange", () => { // whatever of the act before is open, shown or under way ends with it
    takenFragment();
    location.reload();
  });

  function read() {
    fault = null;
    try {
      page.policy = pinnedPolicy();
      page.act = readAct(takenFragment());
    } catch (error) {
      page.act = null;
      fault = cannotShow(error);
    }
    const asked = languages.find(({ language }) => language === page.act?.language);
    if (asked) page.words = asked;
  }

  async function reload() {
    page.keys = await keptKeys();
    draw();
  }

  function draw() {
    try {
      show(fault ?? viewsOf(page));
    } catch (error) {
      page.act = null;
      show(fault = cannotShow(error));
    }
  }

  /** @param {unknown} error @returns {Child[]} */
  function cannotShow(error) {
    if (!(error instanceof Malformed)) reportError(error);
    const where = error instanceof Malformed ? error.where || "act" : "-";
    return [opening(page.words.say("signing.cannot_show"), page.words.say("signing.cannot_show_why")),
      note("no", element("p", {}, page.words.say("signing.cannot_show_where", { where })))];
  }

  /** @param {readonly Child[]} views */
  function show(views) {
    document.documentElement.lang = page.words.language;
    main.replaceChildren(...views.filter((view) => view !== null && view !== undefined && view !== false));
    document.title = `${main.querySelector("h1")?.textContent ?? page.words.say("signing.title")} - Kembar`;
    document.querySelector(".foot")?.replaceChildren(...footViews(page));
  }
}

/** The fragment is taken out of the address, which browsers keep for long; a reload still finds it. */
function takenFragment() {
  if (location.hash.startsWith("#act=")) history.replaceState({ act: location.hash }, "", location.pathname + location.search);
  return typeof history.state?.act === "string" ? history.state.act : "";
}

/** @param {Page} page @returns {readonly Child[]} */
function viewsOf(page) {
  const { act } = page;
  switch (act?.act) {
    case "sign": return signViews(page, act);
    case "request": return requestViews(page, act);
    case "sign-in": return signInViews(page, act);
    case "enrol": return enrolViews(page, act);
    default: return keysViews(page);
  }
}

/** Whose page it is, under which policy, in which language. @param {Page} page */
function footViews(page) {
  const { words, policy } = page;
  return [
    element("p", {}, words.say("signing.foot", { host: location.host || words.say("signing.this_device") })),
    element("p", {}, policy ? words.say("browser.under", { fingerprint: fingerprint(policy.sha256) }) : words.say("signing.no_policy")),
    element("p", { class: "actions" }, languages.filter((one) => one !== words).map((one) => button(one.name, () => {
      page.words = one;
      page.draw();
    }, "btn", one.language))),
  ];
}
