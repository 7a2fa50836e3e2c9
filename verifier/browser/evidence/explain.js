/** A verdict in plain sentences: what is answered, why, and what the answer rests on; as `verifier check` prints it. */

import { parseInstant } from "../base/instant.js";
import { CATEGORIES } from "../statements/categories.js";

/**
 * @typedef {import("../base/canonical.js").Json} Json
 * @typedef {import("../base/canonical.js").JsonObject} JsonObject
 * @typedef {import("../words/catalogue.js").Catalogue} Catalogue
 * @typedef {{heading: string, lines: string[]}} Paragraph
 */

const RESULTS = ["FAIL", "UNKNOWN", "PASS", "NOT_APPLICABLE"];
const CANNOT_TELL = "CANNOT_TELL";

/** @param {JsonObject | undefined} from @param {string} name @returns {string | undefined} */
export const textOf = (from, name) => /** @type {string | undefined} */ (from?.get(name));
/** @param {JsonObject | undefined} from @param {string} name */
export const numberOf = (from, name) => /** @type {number} */ (from?.get(name) ?? 0);
/** @param {JsonObject | undefined} from @param {string} name @returns {JsonObject | undefined} */
export const objectOf = (from, name) => /** @type {JsonObject | undefined} */ (from?.get(name));
/** @param {JsonObject | undefined} from @param {string} name @returns {JsonObject[]} */
export const objectsOf = (from, name) => /** @type {JsonObject[]} */ (from?.get(name) ?? []);
/** @param {JsonObject | undefined} from @param {string} name @returns {string[]} */
export const textsOf = (from, name) => /** @type {string[]} */ (from?.get(name) ?? []);
/** @param {JsonObject | undefined} from @returns {number[]} */
export const entriesOf = (from) => /** @type {number[]} */ (from?.get("entries") ?? []);

/**
 * What a verdict was asked; of a party perhaps what its record book says of one `consent`.
 * @param {JsonObject} verdict @returns {{kind: string, id: string, ask: string | undefined, consent: string | undefined}}
 */
export function questionOf(verdict) {
  const question = objectOf(verdict, "question");
  const kind = ["usage", "party", "consent", "asset"].find((one) => question?.has(one)) ?? "";
  return { kind, id: textOf(question, kind) ?? "", ask: textOf(question, "ask"), consent: kind === "party" ? textOf(question, "consent") : undefined };
}

/** The first digits of an id, to tell one from another in a text. @param {string} id */
export const short = (id) => id.slice(0, 12);

/**
 * The verdict for people, most important first.
 * @param {JsonObject} verdict or an invalid outcome @param {Catalogue} words @returns {Paragraph[]}
 */
export function explain(verdict, words) {
  if (textOf(verdict, "outcome") === "invalid") {
    const lines = [words.say(`step.${numberOf(verdict, "step")}`), words.say("explain.invalid_answers_nothing")];
    return [{ heading: words.say("explain.invalid"), lines }];
  }
  const rules = objectsOf(verdict, "rules");
  return [
    ...answers(verdict, words), ...reasons(rules, words),
    ...remarks(words.say("explain.warnings"), objectsOf(verdict, "warnings"), words),
    ...remarks(words.say("explain.faults"), objectsOf(verdict, "faults"), words),
    basis(verdict, words), allRules(rules, words),
  ];
}

