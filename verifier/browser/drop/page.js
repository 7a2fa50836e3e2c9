/** What the scripts of a registry's pages share: the page's own words, other pages of the registry, and progress. */

/** @template {HTMLElement} T @param {string} id @returns {T} */
export const the = (id) => /** @type {T} */ (document.getElementById(id));

/**
 * What a template of the page says, with what only this page knows put in.
 *
 * @param {string} id
 * @param {{[slot: string]: (node: HTMLElement) => void}} [slots]
 */
export function say(id, slots = {}) {
  const made = /** @type {DocumentFragment} */ (/** @type {HTMLTemplateElement} */ (the(id)).content.cloneNode(true));
  for (const node of /** @type {NodeListOf<HTMLElement>} */ (made.querySelectorAll("[data-slot]"))) {
    slots[node.dataset["slot"] ?? ""]?.(node);
  }
  return made;
}

/**
 * What a page of the registry answers to a form, read by the browser's own parser: no script of it runs, and no text
 * becomes markup here.
 *
 * @param {string} url
 * @param {URLSearchParams} form
 * @returns {Promise<Document>}
 */
export function pageAt(url, form) {
  return new Promise((done, failed) => {
    const request = new XMLHttpRequest();
    request.open("POST", url);
    request.responseType = "document";
    request.timeout = 60_000;
    request.onload = () => {
      if (request.status === 200 && request.responseXML) done(request.responseXML);
      else failed(new Error(String(request.status)));
    };
    request.onerror = request.ontimeout = () => failed(new Error("network"));
    request.send(form);
  });
}

/**
 * Goes through many files, one after another, showing how far it is: `#progress` with `#done`, `#of` and a bar in it, and
 * `#stop`, which ends it.
 *
 * @template T
 * @param {T[]} items
 * @param {(item: T) => Promise<void>} work
 */
export async function eachOf(items, work) {
  const box = the("progress"), bar = /** @type {HTMLProgressElement} */ (the("bar"));
  let stopped = false;
  the("stop").onclick = () => { stopped = true; };
  the("of").textContent = String(bar.max = items.length);
  box.hidden = false;
  for (const [place, item] of items.entries()) {
    if (stopped) break;
    the("done").textContent = String(bar.value = place);
    await work(item);
  }
  box.hidden = true;
}
