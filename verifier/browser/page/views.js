/** What stands on the page: the way in, the work as it goes, the list of many files, and around an answer what was used. */

import { briefly, showAnswer } from "./answer/answer.js";
import { zone } from "./clock.js";
import { element } from "./dom.js";
import { chooser } from "./intake.js";
import { mark } from "./marks.js";
import { fingerprint } from "./policy.js";

/**
 * @typedef {import("./session.js").Session} Session
 * @typedef {import("./session.js").Item} Item
 * @typedef {import("./session.js").Picture} Picture
 * @typedef {import("../words/catalogue.js").Catalogue} Catalogue
 * @typedef {{session: Session, isUnreadable: boolean, words: Catalogue, languages: readonly Catalogue[], opened: Item | null, shown: Item | null, offline?: "kept",
 *   draw: () => void, take: (files: File[], meant: import("./intake.js").Meant) => Promise<void>, paste: (text: string) => Promise<void>}} Page
 *   `opened`: of many files the one that is looked at; `shown`: the one whose answer stands there; `isUnreadable`: the page's own policy
 */

const MEBIBYTE = 1024 * 1024;

/** @param {Page} page @param {HTMLElement} main */
export function showAll(page, main) {
  const { session, opened } = page;
  const item = session.items.includes(/** @type {Item} */ (opened)) ? opened : session.items.length === 1 ? session.items[0] : null;
  const views = item ? itemViews(page, item) : session.items.length ? listViews(page) : startViews(page);
  page.shown = item?.checked ? item : null;
  const focused = main.contains(document.activeElement) ? nameOf(document.activeElement) : null;
  main.replaceChildren(...policyNotes(page), ...views);
  if (focused !== null) handOn(main, focused);
  showFoot(page);
  tell(page, item ?? null);
}

/** What is below the page's content. @param {Page} page */
export function showFoot(page) {
  document.querySelector(".foot")?.replaceChildren(...footViews(page));
}

/** What a control is called. @param {Element | null} control */
const nameOf = (control) => control?.getAttribute("aria-label") ?? control?.textContent ?? "";

/** The focus goes to the same control of the new page; where that is gone, to what stands there now. @param {HTMLElement} main @param {string} name */
function handOn(main, name) {
  const same = [...main.querySelectorAll("button, summary, textarea")].find((one) => nameOf(one) === name);
  const next = /** @type {HTMLElement | null} */ (same ?? main.querySelector("h1"));
  if (next && !same) next.tabIndex = -1;
  next?.focus();
}

/** Said aloud by a screen reader, once it is there. @param {Page} page @param {Item | null} item */
function tell({ words, session, ...page }, item) {
  const done = session.items.filter(({ state }) => state === "done").length, total = session.items.length;
  const status = document.querySelector("[role=status]");
  let said = total > 1 && done === total ? words.say("browser.files_checked", { n: done, total }) : "";
  const brief = item && briefOf({ words, session, ...page }, item);
  if (brief) said = [brief.kind, brief.sentence].filter(Boolean).join(". ");
  if (status && status.textContent !== said) status.textContent = said;
}

/** Only the numbers: the rest of the page stays as it is under the reader's hand. @param {Page} page */
export function showProgress(page) {
  const working = [...page.session.items, ...page.session.pictures].find(({ state }) => state === "working");
  if (working) document.querySelector(".progress")?.replaceChildren(...progressViews(page, working));
}

/** @param {Page} page */
function startViews(page) {
  const { words, session } = page, say = (/** @type {string} */ id) => words.say(id);
  return [
    element("div", {}, element("h1", {}, say("browser.title")), element("p", { class: "lead" }, say("browser.lead"))),
    element("section", { class: "drop", "aria-label": say("browser.drop_here") },
      mark("drop"),
      element("p", {}, element("b", {}, say("browser.drop_here"))),
      element("p", { class: "actions" }, chooser(say("browser.choose"), "btn go", {}, (files) => page.take(files, "evidence")), pictureChooser(page)),
      element("p", { class: "muted small" }, say("browser.limits"))),
    pictureViews(page),
    pasteView(page),
    session.policy && element("section", { class: "card", "aria-label": say("browser.policy") }, policyView(page)),
  ].filter((view) => view !== null);
}

