// Shows the files that a draft names: those that lie with it are fetched, others are chosen by whoever looks. Each is
// shown only if its bytes are exactly the ones meant. What was chosen stays in this browser.

const choose = /** @type {HTMLInputElement} */ (document.getElementById("picture"));
const other = /** @type {HTMLElement} */ (document.getElementById("other"));

/** @param {Blob} file */
async function hashOf(file) {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", await file.arrayBuffer()));
  return Array.from(digest, (one) => one.toString(16).padStart(2, "0")).join("");
}

/** @param {HTMLElement} row @param {string} state one of its badges, by its data attribute */
function say(row, state) {
  for (const one of ["data-not-yet", "data-same", "data-wrong", "data-failed"]) {
    row.querySelector(`[${one}]`)?.toggleAttribute("hidden", one !== state);
  }
}

/** @param {HTMLElement} row @param {Blob} file */
function show(row, file) {
  const picture = row.querySelector("img");
  if (picture && picture.hidden && file.type.startsWith("image/")) {
    picture.src = URL.createObjectURL(file);
    picture.hidden = false;
  }
  say(row, "data-same");
}

/** @param {File} file @returns {Promise<boolean>} whether the draft names it */
async function look(file) {
  const row = document.querySelector(`[data-sha256="${await hashOf(file)}"]`);
  if (!(row instanceof HTMLElement)) return false;
  show(row, file);
  return true;
}

/** @param {HTMLElement} row whose file lies with the draft */
async function fetched(row) {
  try {
    const answer = await fetch(row.dataset.kept ?? "", { cache: "no-store", redirect: "error" });
    if (!answer.ok) throw new Error(String(answer.status));
    const file = await answer.blob();
    if ((await hashOf(file)) === row.dataset.sha256) show(row, file);
    else say(row, "data-wrong");
  } catch {
    if (row.querySelector("img")?.hidden) say(row, "data-failed");
  }
}

choose.addEventListener("change", async () => {
  let isOther = false;
  for (const file of choose.files ?? []) isOther = !(await look(file).catch(() => false)) || isOther; // each may be large
  other.hidden = !isOther;
});

/** Those that lie with the draft, one at a time: each may be large. */
async function fetchAll() {
  for (const row of document.querySelectorAll("[data-kept]")) {
    if (row instanceof HTMLElement) await fetched(row);
  }
}

void fetchAll();