/** @param {JsonObject} verdict @param {Catalogue} words @returns {Paragraph[]} */
function answers(verdict, words) {
  const { kind, id, ask, consent } = questionOf(verdict), answer = textOf(verdict, "answer");
  if (kind === "usage") return aboutUsage(verdict, words);
  /** @type {string[]} */
  const lines = [];
  if (kind === "consent") {
    const at = words.moment(parseInstant(textOf(verdict, "instant") ?? ""));
    lines.push(...nowAndThen(verdict, words), words.say("explain.asked_consent", { id, at }), ...about(verdict, words));
    const owed = objectOf(verdict, "paid");
    if (answer === undefined) return [paid(owed, verdict, words, lines)];
    return [{ heading: words.say(`answer.${answer}`), lines }, ...(owed ? [paid(owed, verdict, words)] : [])];
  }
  if (kind === "party") {
    const uses = objectsOf(verdict, "usages"), consents = objectsOf(verdict, "consents");
    const indented = (/** @type {string[]} */ found) => found.map((line) => `    ${line}`);
    lines.push(consent ? words.say("explain.asked_book_of", { id, consent }) : words.say("explain.asked_party", { id }));
    if (answer === "COMPLETE") lines.push(words.say(consent ? "explain.complete_of" : "explain.complete"));
    if (ask === "complete") return [{ heading: words.say(`answer.${answer}`), lines: [...lines, words.say("explain.by_headers")] }];
    lines.push(words.say("explain.consents", { consents: consents.length }));
    for (const one of consents) {
      const said = andPaid(textOf(one, "answer"), objectOf(one, "paid"), ask, words);
      lines.push(words.say("explain.consent", { consent: short(textOf(one, "consent") ?? ""), answer: said }));
      lines.push(...indented(payees(objectOf(one, "paid"), verdict, words)));
    }
    lines.push(words.say("explain.uses", { uses: uses.length }));
    for (const one of uses) {
      const said = andPaid(textOf(one, "authorised"), objectOf(one, "paid"), ask, words);
      lines.push(words.say("explain.use", { usage: short(textOf(one, "usage") ?? ""), answer: said }));
      lines.push(...indented(segments(one, words)), ...indented(payees(objectOf(one, "paid"), verdict, words)));
    }
  } else {
    lines.push(words.say("explain.asked_asset", { id }), ...registered(verdict, id, words));
  }
  return [{ heading: words.say(`answer.${answer ?? CANNOT_TELL}`), lines }];
}

/** @param {string | undefined} answer @param {JsonObject | undefined} owed @param {string | undefined} ask @param {Catalogue} words */
function andPaid(answer, owed, ask, words) {
  const said = answer === undefined ? [] : [words.say(`answer.${answer}`)];
  if (ask === undefined || ask === "paid") said.push(words.say(owed ? `answer.${textOf(owed, "answer")}` : "explain.nothing_owed"));
  return said.join(", ");
}

/** @param {JsonObject} verdict @param {Catalogue} words @returns {Paragraph[]} */
function aboutUsage(verdict, words) {
  const { id, ask } = questionOf(verdict), authorised = textOf(verdict, "authorised"), owed = objectOf(verdict, "paid");
  let first = nowAndThen(verdict, words);
  /** @type {Paragraph[]} */
  const paragraphs = [];
  if (authorised !== undefined) {
    const lines = [...first, words.say("explain.asked_usage", { id }), ...about(verdict, words), ...segments(verdict, words), ...files(verdict, words)];
    paragraphs.push({ heading: words.say(`answer.${authorised}`), lines });
    first = [];
  }
  if (ask !== "authorised" || owed) {
    const { heading, lines } = paid(owed, verdict, words);
    paragraphs.push({ heading, lines: [...first, ...(paragraphs.length ? [] : about(verdict, words)), ...lines] });
  }
  return paragraphs;
}

/** Of a stale verdict first that nobody can tell what holds now, then what held then. @param {JsonObject} verdict @param {Catalogue} words */
export function nowAndThen(verdict, words) {
  const then = objectOf(verdict, "then"), at = words.moment(parseInstant(textOf(objectOf(verdict, "as_of"), "at") ?? ""));
  /** @type {string[]} */
  const lines = [];
  if (!then) return lines;
  const words3 = (/** @type {JsonObject} */ from) =>
    [textOf(from, "answer"), textOf(from, "authorised"), textOf(objectOf(from, "paid"), "answer")];
  const was = words3(then), known = was.filter((one) => one !== undefined && one !== CANNOT_TELL);
  const lost = was.filter((_, place) => words3(verdict)[place] === CANNOT_TELL);
  const open = words3(verdict).some((one) => one === CANNOT_TELL);
  if (lost.some((one) => one !== undefined && known.includes(one))) lines.push(words.say("explain.stale_now", { at }));
  else if (open) lines.push(words.say("explain.stale_nothing", { at }));
  if (known.length) lines.push(words.say("explain.then", { answers: words.listed(known.map((one) => words.say(`answer_within.${one}`))) }));
  if (known.length < was.filter((one) => one !== undefined).length) lines.push(words.say("explain.then_open"));
  const { kind, id } = questionOf(verdict);
  return [...lines, words.say("explain.fetch_newer", { kind, id })];
}

