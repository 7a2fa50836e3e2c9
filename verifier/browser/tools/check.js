/**
 * The verifier on files, as `verifier check FILE --json` is in Python: the verdict's canonical JSON.
 *
 * usage: node tools/check.js EVIDENCE POLICY INSTANT [FILE]...   INSTANT in seconds since 1970, FILEs to compare with it
 */

import { readFileSync } from "node:fs";

import { decodeUtf8, toHex } from "../base/bytes.js";
import { sha256 } from "../base/crypto.js";
import { formatVerdict, verdictOf } from "../evidence/verdict.js";
import { parsePolicy } from "../log/trust.js";

const [evidence, policy, instant, ...files] = process.argv.slice(2);
const read = (path) => new Uint8Array(readFileSync(path));
const digests = files.map((path) => toHex(sha256(read(path))));
const verdict = verdictOf(read(evidence), parsePolicy(read(policy)), { instant: BigInt(instant), files: digests, requireAudited: true, byClock: true });
process.stdout.write(decodeUtf8(formatVerdict(verdict)));
