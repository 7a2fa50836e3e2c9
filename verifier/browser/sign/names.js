/**
 * Whether parties are called as the page that asked for the act says. A party's id is the hash of its enrolment, which
 * commits to its name: once the key is open, the registry is asked for that, and not believed.
 */

import { encodeUtf8 } from "../base/bytes.js";
import { parse } from "../base/canonical.js";
import { Malformed } from "../base/errors.js";
import { flat } from "../base/printable.js";
import { digestOf, parseDisclosure } from "../statements/disclosure.js";
import { envelopeFromJson } from "../statements/envelope.js";
import { partyName } from "../statements/sections.js";
import { parseStatement } from "../statements/types.js";
import { SignedClient } from "./http_signing.js";
import { calledName } from "./page.js";
import { NotSent } from "./trouble.js";

/** @typedef {import("./act.js").Told} Told */

const MAX_ENTRY = 1 << 20;
/** Acts whose names were said to be unconfirmed: once, then the person decides. @type {WeakSet<import("./act.js").Act>} */
const told = new WeakSet();

/** Throws {@link NotSent} once where names are not those of the enrolments. @param {import("./page.js").Page} page @param {import("./key.js").OpenKey} key @param {readonly Told[]} people */
export async function checkNames({ act, words }, key, people) {
  if (act === null || told.has(act)) return;
  const client = new SignedClient(key, act.registry), others = people.filter(({ party, name }) => name !== undefined && party !== act.party);
  const found = await Promise.all(others.map(async ({ party }) => enrolledName(await client.send("GET", `/entries/${party}`, null), party)));
  const wrong = others.filter(({ name }, place) => found[place] !== name).map(({ party }) => flat(calledName(people, party) ?? ""));
  if (!wrong.length) return;
  told.add(act);
  throw new NotSent(words.say("signing.names_unconfirmed", { names: words.listed(wrong) }), "names_unconfirmed");
}

/** What a party's enrolment calls it; null where that is not shown. @param {Response} answer @param {string} party */
async function enrolledName(answer, party) {
  if (!answer.ok) return null;
  try {
    const value = parse(encodeUtf8(await answer.text()), MAX_ENTRY);
    if (!(value instanceof Map)) return null;
    const statement = parseStatement(envelopeFromJson(value.get("envelope") ?? "").payload), disclosures = value.get("disclosures");
    if (statement.id !== party || !Array.isArray(disclosures)) return null;
    const own = disclosures.find((one) => typeof one === "string" && digestOf(one) === statement.sections?.name);
    return typeof own === "string" ? partyName(parseDisclosure(own).value).name : null;
  } catch (error) {
    if (error instanceof Malformed) return null;
    throw error;
  }
}
