/**
 * How hard a passphrase is to guess: its characters, without those that follow from the ones before, as they do in what lists of
 * stolen passphrases are made of. Such a list would be larger than the page; it asks nobody.
 */

export const MIN_STRENGTH = 8;
/** Enough for whoever has the file and tries all that is shorter. */
export const GOOD_STRENGTH = 14;

/** What they are made of first, in the languages of this page: each counts as one character. */
const COMMON = /p[a@]ss(w[o0]r[dt]t?|phrase)|i?loveyou|sayang(ku)?|a?kucinta(kamu)?|indonesia|jakarta|bismillah|rahasia|katasandi|football|baseball|princess|sunshine|superman|pokemon|dragon|monkey|shadow|master|computer|internet|welcome|admin(istrator)?|letmein|secret|kembar|(19|20)\d\d/g;
/** Keys that lie beside one another. */
const ROWS = "qwertyuiop|asdfghjkl|zxcvbnm|qwertzuiop|azertyuiop|1qaz2wsx3edc4rfv5tgb|1q2w3e4r5t6y7u8i9o0p";

/** @param {string} text */
export function strength(text) {
  const pairs = new Set();
  let found = 0, before = "";
  for (const one of text.toLowerCase().replace(COMMON, "\0")) {
    const pair = before + one, step = before ? one.charCodeAt(0) - before.charCodeAt(0) : 9;
    const follows = Math.abs(step) < 2 || pairs.has(pair) || (before && (ROWS.includes(pair) || ROWS.includes(one + before)));
    if (!follows) found++;
    pairs.add(pair);
    before = one;
  }
  return found;
}
