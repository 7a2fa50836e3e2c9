/** The same vectors that the kernel is held to: encodings, notes, checkpoints, policies, proofs, index. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { parseB64, parseB64u } from "../base/base64.js";
import { decodeUtf8, encodeUtf8, parseHex, toHex } from "../base/bytes.js";
import { encode, parse } from "../base/canonical.js";
import { Malformed } from "../base/errors.js";
import { formatInstant, parseInstant } from "../base/instant.js";
import { flat, printable } from "../base/printable.js";
import { isAbsent } from "../index/proofs.js";
import { parseCheckpoint, parseDecimal } from "../log/checkpoint.js";
import { parseNote, parseVkey } from "../log/note.js";
import { isIncluded } from "../log/proofs.js";
import { openCheckpoint, parsePolicy, Untrusted } from "../log/trust.js";

const VECTORS = new URL("../../../tests/vectors/", import.meta.url);
const read = (path) => JSON.parse(readFileSync(new URL(path, VECTORS), "utf8"));

const outcome = (run) => {
  try {
    return ["ok", run()];
  } catch (error) {
    if (error instanceof Malformed) return ["malformed"];
    throw error;
  }
};

for (const one of read("encoding/canonical.json").cases) {
  test(`canonical: ${one.name}`, () => {
    const data = parseHex(one.input.hex);
    const [said, value] = outcome(() => parse(data, 1 << 20));
    assert.equal(said, one.expect);
    if (said === "ok") assert.equal(toHex(encode(value)), one.input.hex);
  });
}

const VALUES = {
  b64: (text) => toHex(parseB64(text)),
  b64u: (text) => toHex(parseB64u(text)),
  hex: (text) => toHex(parseHex(text)),
  decimal: (text) => String(parseDecimal(text)),
  instant: (text) => Number(parseInstant(text)),
};

for (const one of read("encoding/values.json").cases) {
  test(`value: ${one.name}`, () => {
    const [said, value] = outcome(() => VALUES[one.input.kind](one.input.text));
    assert.equal(said, one.expect);
    if (said === "ok") assert.equal(typeof one.output === "number" ? Number(value) : value, one.output);
    if (said === "ok" && one.input.kind === "instant") assert.equal(formatInstant(BigInt(value)), one.input.text);
  });
}

for (const one of read("encoding/printable.json").cases) {
  test(`shown: ${one.name}`, () => assert.deepEqual([printable(one.input), flat(one.input)], [one.printable, one.flat]));
}

const hexes = (list) => list.map((one) => parseHex(one));
const steps = (path) => path.map(([bit, sibling]) => [bit, parseHex(sibling)]);
const strictlyFalling = (path) => path.every(([bit], i) => bit >= 0 && bit <= 255 && (i === 0 || path[i - 1][0] > bit));
const sizes = (path, other) => path.every(([, sibling]) => sibling.length === 32) && (!other || (other.k.length === 32 && other.v.length === 40));

for (const one of read("log/inclusion.json").cases) {
  test(`inclusion: ${one.name}`, () => {
    const { leaf_hash, index, size, proof, root } = one.input;
    const hashes = hexes(proof);
    const good = hashes.every((hash) => hash.length === 32) && isIncluded(parseHex(leaf_hash), BigInt(index), BigInt(size), hashes, parseHex(root));
    assert.equal(good ? "ok" : "proof", one.expect);
  });
}

for (const one of read("index/absence.json").cases) {
  test(`absence: ${one.name}`, () => {
    const { root, subject, other, path } = one.input;
    if (other === null || other.k === null || other.v === null) return assert.ok(one.input, "an evidence file cannot show it");
    const shown = { k: parseHex(other.k), v: parseHex(other.v) }, up = steps(path);
    const good = strictlyFalling(up) && sizes(up, shown) && isAbsent(parseHex(root), subject, shown, up);
    assert.equal(good ? "ok" : "proof", one.expect);
  });
}

for (const one of read("log/vkey.json").cases) {
  test(`vkey: ${one.name}`, () => assert.equal(outcome(() => parseVkey(one.input.vkey))[0], one.expect));
}

for (const one of read("log/checkpoint.json").cases) {
  test(`checkpoint: ${one.name}`, () => {
    const [said, value] = outcome(() => parseCheckpoint(one.input.text));
    assert.equal(said, one.expect);
    if (said === "ok") {
      assert.deepEqual({ origin: value.origin, size: String(value.size), root: toHex(value.root) }, one.output);
    }
  });
}

for (const one of read("log/note.json").cases) {
  test(`note: ${one.name}`, () => {
    const [said, note] = outcome(() => parseNote(decodeUtf8(parseB64(one.input.note_b64))));
    assert.equal(said, one.expect);
    if (said === "ok") assert.deepEqual({ text: note.text, signatures: note.signatures.length }, one.output);
  });
}

for (const one of read("log/policy.json").cases) {
  test(`policy: ${one.name}`, () => {
    const data = one.input.policy_b64 !== undefined ? parseB64(one.input.policy_b64) : encodeUtf8(one.input.policy);
    assert.equal(outcome(() => parsePolicy(data))[0], one.expect);
  });
}

const CODES = { 4: "checkpoint_malformed", 5: "log_untrusted", 6: "quorum_missing" };

for (const one of read("log/open_checkpoint.json").cases) {
  test(`open checkpoint: ${one.name}`, () => {
    let said = "ok", opened;
    try {
      opened = openCheckpoint(one.input.note, parsePolicy(encodeUtf8(one.input.policy)));
    } catch (error) {
      if (!(error instanceof Untrusted)) throw error;
      said = CODES[error.step];
    }
    assert.equal(said, one.expect);
    if (opened) {
      const asOf = opened.asOf === null ? null : Number(opened.asOf);
      assert.deepEqual({ as_of: asOf, quorum_none: opened.quorumNone, audited: opened.audited }, one.output);
    }
  });
}
