// What goes over to the page that holds keys, and what it comes back with: that stands behind the # of the address, is
// told once, and is taken out. Nothing is believed of it but which of the page's own sentences to show.

const STATUSES = ["logged", "waiting", "done", "cancelled", "refused"];

/** @param {string} text base64url @returns {Record<string, unknown> | null} */
export function read(text) {
  try {
    const bytes = Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (one) => one.charCodeAt(0));
    const value = JSON.parse(new TextDecoder().decode(bytes));
    return typeof value === "object" && value !== null && !Array.isArray(value) ? value : null;
  } catch {
    return null;
  }
}

/** What came back, once. */
export function take() {
  const found = /^#done=([A-Za-z0-9_-]{2,8192})$/.exec(location.hash);
  if (!found?.[1]) return null;
  history.replaceState(null, "", location.pathname + location.search);
  return read(found[1]);
}

/** @param {Record<string, unknown>} came */
export function show(came) {
  const status = STATUSES.find((one) => one === came["status"]);
  const words = document.getElementById(`t-came-${status}`), place = document.getElementById("came");
  if (!(words instanceof HTMLTemplateElement) || !place) return;
  place.replaceChildren(words.content.cloneNode(true));
  const path = /** @type {{path?: unknown} | undefined} */ (came["answer"])?.path, calendar = document.getElementById("t-came-calendar");
  if (calendar instanceof HTMLTemplateElement && typeof path === "string" && /^\/calendar\/[0-9a-f]{64}\.ics$/.test(path)) {
    place.append(calendar.content.cloneNode(true));
    const field = place.querySelector("input");
    if (field) field.value = location.origin + path;
  }
  const why = place.querySelector("[data-problem]");
  if (why && typeof came["problem"] === "string") why.textContent = came["problem"].slice(0, 400);
  place.scrollIntoView({ block: "nearest" });
}

/** A link to the page that holds keys, which reads canonical JSON alone. @param {string} url @param {Record<string, unknown>} act */
export function link(url, act) {
  const sorted = Object.fromEntries(Object.entries(act).sort(([one], [other]) => (one < other ? -1 : 1)));
  const bytes = new TextEncoder().encode(JSON.stringify(sorted));
  const text = btoa(Array.from(bytes, (one) => String.fromCharCode(one)).join(""));
  return `${url}#act=${text.replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "")}`;
}
