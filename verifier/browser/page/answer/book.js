/** A record book: all uses and consents of a party, with the money by age and a search; shown page by page. */

import { printable } from "../../base/printable.js";
import { numberOf, objectOf, objectsOf, textOf } from "../../evidence/explain.js";
import { element } from "../dom.js";
import { fingerprint } from "../policy.js";
import { countedOnce, sum, toneOf, toneOfOwed } from "./outcome.js";
import { roleOf } from "./money.js";
import { badge, card, table } from "./parts.js";
import { person } from "./person.js";
import { countries, span, whatFor } from "./use.js";
import { capital } from "../../words/catalogue.js";
import { Name, nodes } from "./view.js";

/**
 * @typedef {import("./view.js").View} View
 * @typedef {import("./view.js").JsonObject} JsonObject
 * @typedef {import("../../evidence/details.js").Item} Item
 * @typedef {{id: string, one: JsonObject, tone: string, item: Item | undefined, text: string}} Row `text` is what a search reads
 */

const PAGE = 25;
const OF_MONEY = /** @type {{readonly [tone: string]: string}} */ ({ yes: "view.paid", due: "view.not_due", no: "view.not_paid", unk: "view.unknown" });
const LABELS = /** @type {{readonly [tone: string]: string}} */ ({ yes: "view.kind.yes", due: "view.kind.due", no: "view.kind.no", unk: "view.kind.unk" });

/** The uses under a consent, and the money by age; nothing where there are none, or the clock is wrong. @param {View} view */
export function consentBookCards(view) {
  const found = view.context.details?.uses ?? [];
  if (!found.length || objectsOf(view.verdict, "rules").some((one) => textOf(one, "code") === "clock_behind")) return [];
  const uses = found.map((one) => row(view, textOf(one, "usage") ?? "", one, toneOf(one)));
  return [agesCard(view, [objectOf(view.verdict, "paid"), ...found.map((one) => objectOf(one, "paid"))]), listCard(view, "uses", view.say("view.uses"), uses)];
}

/** @param {View} view */
export function bookCards(view) {
  const uses = objectsOf(view.verdict, "usages").map((one) => row(view, textOf(one, "usage") ?? "", one, toneOf(one)));
  const consents = objectsOf(view.verdict, "consents").map((one) => row(view, textOf(one, "consent") ?? "", one, toneOfOwed(one)));
  return [
    textOf(view.verdict, "answer") === "COMPLETE" ? element("p", { class: "muted" }, view.say("view.complete")) : null,
    agesCard(view, [...objectsOf(view.verdict, "usages"), ...objectsOf(view.verdict, "consents")].map((one) => objectOf(one, "paid"))),
    uses.length ? listCard(view, "uses", view.say("view.uses"), uses) : card("uses", view.say("view.uses"), element("p", { class: "empty" }, view.say("view.no_uses"))),
    consents.length ? listCard(view, "consents", view.say("view.consents"), consents) : null,
  ];
}

/** @param {View} view @param {string} id @param {JsonObject} one @param {string} tone @returns {Row} */
function row(view, id, one, tone) {
  const item = view.context.details?.items.get(id);
  const names = item ? Object.values(item.parties).flat().map((party) => view.nameOf(party) ?? party) : [];
  const product = item?.product ?? "", places = item ? countries(view, item.countries) : "";
  return { id, one, tone, item, text: [id, product, places, item?.purpose ? whatFor(view, item.purpose, item.category, null) : "", ...names].join(" ").toLowerCase() };
}

/** @param {View} view @param {string} id @param {string} heading @param {readonly Row[]} rows the newest last */
function listCard(view, id, heading, rows) {
  const newest = [...rows].reverse();
  const list = element("ul", { class: "list" }), count = element("p", { class: "muted small", role: "status" }), more = element("p", { class: "actions" });
  const search = /** @type {HTMLInputElement} */ (element("input", { type: "text", id: `${id}-search`, autocomplete: "off", spellcheck: "false", input: () => show(PAGE) }));
  const tones = ["no", "unk", "due", "yes"].filter((tone) => rows.some((one) => one.tone === tone));
  const filter = /** @type {HTMLSelectElement} */ (element("select", { id: `${id}-tone`, change: () => show(PAGE) },
    element("option", { value: "" }, view.say("view.every")), tones.map((tone) => element("option", { value: tone }, label(view, id, tone)))));
  /** @param {number} limit */
  function show(limit) {
    const wanted = search.value.toLowerCase().split(" ").filter((word) => word), tone = filter.value;
    const found = newest.filter((one) => (!tone || one.tone === tone) && wanted.every((word) => one.text.includes(word)));
    const rest = found.length - limit, had = list.childElementCount;
    const shown = found.slice(0, limit).map((one) => line(view, id, one));
    list.replaceChildren(...shown);
    count.textContent = found.length ? view.say("view.found", { found: found.length, n: rows.length }) : view.say("view.found_none");
    const press = () => {
      show(limit + PAGE);
      shown[had]?.focus();
    };
    more.replaceChildren(...(rest > 0 ? [element("button", { class: "btn", type: "button", click: press }, view.say("view.more", { n: Math.min(PAGE, rest) }))] : []));
  }
  show(PAGE);
  const tools = rows.length > 5 && element("div", { class: "tools" },
    element("div", { class: "field" }, element("label", { for: `${id}-search` }, view.say("view.search")), search),
    tones.length > 1 && element("div", { class: "field" }, element("label", { for: `${id}-tone` }, view.say("view.show_which")), filter));
  return card(id, heading, tools, rows.length > 5 && count, list, more);
}