/** @param {Page} page @param {Item} item */
function itemViews(page, item) {
  const { session, words } = page;
  const isOneOfMany = session.items.length > 1;
  const back = isOneOfMany && element("p", {}, button(words.say("browser.back"), () => { page.opened = null; page.draw(); }));
  const root = element("div", { class: "stack answer" });
  const isAnswered = ofAnswer(page, item, (verdict, context) => showAnswer(root, verdict, context), (sentence) => root.replaceChildren(element("h1", {}, sentence)));
  if (!isAnswered) root.append(...stateViews(page, item));
  return [back, root, isOneOfMany ? null : pictureViews(page), afterView(page)].filter((view) => view !== null && view !== false);
}

/**
 * What shows an answer, or else the sentence that says that this page cannot: others are shown none the less.
 * @param {Page} page @param {Item} item @param {(...answer: Parameters<typeof briefly>) => void} show @param {(sentence: string) => void} otherwise
 * @returns {boolean} whether there is an answer
 */
function ofAnswer(page, item, show, otherwise) {
  if (!item.checked || !page.session.policy) return false;
  try {
    show(item.checked.verdict, contextOf(page, item, item.checked));
  } catch (error) {
    reportError(error);
    otherwise(page.words.say("browser.cannot_show", { name: item.file.name }));
  }
  return true;
}

/** The answer in one line, if there is one. @param {Page} page @param {Item} item @returns {import("./answer/answer.js").Brief | null} */
function briefOf(page, item) {
  /** @type {import("./answer/answer.js").Brief | null} */
  let brief = null;
  ofAnswer(page, item, (verdict, context) => { brief = briefly(verdict, context); }, (sentence) => { brief = { tone: "unk", kind: "", sentence }; });
  return brief;
}

/** @param {Page} page @param {Item} item @param {import("./worker.js").Checked} checked @returns {import("./answer/answer.js").Context} */
function contextOf({ session, words }, { file }, { details, sha256, isPdf }) {
  const policy = /** @type {import("./policy.js").Pinned} */ (session.policy);
  return {
    words, policy, details, zone: zone(),
    file: { name: file.name, size: file.size, sha256, isPdf },
    compared: session.compared().flatMap((digest) => session.pictures.filter((one) => one.sha256 === digest)).map((one) => ({ name: one.file.name, sha256: one.sha256 })),
  };
}

/** An evidence file that has no answer yet, or will have none. @param {Page} page @param {Item} item */
function stateViews(page, item) {
  const { words, session } = page, { name } = item.file;
  if (item.state === "ended") {
    const why = item.why === "stopped" ? words.say("browser.stopped", { name }) : words.say("browser.could_not", { name });
    const isOwn = item.why === "stopped";
    return [element("h1", {}, why), isOwn ? "" : element("p", {}, words.say("browser.could_not_why")), element("p", { class: "actions" }, button(words.say("browser.retry"), () => session.retry(item), "btn go"))];
  }
  if (!session.policy) return [element("h1", {}, name), element("p", { class: "note" }, words.say("browser.no_policy"))];
  return [
    element("h1", {}, words.say("browser.working", { name })),
    element("div", { class: "card progress" }, progressViews(page, session.pictures.find(({ state }) => state === "working") ?? item)),
    element("p", { class: "actions" }, button(words.say("browser.stop"), () => session.stop())),
  ];
}

