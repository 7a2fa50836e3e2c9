/** Text of other people's as it is shown: nothing in it steers, hides, turns or breaks a line (protocol, section 4.4). */

const UNSEEN = [
  [0x0000, 0x001f], [0x007f, 0x009f],
  [0x00ad, 0x00ad], [0x034f, 0x034f], [0x061c, 0x061c], [0x115f, 0x1160], [0x17b4, 0x17b5], [0x180b, 0x180f],
  [0x200b, 0x200f], [0x2028, 0x202e], [0x2060, 0x206f],
  [0x3164, 0x3164], [0xd800, 0xdfff], [0xfeff, 0xfeff], [0xffa0, 0xffa0], [0xfff0, 0xfffb],
  [0x1bca0, 0x1bca3], [0x1d173, 0x1d17a], [0xe0000, 0xe0fff],
];
const SPACES = [[0x0020, 0x0020], [0x00a0, 0x00a0], [0x1680, 0x1680], [0x2000, 0x200a], [0x202f, 0x202f], [0x205f, 0x205f], [0x3000, 0x3000]];

/** @param {string} character @param {readonly (readonly number[])[]} ranges */
function isIn(character, ranges) {
  const point = /** @type {number} */ (character.codePointAt(0));
  return ranges.some(([first = 0, last = 0]) => first <= point && point <= last);
}

/** `text` with each character that cannot be seen written as `\u{1b}`. @param {string} text */
export function printable(text) {
  let shown = "";
  for (const character of text) {
    shown += isIn(character, UNSEEN) ? `\\u{${/** @type {number} */ (character.codePointAt(0)).toString(16)}}` : character;
  }
  return shown;
}

/** `text` on one line: what cannot be seen and spaces of every kind become one space, none at the ends. @param {string} text */
export function flat(text) {
  let shown = "";
  for (const character of text) shown += isIn(character, UNSEEN) || isIn(character, SPACES) ? " " : character;
  return shown.split(" ").filter((word) => word).join(" ");
}