/** Who takes part, by the names that a registrar vouched for, and what a use is. @param {JsonObject} verdict @param {Catalogue} words */
function about(verdict, words) {
  const found = objectOf(verdict, "about");
  if (!found) return [];
  const parties = objectsOf(found, "parties");
  const who = parties.map((one) => {
    const role = words.code("role", textOf(one, "role") ?? ""), id = short(textOf(one, "party") ?? ""), name = textOf(one, "name");
    return name ? words.say("explain.named_participant", { role, name, id }) : words.say("explain.participant", { role, id });
  }).join("; ");
  const lines = [words.say(parties.some((one) => textOf(one, "name")) ? "explain.about_named" : "explain.about_parties", { who })];
  const purpose = textOf(found, "purpose");
  if (purpose !== undefined) {
    const category = textOf(found, "category") ?? "", product = textOf(found, "product");
    const name = CATEGORIES.get(category)?.name ?? category;
    lines.push(words.say("explain.about_use", {
      purpose: words.code("purpose", purpose),
      category: product === undefined ? name : `${name}, ${product}`,
      placement: words.code("placement", textOf(found, "placement") ?? ""),
      channels: textsOf(found, "channels").map((channel) => words.code("channel", channel)).join(", "),
      countries: textsOf(found, "countries").join(", "),
      files: words.say("describe.files", { n: numberOf(found, "files") }),
    }));
  }
  return lines;
}

/** @param {JsonObject} verdict @param {string} id @param {Catalogue} words */
function registered(verdict, id, words) {
  const row = objectsOf(verdict, "rules").find((one) => textOf(one, "rule") === "T2"), entries = entriesOf(row);
  const answer = textOf(verdict, "answer"), compared = textsOf(verdict, "files"), lines = [];
  if (answer === "REGISTERED") lines.push(words.say("explain.named", { n: entries.length, entries: entryList(entries, words) }));
  else if (answer === "NOT_REGISTERED") lines.push(words.say("explain.not_named"));
  if (!compared.length) lines.push(words.say("explain.digest_alone"));
  else if (compared.includes(id)) lines.push(words.say("explain.file_is_it"));
  const others = compared.filter((digest) => digest !== id);
  if (others.length) lines.push(words.say("explain.file_is_another", { digests: others.join(", ") }));
  return lines;
}

/** @param {JsonObject} verdict @param {Catalogue} words */
function files(verdict, words) {
  const compared = textsOf(verdict, "files");
  return compared.length ? compared.map((digest) => words.say("explain.file_compared", { digest })) : [words.say("explain.file_not_compared")];
}

/** @param {JsonObject} from @param {Catalogue} words */
function segments(from, words) {
  return objectsOf(from, "segments").map((one) => words.say("explain.segment", {
    start: words.moment(parseInstant(textOf(one, "from") ?? "")), end: words.moment(parseInstant(textOf(one, "to") ?? "")),
    answer: words.say(`answer_within.${textOf(one, "authorised")}`),
  }));
}

/** @param {JsonObject | undefined} owed @param {JsonObject} verdict @param {Catalogue} words @param {string[]} [first] @returns {Paragraph} */
function paid(owed, verdict, words, first = []) {
  if (!owed) return { heading: words.say("explain.no_payment"), lines: [words.say("explain.no_payment_why")] };
  return { heading: words.say(`answer.${textOf(owed, "answer")}`), lines: [...first, words.say("explain.asked_paid"), ...payees(owed, verdict, words)] };
}

/** Whether a line says nothing: the consent itself owes nothing, as most do. @param {JsonObject} line of a payee */
export const owesNothing = (line) => textOf(line, "of") === "consent" && textOf(line, "answer") === "PAID" && !numberOf(line, "due");

