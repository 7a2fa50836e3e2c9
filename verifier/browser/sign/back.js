/** The way back to the registry's page, with what came of the act. */

import { formatB64u } from "../base/base64.js";
import { encodeUtf8 } from "../base/bytes.js";

/** @param {import("./act.js").Act} act @param {{[name: string]: unknown}} outcome */
export function goBack(act, outcome) {
  location.assign(`${act.back.split("#")[0]}#done=${formatB64u(encodeUtf8(JSON.stringify({ act: act.act, ...outcome })))}`);
}
