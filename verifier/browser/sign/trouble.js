/** What went wrong with a key or at a registry, and what to do about it, in a sentence. */

import { Malformed } from "../base/errors.js";
import { CannotDerive } from "./derive.js";
import { Locked, TooCostly } from "./key_file.js";
import { NoPasskey, NoWrappingKey } from "./passkey.js";

/** A registry did not take what was sent, or its log does not know the key; the message is for people. */
export class NotSent extends Error {
  /** @param {string} message @param {string} code of the problem */
  constructor(message, code) {
    super(message);
    this.code = code;
  }
}

/** @param {import("../words/catalogue.js").Catalogue} words @param {unknown} error */
export function whyNot(words, error) {
  if (error instanceof NotSent) return error.message;
  if (error instanceof Locked) return words.say("signing.wrong_passphrase");
  if (error instanceof TooCostly) return words.say("signing.too_costly");
  if (error instanceof CannotDerive) return words.say("signing.no_memory");
  if (error instanceof NoPasskey) return words.say("signing.no_passkey");
  if (error instanceof NoWrappingKey) return words.say("signing.no_wrapping_key");
  if (error instanceof Malformed) return words.say(error.where === "sheet" ? "signing.wrong_sheet" : "signing.no_copy");
  if (error instanceof TypeError) return words.say("signing.unreachable");
  reportError(error);
  return words.say("signing.unforeseen");
}
