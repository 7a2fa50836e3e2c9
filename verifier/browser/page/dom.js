/** Elements by plain calls: text is always text, never markup, so nothing that a file says can become part of the page. */

const SVG = "http://www.w3.org/2000/svg";
const SVG_NAMES = new Set(["svg", "circle", "path", "rect"]);

/**
 * @typedef {Node | string | null | undefined | false} Child left out if it is none
 * @typedef {{[name: string]: string | boolean | number | ((event: Event) => void) | undefined}} Attributes
 *   a function listens to the event of its name; true is an attribute without value; false and undefined are left out
 */

/**
 * @param {string} name
 * @param {Attributes} [attributes]
 * @param {...(Child | readonly Child[])} children
 * @returns {HTMLElement}
 */
export function element(name, attributes = {}, ...children) {
  const made = /** @type {HTMLElement} */ (SVG_NAMES.has(name) ? document.createElementNS(SVG, name) : document.createElement(name));
  for (const [attribute, value] of Object.entries(attributes)) {
    if (typeof value === "function") made.addEventListener(attribute, value);
    else if (value !== undefined && value !== false) made.setAttribute(attribute, value === true ? "" : String(value));
  }
  for (const child of children.flat()) if (child !== null && child !== undefined && child !== false) made.append(/** @type {Node | string} */ (child));
  return made;
}
