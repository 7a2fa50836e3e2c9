/** The page: what it shows, made anew after every change from what the session knows. */

import { Malformed } from "../base/errors.js";
import { listen, pastedFile, sorted } from "./intake.js";
import { chosenLanguage, languages } from "./languages.js";
import { keepOffline } from "./offline.js";
import { pinnedPolicy } from "./policy.js";
import { Session } from "./session.js";
import { showAll, showFoot, showProgress } from "./views.js";

/** @typedef {import("./views.js").Page} Page */

export function startPage() {
  const script = document.currentScript?.textContent ?? "";
  let pinned = null, isUnreadable = false;
  try {
    pinned = pinnedPolicy();
  } catch (error) {
    if (!(error instanceof Malformed)) throw error;
    isUnreadable = true;
  }
  const session = new Session(script, pinned, (what) => (what === "all" ? draw() : showProgress(page)));
  /** @type {Page} */
  const page = {
    session,
    isUnreadable,
    words: chosenLanguage(),
    languages,
    opened: null,
    draw,
    take: async (files, meant) => {
      page.opened = null;
      session.take(await sorted(files, meant));
    },
    paste: (text) => page.take([pastedFile(text, page.words.say("browser.pasted"))], "evidence"),
  };
  const main = /** @type {HTMLElement} */ (document.querySelector("main"));
  function draw() {
    document.documentElement.lang = page.words.language;
    document.title = `${page.words.say("browser.title")} - Kembar`;
    showAll(page, main);
  }
  listen((files) => page.take(files, "any"), page.paste);
  draw();
  keepOffline((state) => {
    page.offline = state;
    showFoot(page);
  });
}
