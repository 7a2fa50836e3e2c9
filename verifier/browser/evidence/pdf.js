/** Evidence in a PDF: found by the marks around it, and nothing else of the PDF is read (protocol, section 7.5). */

import { encodeUtf8, toHex } from "../base/bytes.js";
import { sha256 } from "../base/crypto.js";
import { Malformed } from "../base/errors.js";

const MARK = encodeUtf8("\n/KembarEvidence (");
const SAID = /^([0-9]{10}) ([0-9a-f]{64})\)\n>>\nstream\n$/;
const LENGTH = 87;
const AFTER = "\nendstream\n";

/** @param {Uint8Array} data @param {number} from @param {number} to */
const ascii = (data, from, to) => String.fromCharCode(...data.subarray(from, to));

/** Whether a file says that it is a PDF. @param {Uint8Array} data */
export const isPdf = (data) => ascii(data, 0, 5) === "%PDF-";

/** Where the next mark begins, or -1. @param {Uint8Array} data @param {number} [from] */
export function markIn(data, from = 0) {
  for (let at = from; at < data.length; at++) {
    let i = 0;
    while (i < MARK.length && data[at + i] === MARK[i]) i++;
    if (i === MARK.length) return at;
  }
  return -1;
}

/** What a PDF of at most `limit` bytes holds once and whole; a file that is no PDF is all evidence, or none. @param {Uint8Array} data @param {number} limit */
export function evidenceIn(data, limit) {
  if (!isPdf(data)) return data;
  if (data.length > limit) throw new Malformed(`a PDF of ${data.length} bytes, at most ${limit} are allowed`);
  const mark = markIn(data);
  if (mark < 0) throw new Malformed("this PDF holds no evidence");
  if (markIn(data, mark + 1) >= 0) throw new Malformed("this PDF holds evidence more than once");
  const start = mark + MARK.length + LENGTH;
  const [, length, digest] = SAID.exec(ascii(data, start - LENGTH, start)) ?? [];
  if (!digest) throw new Malformed("the mark of the evidence in this PDF is not as it must be");
  const end = start + Number(length), evidence = data.subarray(start, end);
  if (ascii(data, end, end + AFTER.length) !== AFTER) throw new Malformed("the evidence in this PDF has another length than its mark says");
  if (toHex(sha256(evidence)) !== digest) throw new Malformed("the evidence in this PDF has another SHA-256 than its mark says");
  return evidence;
}