/** @param {Page} page @param {Item | Picture} one */
function progressViews({ words }, { progress, file }) {
  if (!progress) return [element("p", {}, words.say("browser.reading")), element("progress", { "aria-label": file.name })];
  const { done, total } = progress, isBytes = total === file.size;
  const said = isBytes
    ? words.say("browser.hashed", { done: Math.ceil(done / MEBIBYTE), total: Math.ceil(total / MEBIBYTE), name: file.name })
    : words.say("browser.signatures", { done, total });
  return [element("p", {}, said), element("progress", { max: total, value: done, "aria-label": file.name })];
}

/** @param {Page} page */
function listViews(page) {
  const { session, words } = page;
  const done = session.items.filter(({ state }) => state === "done").length;
  const working = session.items.find(({ state }) => state === "working");
  return [
    element("h1", {}, words.say("browser.files_checked", { n: done, total: session.items.length })),
    working && element("section", { class: "card", "aria-label": words.say("browser.working", { name: working.file.name }) },
      element("div", { class: "stack progress" }, progressViews(page, working)),
      element("p", { class: "actions" }, button(words.say("browser.stop"), () => session.stop()))),
    session.pictures.length ? element("p", { class: "note" }, words.say("browser.compare_one")) : null,
    element("section", { class: "card", "aria-label": words.say("browser.files") }, element("ul", { class: "list" }, session.items.map((item) => lineView(page, item)))),
    afterView(page),
  ].filter((view) => view !== null && view !== undefined);
}

/** @param {Page} page @param {Item} item */
function lineView(page, item) {
  const { words, session } = page;
  const brief = briefOf(page, item);
  const state = item.state === "ended" ? words.say("browser.not_checked") : words.say("browser.waiting");
  return element("li", {},
    element("p", { class: "split" },
      element("b", {}, element("bdi", {}, item.file.name)),
      brief ? brief.kind && element("span", { class: `badge ${brief.tone}` }, mark(brief.tone), brief.kind) : element("span", { class: "badge" }, state)),
    brief && element("p", {}, brief.sentence),
    element("p", { class: "actions" },
      button(words.say("browser.open"), () => { page.opened = item; page.draw(); }, "btn", words.say("browser.open_file", { name: item.file.name })),
      button(words.say("browser.remove"), () => session.remove(item), "btn", words.say("browser.remove_file", { name: item.file.name }))));
}

/** Files to compare: each with its SHA-256, made here. @param {Page} page */
function pictureViews(page) {
  const { session, words } = page;
  if (!session.pictures.length) return null;
  return element("section", { class: "card", "aria-labelledby": "pictures" },
    element("h2", { id: "pictures" }, words.say("browser.pictures")),
    session.items.length ? null : element("p", {}, words.say("browser.pictures_wait")),
    element("ul", { class: "list" }, session.pictures.map((picture) => element("li", {},
      element("b", {}, element("bdi", {}, picture.file.name)),
      picture.sha256 ? element("code", {}, `sha256 ${picture.sha256}`)
        : picture.state === "ended" ? element("p", {}, words.say("browser.not_checked"))
          : element("div", { class: picture.state === "working" ? "progress" : "" }, progressViews(page, picture)),
      element("p", { class: "actions" }, button(words.say("browser.remove"), () => session.remove(picture), "btn", words.say("browser.remove_file", { name: picture.file.name })))))));
}

/** What can be done next. @param {Page} page */
function afterView(page) {
  const { words, session } = page;
  return element("p", { class: "actions" },
    session.items.length === 1 ? pictureChooser(page) : null,
    chooser(words.say("browser.another"), "btn", {}, (files) => page.take(files, "evidence")),
    button(words.say("browser.afresh"), () => {
      for (const one of [...session.items, ...session.pictures]) session.remove(one);
    }));
}

/** @param {Page} page */
function pictureChooser(page) {
  return chooser(page.words.say("browser.choose_pictures"), "btn", { accept: "image/*,video/*,audio/*,.pdf" }, (files) => page.take(files, "pictures"));
}

