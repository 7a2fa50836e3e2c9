/** What a part of an answer is made from: the verdict and what is known beside it, and how it is said to this reader. */

import { printable } from "../../base/printable.js";
import { parseInstant } from "../../base/instant.js";
import { objectOf, objectsOf, questionOf, textOf } from "../../evidence/explain.js";
import { capital, UTC } from "../../words/catalogue.js";
import { element } from "../dom.js";

/**
 * @typedef {import("../../base/canonical.js").JsonObject} JsonObject
 * @typedef {import("../../words/catalogue.js").Catalogue} Catalogue
 * @typedef {import("../../evidence/details.js").Details} Details
 * @typedef {{words: Catalogue, file: {name: string, size: number, sha256: string, isPdf?: boolean}, policy: {sha256: string, name: string | null},
 *   compared: readonly {name: string, sha256: string}[], details: Details | null, zone?: import("../../words/catalogue.js").Zone}} Context
 *   what the reader knows beside the verdict; `compared` are files of hers, `details` is null where there is no verdict
 */
/** A name in a sentence, which is shown apart from it whatever its letters do. */
export class Name {
  /** @param {string} text */
  constructor(text) {
    this.text = text;
  }
}
/** @typedef {(string | Name)[]} Sentence */

export class View {
  /** @param {JsonObject} verdict @param {Context} context */
  constructor(verdict, context) {
    this.verdict = verdict;
    this.context = context;
    this.words = context.words;
    this.zone = context.zone ?? UTC;
    this.question = questionOf(verdict);
    this.instant = textOf(verdict, "instant") === undefined ? 0n : parseInstant(textOf(verdict, "instant") ?? "");
  }

  /** @param {string} id @param {import("../../words/catalogue.js").Values} [values] */
  say(id, values) {
    return this.words.say(id, values);
  }

  /** A sentence with names in it, which may begin with one. @param {string} id @param {{[name: string]: string | number | bigint | Name}} values @returns {Sentence} */
  parts(id, values) {
    const parts = this.words.parts(id, values).filter((part) => part !== "");
    const [first, ...rest] = parts;
    return first instanceof Name ? [new Name(capital(first.text)), ...rest] : parts;
  }

  /** @param {bigint} instant */
  moment(instant) {
    return this.words.time("view.moment", instant, this.zone);
  }

  /** The day alone where it begins in this zone, else with the time of day. @param {bigint} instant */
  day(instant) {
    const isMidnight = (instant + this.zone.offset) % 86_400n === 0n;
    return this.words.time(isMidnight ? "view.date" : "view.moment_short", instant, this.zone);
  }

  /** @param {bigint} instant */
  date(instant) {
    return this.words.time("view.date", instant, this.zone);
  }

  /** An instant of the verdict. @param {JsonObject | undefined} from @param {string} name @returns {bigint | null} */
  instantOf(from, name) {
    const text = textOf(from, name);
    return text === undefined ? null : parseInstant(text);
  }

  /** What a party is called, where this reader may know. @param {string | undefined} id @returns {string | null} */
  nameOf(id) {
    const told = objectsOf(objectOf(this.verdict, "about"), "parties").find((one) => textOf(one, "party") === id);
    const name = textOf(told, "name") ?? this.context.details?.people.get(id ?? "")?.name;
    return name ? printable(name) : null;
  }

  /** A party in a sentence: by its name, else by its role and the first digits of its id. @param {string} role @param {string | undefined} id */
  who(role, id = "") {
    return new Name(this.nameOf(id) ?? this.say("view.somebody", { role: this.words.code("role", role), id: id.slice(0, 8) }));
  }

  /** @param {number} n */
  files(n) {
    return this.say("describe.files", { n });
  }
}

/** A currency stays on one line with its figures. @param {string} text */
const unbroken = (text) => text.replace(/\b([A-Z]{3}) (?=\d)/g, "$1\u00a0");

/** A sentence as nodes: names in `<bdi>`. @param {Sentence} sentence */
export function nodes(sentence) {
  return sentence.map((part) => (part instanceof Name ? element("bdi", {}, part.text) : unbroken(part)));
}

/** A sentence as text; names stand between the marks that isolate them. @param {Sentence} sentence */
export function plain(sentence) {
  return sentence.map((part) => (part instanceof Name ? `\u2068${part.text}\u2069` : unbroken(part))).join("");
}
