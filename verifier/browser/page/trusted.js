/** The one place that turns an address into a script: the CSP lets no other do so (Trusted Types). */

const OWN = /^(?:blob:|worker\.js$)/;

/** @type {{createScriptURL: (url: string) => string} | undefined} */
const policy = /** @type {any} */ (globalThis).trustedTypes?.createPolicy("kembar", {
  createScriptURL: (/** @type {string} */ url) => {
    if (!OWN.test(url)) throw new TypeError("not a script of this page");
    return url;
  },
});

/**
 * @param {string} url a blob: that this page made, or the service worker beside it
 * @returns {string} as the browser wants it; where it has no Trusted Types, the address itself
 */
export function scriptUrl(url) {
  return policy ? policy.createScriptURL(url) : url;
}
