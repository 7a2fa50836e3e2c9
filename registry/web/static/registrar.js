// A registrar invites somebody: the code is made here, and kept in this tab; the registry is told its hash alone.

import { link, show, take } from "./acts.js";

const CONTEXT = "kembar/invitation\n", KEPT = "kembar-invitations";
const form = /** @type {HTMLFormElement} */ (document.getElementById("invite"));

/** @param {Uint8Array} bytes */
const hex = (bytes) => Array.from(bytes, (one) => one.toString(16).padStart(2, "0")).join("");

/** @returns {Record<string, string>} the codes that were made in this tab, by the ids of their invitations */
const kept = () => JSON.parse(sessionStorage.getItem(KEPT) ?? "{}");

/** @param {Uint8Array} code */
async function idOf(code) {
  const context = new TextEncoder().encode(CONTEXT), whole = new Uint8Array(context.length + code.length);
  whole.set(context);
  whole.set(code, context.length);
  return hex(new Uint8Array(await crypto.subtle.digest("SHA-256", whole)));
}

form?.addEventListener("submit", async (event) => {
  event.preventDefault();
  if (!form.reportValidity()) return;
  const said = new FormData(form), code = crypto.getRandomValues(new Uint8Array(16)), id = await idOf(code);
  sessionStorage.setItem(KEPT, JSON.stringify({ ...kept(), [id]: hex(code) }));
  const body = { id, name: String(said.get("name")).trim(), role: String(said.get("role")) };
  const { sign, act } = form.dataset;
  location.assign(link(String(sign), { ...JSON.parse(String(act)), steps: [{ body, method: "POST", path: "/invitations" }] }));
});

for (const [id, code] of Object.entries(kept())) {
  const place = document.querySelector(`[data-invitation="${CSS.escape(id)}"]`);
  const field = place?.querySelector("input"), button = place?.querySelector("button");
  if (!(place instanceof HTMLElement) || !field || !button) continue;
  field.value = `${new URL(String(form.dataset["invited"]), location.href).href}#${code}`;
  place.hidden = false;
  button.addEventListener("click", () => {
    field.select();
    navigator.clipboard?.writeText(field.value).then(() => place.querySelector("[role=status]")?.removeAttribute("hidden"), () => undefined);
  });
}
const came = take();
if (came) show(came);
