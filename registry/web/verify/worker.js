/**
 * Keeps the verifier's page on this device, so that it opens with the registry gone or the network off.
 *
 * It answers for its own folder, and asks the registry for nothing but the page. The name of what is kept holds the page's
 * hash: when that changes, so does this file, and browsers take the new page.
 */

const KEPT = "kembar-verify-HASH";
const FILES = ["./", "manifest.json"];

self.addEventListener("install", (event) => {
  const fresh = FILES.map((file) => new Request(file, { cache: "reload" }));
  event.waitUntil(caches.open(KEPT).then((kept) => kept.addAll(fresh)).then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  const others = caches.keys().then((names) => names.filter((name) => name.startsWith("kembar-verify-") && name !== KEPT));
  event.waitUntil(others.then((names) => Promise.all(names.map((name) => caches.delete(name)))).then(() => self.clients.claim()));
});

self.addEventListener("fetch", (event) => {
  if (event.request.method !== "GET") return;
  event.respondWith(caches.open(KEPT).then((kept) => kept.match(event.request, { ignoreSearch: true })).then((found) => found ?? fetch(event.request)));
});
