/** What the use is: who, whose twin, for what, where, until when, which files; and whether one of them was compared. */

import { parseInstant } from "../../base/instant.js";
import { printable } from "../../base/printable.js";
import { numberOf, objectOf, objectsOf, textOf, textsOf } from "../../evidence/explain.js";
import { CATEGORIES } from "../../statements/categories.js";
import { COUNTRIES } from "../../statements/vocabulary.js";
import { capital } from "../../words/catalogue.js";
import { element } from "../dom.js";
import { card, fact } from "./parts.js";
import { person } from "./person.js";
import { Name, nodes } from "./view.js";

/** @typedef {import("./view.js").View} View */

const USERS = ["licensee", "sublicensee", "maker"];
const NAMED_ELSEWHERE = ["model", "payee"]; // payees are in the table of the money

/** @param {View} view */
export function useCard(view) {
  const about = objectOf(view.verdict, "about"), isUsage = view.question.kind === "usage";
  const item = view.context.details?.items.get(view.question.id);
  const parties = objectsOf(about, "parties").map((one) => ({ role: textOf(one, "role") ?? "", id: textOf(one, "party") ?? "" }));
  const chips = (/** @type {(role: string) => boolean} */ fits) =>
    parties.filter(({ role }) => fits(role)).map(({ role, id }) => element("div", { class: "who" }, person(view, role, id)));
  const purpose = textOf(about, "purpose");
  const terms = purpose === undefined ? [fact(view.say("view.for_what"), view.say("view.not_shown"))] : [
    fact(view.say("view.for_what"), whatFor(view, purpose, textOf(about, "category"), textOf(about, "product"))),
    fact(view.say("view.shown_as"), capital(view.say("view.shown_on", {
      placement: view.words.code("memo.placements", textOf(about, "placement") ?? ""),
      channels: view.words.listed(textsOf(about, "channels").map((channel) => view.words.code("memo.channels", channel))),
    }))),
    fact(view.say("view.where"), countries(view, textsOf(about, "countries"))),
    fact(view.say("view.from_until"), span(view, view.instantOf(about, "starts"), view.instantOf(about, "ends"))),
  ];
  const others = chips((role) => !USERS.includes(role) && !NAMED_ELSEWHERE.includes(role));
  return card("use", view.say(isUsage ? "view.the_use" : "view.the_consent"), element("dl", { class: "facts" },
    fact(view.say("view.who_uses"), chips((role) => USERS.includes(role))),
    fact(view.say("view.whose_twin"), chips((role) => role === "model")),
    others.length ? fact(view.say("view.who_else"), others) : null,
    isUsage ? terms : null,
    item ? fact(view.say("view.declared"), view.moment(item.logged)) : null,
    isUsage ? fact(view.say("view.which_files"), view.files(numberOf(about, "files")), compared(view)) : null));
}

/** @param {View} view @param {string} purpose @param {string | undefined | null} category @param {string | undefined | null} product */
export function whatFor(view, purpose, category, product) {
  const name = CATEGORIES.get(category ?? "")?.name ?? category ?? "";
  const said = product ? view.say("view.category", { category: name, product: printable(product) }) : name;
  return capital(view.say("view.what_for", { purpose: view.words.code("memo.purposes", purpose), category: said }));
}

/**
 * The engine's names of countries, each with its code: the names may differ from one engine to the next, the codes do not.
 * @param {View} view @param {readonly string[]} codes
 */
export function countries(view, codes) {
  const names = globalThis.Intl?.DisplayNames && new Intl.DisplayNames(view.words.language, { type: "region", fallback: "none" });
  const named = (/** @type {string} */ code) => {
    const name = COUNTRIES.has(code) ? names?.of(code) : undefined;
    return name ? `${name} (${code})` : code;
  };
  return view.words.listed(codes.map((code) => (code === "WORLD" ? view.say("memo.world") : named(code))));
}

/** @param {View} view @param {bigint | null} start @param {bigint | null} end */
export function span(view, start, end) {
  return start === null || end === null ? view.say("view.not_shown") : `${view.say("view.span", { start: view.day(start), end: view.day(end) })} (${view.zone.name})`;
}

/** Whether what the reader holds is one of the files. @param {View} view */
export function compared(view) {
  const { details, compared: files } = view.context, isAsset = view.question.kind === "asset";
  const declared = isAsset ? [view.question.id] : details?.items.get(view.question.id)?.files ?? [];
  if (!files.length) return element("p", { class: "muted" }, view.say("view.not_compared"));
  return files.map(({ name, sha256 }) => {
    const id = declared.includes(sha256) ? (isAsset ? "view.compared_is_it" : "view.compared_is") : "view.compared_is_not";
    return element("p", {}, element("b", {}, nodes(view.parts(id, { name: new Name(printable(name)) }))));
  });
}

/** Then and now: of an old file what held when somebody last looked. @param {View} view */
export function thenCard(view) {
  const at = parseInstant(textOf(objectOf(view.verdict, "as_of"), "at") ?? ""), then = objectOf(view.verdict, "then");
  const answers = (/** @type {import("./view.js").JsonObject | undefined} */ from) =>
    [textOf(from, "answer"), textOf(from, "authorised"), textOf(objectOf(from, "paid"), "answer")]
      .filter((answer) => answer !== undefined).map((answer) => view.say(`answer_within.${answer}`));
  return card("then", view.say("view.then"),
    element("dl", { class: "facts" },
      fact(view.say("view.then_at", { at: view.moment(at) }), view.words.listed(answers(then))),
      fact(view.say("view.now"), view.words.listed(answers(view.verdict)))),
    element("p", { class: "muted" }, view.say("view.stale", { at: view.moment(at) })));
}
