/** Keys as people keep them: what signs, what locks a copy, what stands on a sheet; and what is not taken for one. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { parseHex, toHex } from "../base/bytes.js";
import { verify } from "../base/crypto.js";
import { signedFields } from "../sign/http_signing.js";
import { newKey, OpenKey, randomBytes } from "../sign/key.js";
import { formatKeyFile, Locked, lock, openKeyFile, parseKeyFile, TooCostly, unlock } from "../sign/key_file.js";
import { formatCopy, lockerOf, openCopy } from "../sign/passkey.js";
import { knownStep } from "../sign/requests.js";
import { fingerprintOf, readSheet, writeSheet } from "../sign/sheet.js";

const GENESIS = "ab".repeat(32), OTHER = "cd".repeat(32);

test("RFC 8032, section 7.1, tests 1 to 3", () => {
  const rows = [
    ["9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60", "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
      "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"],
    ["4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb", "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
      "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"],
    ["c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7", "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
      "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"],
  ];
  for (const [seed, key, message, signature] of rows) {
    const open = new OpenKey(parseHex(seed));
    assert.equal(open.public, key);
    assert.equal(toHex(open.sign(parseHex(message))), signature);
  }
});

test("a key that is forgotten is none any more", () => {
  const key = newKey(), before = toHex(key.seed);
  assert.notEqual(before, toHex(newKey().seed));
  key.forget();
  assert.equal(toHex(key.seed), "00".repeat(32));
});

test("a box opens with its key alone, and not if a bit has changed", () => {
  const key = randomBytes(32), secret = randomBytes(32), box = lock(key, secret);
  assert.deepEqual(unlock(key, box), secret);
  assert.equal(unlock(randomBytes(32), box), null);
  for (const at of [0, 24, box.length - 1]) {
    const changed = box.slice();
    changed[at] ^= 1;
    assert.equal(unlock(key, changed), null);
  }
  assert.equal(unlock(key, box.subarray(0, 10)), null);
});

test("a copy under a passkey is bound to the log and to the key", () => {
  const key = newKey(), prf = randomBytes(32), blob = formatCopy(key, prf, GENESIS);
  assert.equal(openCopy(blob, prf, GENESIS).public, key.public);
  assert.throws(() => openCopy(blob, randomBytes(32), GENESIS));
  assert.throws(() => openCopy(blob, prf, OTHER));
  assert.throws(() => openCopy(new TextEncoder().encode(new TextDecoder().decode(blob).replaceAll(GENESIS, OTHER)), prf, OTHER));
  assert.throws(() => openCopy(new TextEncoder().encode(new TextDecoder().decode(blob).replace(key.public, newKey().public)), prf, GENESIS));
  assert.ok(blob.length <= 4096);
  assert.equal(lockerOf(new Uint8Array(32)), "791905f3e6603aede9482168445d3ba942eef669b9fe72d070a9e3a87385125b");
});

test("a sheet is read however it is spaced, and a slip of the pen is told", () => {
  for (let round = 0; round < 50; round++) {
    const seed = randomBytes(32), kept = toHex(seed), written = writeSheet(seed);
    assert.equal(written.split(" ").length, 14);
    assert.equal(toHex(readSheet(written.toLowerCase().replaceAll("0", "o").replaceAll("1", "l").replaceAll(" ", "-")).seed), kept);
    const digits = written.replaceAll(" ", "");
    for (let at = 0; at < digits.length; at++) {
      const other = digits[at] === "7" ? "8" : "7";
      assert.throws(() => readSheet(digits.slice(0, at) + other + digits.slice(at + 1)), { where: "sheet" });
    }
    assert.throws(() => readSheet(digits.slice(1)));
    assert.throws(() => readSheet(`${digits.slice(1)}U`));
  }
});

test("a fingerprint is what a registrar's page makes of the key", () => {
  assert.equal(fingerprintOf(new Uint8Array(32)), "55XV-SQGV-SVWA");
});

test("a key file is opened by its passphrase, at a cost that a page has", async () => {
  const derive = async ({ passphrase, salt }) => Uint8Array.from({ length: 32 }, (_, at) => (passphrase.charCodeAt(at % passphrase.length) + salt[at % 16]) & 255);
  const key = newKey(), text = await formatKeyFile(key, "four words of nothing", derive), file = parseKeyFile(text);
  assert.equal((await openKeyFile(file, "four words of nothing", derive)).public, key.public);
  await assert.rejects(openKeyFile(file, "four words of something", derive), Locked);
  await assert.rejects(openKeyFile({ ...file, memory: 256 * 1024 * 1024 }, "four words of nothing", derive), TooCostly);
  await assert.rejects(openKeyFile({ ...file, public: newKey().public }, "four words of nothing", derive));
  for (const wrong of ["", "{}", text.replace("argon2id", "argon2i"), text.replace("kembar-key/1", "kembar-key/2"), ` ${text}`]) assert.throws(() => parseKeyFile(wrong));
});

test("a request is signed as the protocol says (8.1)", () => {
  const key = newKey(), body = new TextEncoder().encode("{}");
  const fields = signedFields(key, "POST", new URL("https://Registry.example:8443/desk?x=1"), body, { created: 1_800_000_000n, nonce: "ab".repeat(16) });
  const parameters = fields["Signature-Input"].slice("kembar=".length);
  const base = `"@method": POST\n"@authority": registry.example:8443\n"@path": /desk\n"@query": ?x=1\n"content-digest": ${fields["Content-Digest"]}\n"@signature-params": ${parameters}`;
  const signature = Uint8Array.from(Buffer.from(fields.Signature.slice("kembar=:".length, -1), "base64"));
  assert.ok(verify(parseHex(key.public), new TextEncoder().encode(base), signature));
  assert.match(parameters, /;created=1800000000;expires=1800000060;nonce="(ab){16}";keyid="[0-9a-f]{64}";alg="ed25519";tag="kembar"$/);
  assert.equal(fields["Content-Digest"], "sha-256=:RBNvo1WzZ4oRRq0W9+hknpT7T8If536DEMBg9hyq/4o=:");
});

test("a request that has no words is none", () => {
  const id = "ab".repeat(32);
  assert.equal(knownStep({ method: "DELETE", path: `/desk/${id}` }).name, "withdraw_draft");
  const wrong = [
    { method: "GET", path: "/desk" }, { method: "POST", path: "/desk", body: "signature" }, { method: "POST", path: `/desk/${id}/signature` },
    { method: "DELETE", path: `/desk/${id}/` }, { method: "DELETE", path: `/desk/${id}`, body: new Map() }, { method: "POST", path: "/entries?dry_run=true", body: "signed" },
    { method: "POST", path: "/grants", body: "signed" }, { method: "POST", path: "//evil.example/grants", body: new Map() }, { method: "POST", path: "/desk/../grants", body: new Map() },
  ];
  for (const step of wrong) assert.throws(() => knownStep(step), undefined, step.path);
});