/** @param {JsonObject | undefined} owed @param {JsonObject} verdict @param {Catalogue} words */
function payees(owed, verdict, words) {
  const currency = textOf(owed, "currency");
  const names = new Map(objectsOf(objectOf(verdict, "about"), "parties").map((one) => [textOf(one, "party"), textOf(one, "name")]));
  return objectsOf(owed, "payees").filter((one) => !owesNothing(one)).map((one) => {
    const at = textOf(one, "due_at"), late = numberOf(one, "days_late");
    return words.say(textOf(one, "of") === "usage" ? "explain.payee" : "explain.payee_of_consent", {
      payee: called(textOf(one, "payee") ?? "", names),
      leg: words.say(`leg.${textOf(one, "leg")}`),
      due: words.money(numberOf(one, "due"), currency),
      received: words.money(numberOf(one, "received"), currency),
      outstanding: words.money(numberOf(one, "outstanding"), currency),
      when: at === undefined ? "" : words.say("explain.due_at", { at: words.moment(parseInstant(at)) }),
      late: late ? words.say("explain.late", { days_late: words.say("days_late", { n: late }) }) : "",
      answer: words.say(`answer_within.${textOf(one, "answer")}`),
    });
  });
}

/** @param {string} party @param {ReadonlyMap<string | undefined, string | undefined>} names */
function called(party, names) {
  const name = names.get(party);
  return name === undefined ? short(party) : `${name} (${short(party)})`;
}

/** @param {readonly JsonObject[]} rules @param {Catalogue} words @returns {Paragraph[]} */
function reasons(rules, words) {
  const headings = [["FAIL", words.say("explain.against")], ["UNKNOWN", words.say("explain.cannot_tell")]];
  return headings.flatMap(([result, heading = ""]) => {
    const found = rules.filter((row) => textOf(row, "result") === result);
    return found.length ? [{ heading, lines: found.map((row) => finding(row, words)) }] : [];
  });
}

/** @param {JsonObject} row @param {Catalogue} words */
function finding(row, words) {
  const rule = textOf(row, "rule") ?? "", title = words.say(`rule.${rule}`), sentence = words.say(`code.${textOf(row, "code")}`);
  return words.say("explain.reason", { rule, title, sentence }) + resting(entriesOf(row), words);
}

/** A warning or a fault in words. @param {JsonObject} remark @param {Catalogue} words */
export function remarkSentence(remark, words) {
  const code = textOf(remark, "code") ?? "";
  return words.say(words.has(`note.${code}`) ? `note.${code}` : `code.${code}`) + resting(entriesOf(remark), words);
}

/** @param {string} heading @param {readonly JsonObject[]} found @param {Catalogue} words @returns {Paragraph[]} */
function remarks(heading, found, words) {
  return found.length ? [{ heading, lines: found.map((one) => remarkSentence(one, words)) }] : [];
}

/** @param {readonly JsonObject[]} rules @param {Catalogue} words @returns {Paragraph} */
function allRules(rules, words) {
  const lines = RESULTS.flatMap((result) => {
    const names = rules.filter((row) => textOf(row, "result") === result).map((row) => textOf(row, "rule"));
    return names.length ? [words.say("explain.rules_with_result", { result: words.say(`result.${result}`), rules: names.join(", ") })] : [];
  });
  return { heading: words.say("explain.all_rules"), lines };
}

/** What an answer rests on. @param {JsonObject} verdict @param {Catalogue} words @returns {Paragraph} */
function basis(verdict, words) {
  const asOf = objectOf(verdict, "as_of"), moment = (/** @type {string | undefined} */ at) => words.moment(parseInstant(at ?? ""));
  return {
    heading: words.say("explain.basis"),
    lines: [
      words.say("explain.basis_log", { at: moment(textOf(asOf, "at")), size: numberOf(asOf, "size"), rules: numberOf(asOf, "rules") }),
      words.say("explain.basis_instant", { at: moment(textOf(verdict, "instant")) }),
      words.say("explain.basis_complete", { basis: words.say(`basis.${textOf(asOf, "basis")}`) }),
      words.say("explain.basis_limits"),
    ],
  };
}

/** @param {readonly number[]} entries @param {Catalogue} words */
function resting(entries, words) {
  return entries.length ? words.say("explain.resting", { entries: entryList(entries, words) }) : "";
}

/** As in "entries 3, 5 and 8". @param {readonly number[]} entries @param {Catalogue} words */
export function entryList(entries, words) {
  return words.say("entries", { n: entries.length, entries: words.listed(entries.map(String)) });
}
