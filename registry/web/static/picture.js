// Shows a file that somebody chose, if it is exactly one of those that a draft names. It stays in this browser.

const choose = /** @type {HTMLInputElement} */ (document.getElementById("picture"));
const other = /** @type {HTMLElement} */ (document.getElementById("other"));

/** @param {File} file */
async function hashOf(file) {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", await file.arrayBuffer()));
  return Array.from(digest, (one) => one.toString(16).padStart(2, "0")).join("");
}

/** @param {File} file @returns {Promise<boolean>} whether the draft names it */
async function look(file) {
  const row = document.querySelector(`[data-sha256="${await hashOf(file)}"]`);
  if (!(row instanceof HTMLElement)) return false;
  const picture = row.querySelector("img");
  if (picture && file.type.startsWith("image/")) {
    picture.src = URL.createObjectURL(file);
    picture.hidden = false;
  }
  row.querySelector("[data-not-yet]")?.setAttribute("hidden", "");
  row.querySelector("[data-same]")?.removeAttribute("hidden");
  return true;
}

choose.addEventListener("change", async () => {
  const found = await Promise.all([...(choose.files ?? [])].map(look));
  other.hidden = found.every((one) => one);
});