/** @param {Page} page */
function pasteView(page) {
  const { words } = page;
  const text = /** @type {HTMLTextAreaElement} */ (element("textarea", { id: "paste", rows: 3, spellcheck: "false", autocomplete: "off" }));
  return element("section", { class: "card", "aria-label": words.say("browser.paste") }, element("details", {},
    element("summary", {}, element("span", {}, element("b", {}, words.say("browser.paste")))),
    element("div", { class: "stack" },
      element("label", { for: "paste" }, words.say("browser.paste_label")), text,
      element("p", { class: "actions" }, button(words.say("browser.check_text"), () => { if (text.value.trim()) void page.paste(text.value); })))));
}

// ---- the policy

/** @param {Page} page */
function policyNotes({ session, words, isUnreadable }) {
  const { offered, policy, pinned } = session, notes = [];
  if (isUnreadable) notes.push(element("p", { class: "note no" }, words.say("browser.policy_fault")));
  else if (!pinned && !policy && !offered && !session.items.length) notes.push(element("p", { class: "note late" }, words.say("browser.no_policy")));
  if (offered) {
    notes.push(element("section", { class: "note late", "aria-label": words.say("browser.policy_offered") },
      element("p", {}, element("b", {}, words.say("browser.policy_offered"))),
      element("p", {}, words.say("browser.policy_ask", { name: offered.name ?? "", fingerprint: fingerprint(offered.sha256) })),
      element("p", { class: "actions" },
        button(words.say("browser.policy_take"), () => session.use(offered)),
        button(words.say("browser.policy_leave"), () => session.use(policy)))));
  }
  if (policy && policy !== pinned) {
    notes.push(element("section", { class: "note late", "aria-label": words.say("browser.policy") },
      element("p", {}, words.say("browser.policy_other", { name: policy.name ?? "", fingerprint: fingerprint(policy.sha256) })),
      pinned && element("p", { class: "actions" }, button(words.say("browser.policy_back"), () => session.use(pinned)))));
  }
  return notes;
}

/** @param {Page} page */
function policyView({ session, words }) {
  const { policy, sha256 } = /** @type {import("./policy.js").Pinned} */ (session.policy);
  return element("details", { class: "proof" },
    element("summary", {}, element("span", {}, element("b", {}, words.say("browser.policy")), fingerprint(sha256))),
    element("p", {}, words.say("browser.policy_what")),
    element("dl", { class: "facts" },
      fact(words.say("browser.policy_logs"), policy.logs.map(({ name }) => element("div", {}, element("code", {}, name)))),
      fact(words.say("browser.policy_witnesses"), policy.witnesses.length ? policy.witnesses.map(({ verifier }) => element("div", {}, element("code", {}, verifier.name))) : words.say("browser.policy_none")),
      fact("SHA-256", element("code", {}, sha256))));
}

/** @param {string} term @param {...(import("./dom.js").Child | readonly import("./dom.js").Child[])} description */
function fact(term, ...description) {
  return element("div", {}, element("dt", {}, term), element("dd", {}, ...description));
}

/** @param {Page} page */
function footViews(page) {
  const { words, session } = page;
  const others = page.languages.filter((one) => one !== words);
  return [element("div", { class: "stack" },
    element("p", {}, words.say(page.offline ? "browser.kept" : "browser.sends_nothing")),
    session.policy && element("p", {}, words.say("browser.under", { fingerprint: fingerprint(session.policy.sha256) })),
    element("p", { class: "actions" }, others.map((one) => button(one.name, () => { page.words = one; page.draw(); }, "btn", undefined, one.language))),
  )];
}

/** @param {string} text @param {() => void} press @param {string} [look] class @param {string} [label] where the text alone does not say enough @param {string} [lang] */
function button(text, press, look = "btn", label = undefined, lang = undefined) {
  return element("button", { class: look, type: "button", click: press, "aria-label": label, lang }, text);
}
