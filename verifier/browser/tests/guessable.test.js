/** Passphrases as lists of stolen ones have them, of the length that is asked for; and as people make good ones. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { GOOD_STRENGTH, MIN_STRENGTH, strength } from "../sign/guessable.js";

const STOLEN = [
  "passwordpassword", "Password1234!", "P@ssw0rd2024", "iloveyou12345", "football2024!!", "basketball123", "administrator1", "hunter2hunter2",
  "sayangku1234", "bismillah123", "indonesia1945", "akucintakamu1", "123456789012", "987654321098", "111111222222", "aaaaaaaaaaaa", "abcdefghijkl",
  "abcabcabcabc", "qwertyuiop123", "asdfghjkl123", "1q2w3e4r5t6y", "q1w2e3r4t5y6", "1qaz2wsx3edc", "zaq12wsxcde3", "qazwsxedcrfv", "trustno1trustno1",
];
const OWN = ["correct horse battery staple", "kucing hujan meja biru", "a passphrase of four words", "Zug Fenster Kaffee Mond"];

test("what lists of stolen passphrases are made of is not taken", () => {
  for (const text of STOLEN) assert.ok(text.length >= 12 && strength(text) < MIN_STRENGTH, text);
});

test("four words are enough, with room to spare", () => {
  for (const text of OWN) assert.ok(strength(text) >= GOOD_STRENGTH, text);
});

test("more of the same adds nothing", () => {
  assert.equal(strength(""), 0);
  assert.equal(strength("x".repeat(500)), 1);
  assert.equal(strength("kopi ".repeat(20)), strength("kopi kopi "));
});
