/**
 * What this page sends to a registry with a party's key, besides statements: each by method and path, worded here. What
 * is not in this table is not sent, whoever asks for it.
 */

import { Malformed } from "../base/errors.js";

/**
 * @typedef {import("../base/canonical.js").Json} Json
 * @typedef {{method: string, path: string, body?: Json | undefined}} Step as it was asked for
 * @typedef {{name: string, id: string | null, carries: "signed" | "signature" | "members" | "nothing"}} Known
 *   `name` of the sentence; `id` in the path; what the body carries
 */

const ID = "([0-9a-f]{64})", TOKEN = "([0-9a-f]{32,64})";

/** @type {readonly (readonly [method: string, path: string, name: string, carries: Known["carries"]])[]} */
const TABLE = [
  ["POST", "/entries(?:\\?require=yes)?", "log", "signed"],
  ["POST", "/desk", "propose", "signed"],
  ["POST", `/desk/${ID}/signature`, "desk_sign", "signature"],
  ["DELETE", `/desk/${ID}/signature`, "take_back", "nothing"],
  ["POST", `/desk/${ID}/read`, "read", "nothing"],
  ["POST", `/desk/${ID}/decline`, "decline", "members"],
  ["POST", `/desk/${ID}/report`, "report", "members"],
  ["POST", `/desk/${ID}/files`, "pictures", "nothing"],
  ["DELETE", `/desk/${ID}`, "withdraw_draft", "nothing"],
  ["POST", "/desk/blocks", "block", "members"],
  ["DELETE", `/desk/blocks/${ID}`, "unblock", "nothing"],
  ["POST", "/desk/options", "option_ask", "members"],
  ["POST", `/desk/options/${TOKEN}/grant`, "option_grant", "nothing"],
  ["POST", `/desk/options/${TOKEN}/decline`, "option_decline", "nothing"],
  ["DELETE", `/desk/options/${TOKEN}`, "option_release", "nothing"],
  ["POST", "/desk/address", "address_set", "members"],
  ["POST", "/desk/address/confirm", "address_confirm", "members"],
  ["DELETE", "/desk/address", "address_remove", "nothing"],
  ["POST", "/desk/calendars", "calendar_make", "members"],
  ["DELETE", `/desk/calendars/${TOKEN}`, "calendar_end", "nothing"],
  ["POST", "/grants", "grant", "members"],
  ["DELETE", `/grants/${TOKEN}`, "ungrant", "nothing"],
  ["POST", "/invitations", "invite", "members"],
  ["DELETE", `/invitations/${ID}`, "uninvite", "nothing"],
];

const ROWS = TABLE.map(([method, path, name, carries]) => ({ method, path: new RegExp(`^${path}$`), name, carries }));

/** What a step is; {@link Malformed} for one that this page does not know. @param {Step} step @returns {Known} */
export function knownStep({ method, path, body }) {
  for (const row of ROWS) {
    const found = row.method === method ? row.path.exec(path) : null;
    if (!found) continue;
    if (!fits(row, body)) throw new Malformed("the body is not what this request carries", path);
    return { name: row.name, id: found[1] ?? null, carries: row.carries };
  }
  throw new Malformed("a request that this page does not know", path);
}

/** @param {(typeof ROWS)[number]} row @param {Json | undefined} body */
function fits({ name, carries }, body) {
  switch (carries) {
    case "nothing": return body === undefined;
    case "members": return body instanceof Map;
    case "signature": return body === "signature";
    case "signed": return body === "signed" || (name === "propose" && body instanceof Map && body.get("submission") === "signed");
  }
}
