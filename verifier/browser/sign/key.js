/** A key of one's own: Ed25519 (RFC 8032) of a seed of 32 random bytes, open for as long as one act takes. */

import { eddsa } from "@noble/curves/abstract/edwards.js";
import { sha512 } from "@noble/hashes/sha2.js";

import { toHex } from "../base/bytes.js";
import { Point } from "../base/crypto.js";
import { pae } from "../statements/envelope.js";

/** RFC 8032, section 5.1.5: the lowest three bits are cleared, the highest too, the second highest is set. @param {Uint8Array} bytes 32 */
function adjustScalarBytes(bytes) {
  bytes[0] = (bytes[0] ?? 0) & 248;
  bytes[31] = ((bytes[31] ?? 0) & 127) | 64;
  return bytes;
}

const { sign, getPublicKey } = eddsa(Point, sha512, { adjustScalarBytes });
export const SEED_SIZE = 32;

/** @param {number} size @returns {Uint8Array} from the device's own generator */
export function randomBytes(size) {
  return crypto.getRandomValues(new Uint8Array(size));
}

export class OpenKey {
  /** @param {Uint8Array} seed it is overwritten by {@link forget} */
  constructor(seed) {
    if (seed.length !== SEED_SIZE) throw new RangeError("a seed has 32 bytes");
    this.seed = seed;
    this.public = toHex(getPublicKey(seed));
  }

  /** @param {Uint8Array} message @returns {Uint8Array} 64 bytes */
  sign(message) {
    return sign(message, this.seed);
  }

  /** Under a statement. @param {Uint8Array} payload */
  signStatement(payload) {
    return { keyid: this.public, sig: this.sign(pae(payload)) };
  }

  /** What a page can do to be rid of it: the engine may have copied it, and no program of a page can tell. */
  forget() {
    this.seed.fill(0);
  }
}

/** A new one, which was never anywhere else. */
export function newKey() {
  return new OpenKey(randomBytes(SEED_SIZE));
}

/** Opens, acts, forgets, whatever comes of it. @template T @param {() => Promise<OpenKey>} open @param {(key: OpenKey) => Promise<T>} act @returns {Promise<T>} */
export async function withKey(open, act) {
  const key = await open();
  try {
    return await act(key);
  } finally {
    key.forget();
  }
}
