/** At a registry's `/verify/` the page stays when the network goes: a service worker beside it keeps it. */

import { element } from "./dom.js";
import { scriptUrl } from "./trusted.js";

const PLACE = /\/verify\/$/;

/**
 * Elsewhere, and from a file, it asks for nothing: what is open there works offline as it is.
 * @param {(state: "kept") => void} told
 */
export function keepOffline(told) {
  const isServed = /^https?:$/.test(location.protocol) && PLACE.test(location.pathname);
  if (!isServed || !("serviceWorker" in navigator)) return;
  document.head.append(element("link", { rel: "manifest", href: "manifest.json" }));
  navigator.serviceWorker.register(scriptUrl("worker.js"), { scope: "./" }).catch(() => {}); // without, it works while it is open
  void navigator.serviceWorker.ready.then(() => told("kept"));
}