/** Of a consent's uses, and of consents, only what was paid is told. @param {View} view @param {string} id of the list @param {string} tone */
function label(view, id, tone) {
  const labels = id === "consents" || view.question.kind === "consent" ? OF_MONEY : LABELS;
  return view.say(labels[tone] ?? "view.unknown");
}

/** @param {View} view @param {string} id of the list @param {Row} row */
function line(view, id, { id: ownId, one, tone, item }) {
  const paid = objectOf(one, "paid"), lines = countedOnce(paid), currency = textOf(paid, "currency"), owed = sum(lines, "outstanding");
  const user = item && (["sublicensee", "licensee", "maker"].find((role) => role in item.parties) ?? "licensee");
  const party = user && item.parties[/** @type {"licensee"} */ (user)];
  const said = id === "consents" ? view.say(`answer_within.${textOf(one, "answer")}`) : "";
  return element("li", { tabindex: -1 },
    element("p", { class: "split" },
      element("b", {}, user && party ? nodes([new Name(view.nameOf(party) ?? capital(view.who(user, party).text))]) : view.say(id === "uses" ? "view.use_id" : "view.consent_id", { id: fingerprint(ownId) })),
      element("span", { class: "split" }, said && element("span", { class: "badge" }, said), (id === "uses" || paid) && badge(tone, label(view, id, tone)))),
    item?.purpose && element("p", {}, whatFor(view, item.purpose, item.category, item.product ? printable(item.product) : null)),
    item && item.starts !== null && element("p", { class: "muted" }, [countries(view, item.countries), span(view, item.starts, item.ends)].filter((text) => text).join("; ")),
    lines.length > 0 && element("p", {}, `${view.words.money(sum(lines, "due"), currency)}`,
      owed > 0n && `; ${view.say("view.outstanding").toLowerCase()} ${view.words.money(owed, currency)}`),
    element("code", {}, fingerprint(ownId)));
}

// ---- money by age

const AGES = ["late1", "late31", "late61", "late91"];

/** What is outstanding to whom, and for how long. @param {View} view @param {readonly (JsonObject | undefined)[]} owing what was paid, one by one */
function agesCard(view, owing) {
  /** @type {Map<string, Map<string, Map<string, bigint>>>} by currency, payee and age */
  const ages = new Map();
  for (const paid of owing) {
    for (const one of objectsOf(paid, "payees").filter((each) => numberOf(each, "outstanding"))) {
      const payees = into(ages, textOf(paid, "currency") ?? ""), byAge = into(payees, textOf(one, "payee") ?? ""), age = ageOf(one);
      byAge.set(age, (byAge.get(age) ?? 0n) + BigInt(numberOf(one, "outstanding")));
    }
  }
  if (!ages.size) return card("ages", view.say("view.ages"), element("p", {}, view.say("view.ages_none")));
  return card("ages", view.say("view.ages"), [...ages].map(([currency, payees]) => agesTable(view, currency, payees)), element("p", { class: "muted small" }, view.say("view.ages_days")));
}

/** @template T @param {Map<string, Map<string, T>>} map @param {string} key @returns {Map<string, T>} */
function into(map, key) {
  const found = map.get(key) ?? new Map();
  map.set(key, found);
  return found;
}

/** @param {JsonObject} one a payee's line */
function ageOf(one) {
  const answer = textOf(one, "answer"), late = numberOf(one, "days_late");
  if (answer === "CANNOT_TELL") return "unknown";
  return late > 90 ? "late91" : late > 60 ? "late61" : late > 30 ? "late31" : late > 0 || answer === "NOT_PAID" ? "late1" : "upcoming";
}

/** @param {View} view @param {string} currency @param {ReadonlyMap<string, ReadonlyMap<string, bigint>>} payees */
function agesTable(view, currency, payees) {
  const { words } = view, said = ["view.age.month", "view.age.second", "view.age.third", "view.age.more"];
  const every = /** @type {[string, string][]} */ ([["upcoming", "view.age.upcoming"], ...AGES.map((age, place) => [age, said[place] ?? ""]), ["unknown", "view.age.unknown"]]);
  const there = every.filter(([age]) => age !== "unknown" || [...payees.values()].some((one) => one.has(age)));
  const columns = [{ text: view.say("view.to") }, ...there.map(([, id]) => ({ text: view.say(id), look: "num" }))];
  const rows = [...payees].map(([payee, byAge]) => [person(view, roleOf(view, payee), payee), ...there.map(([age]) => words.figures(byAge.get(age) ?? 0n, currency))]);
  return table(view.say("view.ages_in", { currency: currency || view.say("view.unknown") }), columns, rows);
}
