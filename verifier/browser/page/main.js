/** The page: what it shows, made anew after every change from what the session knows. */

import { Malformed } from "../base/errors.js";
import { listen, pastedFile, sorted } from "./intake.js";
import { chosenLanguage, languages } from "./languages.js";
import { keepOffline } from "./offline.js";
import { pinnedPolicy } from "./policy.js";
import { Session } from "./session.js";
import { showAll, showFoot, showProgress } from "./views.js";

/** @typedef {import("./views.js").Page} Page */

const MAX_PAUSE = 500; // milliseconds

export function startPage() {
  const script = document.currentScript?.textContent ?? "";
  let pinned = null, isUnreadable = false;
  try {
    pinned = pinnedPolicy();
  } catch (error) {
    if (!(error instanceof Malformed)) throw error;
    isUnreadable = true;
  }
  let isDrawn = true;
  /** The more files there are, the more seldom: each time the whole list is made anew. */
  const drawSoon = () => {
    if (isDrawn) setTimeout(draw, Math.min(session.items.length, MAX_PAUSE));
    isDrawn = false;
  };
  const session = new Session(script, pinned, (what) => {
    if (what === "all") draw();
    else if (what === "progress") showProgress(page);
    else if (page.opened === null || page.shown !== page.opened) drawSoon(); // else one of many is being read
  });
  /** @type {Page} */
  const page = {
    session,
    isUnreadable,
    words: chosenLanguage(),
    languages,
    opened: null,
    shown: null,
    draw,
    take: async (files, meant) => {
      page.opened = null;
      session.take(await sorted(files, meant));
    },
    paste: (text) => page.take([pastedFile(text, page.words.say("browser.pasted"))], "evidence"),
  };
  const main = /** @type {HTMLElement} */ (document.querySelector("main"));
  function draw() {
    isDrawn = true;
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
