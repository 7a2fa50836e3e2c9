// An invitation: its code is read from behind the # of the address and taken out of it. Whose it is, the registry says;
// keys are made in the page that holds keys, and what came back from there is read out to the registrar.

import { link, show, take } from "./acts.js";

/** @param {string} id */
const at = (id) => /** @type {HTMLElement} */ (document.getElementById(id));
const place = at("invited").dataset;
const PAUSE = 5000;

/** @param {string} id of a part, which alone is shown */
function only(id) {
  for (const one of ["asking", "open", "waiting", "enrolled", "none"]) at(one).hidden = one !== id;
}

/** @param {string} code */
async function look(code) {
  const answer = await fetch(String(place["look"]), {
    method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ code }), credentials: "omit", cache: "no-store",
  });
  if (!answer.ok) return only("none");
  const said = await answer.json();
  at("name").textContent = said.name;
  at("role").textContent = document.getElementById(`role-${said.role}`)?.textContent ?? said.role;
  at("begin").addEventListener("click", () => {
    location.assign(link(String(place["sign"]), { ...JSON.parse(String(place["act"])), invitation: code, name: said.name, roles: [said.role] }));
  });
  only("open");
}

/** @param {string} id of the party @param {unknown} characters that she reads out */
function wait(id, characters) {
  if (typeof characters === "string" && /^([A-Z2-7]{4}-){2}[A-Z2-7]{4}$/.test(characters)) at("characters").textContent = characters;
  only("waiting");
  const ask = async () => {
    const answer = await fetch(`${place["entries"]}${id}`, { credentials: "omit", cache: "no-store" }).catch(() => null);
    if (answer?.ok) only("enrolled");
    else setTimeout(ask, PAUSE);
  };
  void ask();
}

/** What is known after the address was read: kept in this tab alone, so that it can be read out again. */
const KEPT = "kembar-invited";

function begin() {
  const came = take();
  if (came?.["status"] === "waiting" && /^[0-9a-f]{64}$/.test(String(came["id"]))) {
    sessionStorage.setItem(KEPT, JSON.stringify([came["id"], came["fingerprint"]]));
    return wait(String(came["id"]), came["fingerprint"]);
  }
  if (came) show(came);
  const found = /^#([0-9a-f]{32})$/.exec(location.hash)?.[1] ?? history.state?.code;
  if (typeof found === "string") {
    history.replaceState({ code: found }, "", location.pathname + location.search);
    look(found).catch(() => only("none"));
    return undefined;
  }
  const kept = sessionStorage.getItem(KEPT);
  if (kept === null) return only("none");
  const [id, characters] = JSON.parse(kept);
  return wait(id, characters);
}

at("patience").hidden = false;
begin();
