/** As much of a document as the page's parts make: elements with attributes, children and listeners, to be read again. */

class Text {
  constructor(data) {
    this.textContent = data;
  }
}

export class Element {
  constructor(name) {
    Object.assign(this, { name, attributes: new Map(), children: [], listeners: new Map(), value: "" });
  }

  setAttribute(name, value) {
    this.attributes.set(name, value);
  }

  addEventListener(name, listen) {
    this.listeners.set(name, listen);
  }

  append(...children) {
    this.children.push(...children.map((child) => (typeof child === "string" ? new Text(child) : child)));
  }

  replaceChildren(...children) {
    this.children = [];
    this.append(...children);
  }

  get firstChild() {
    return this.children[0] ?? null;
  }

  get childElementCount() {
    return this.all().length;
  }

  get textContent() {
    return this.children.map((child) => child.textContent).join("");
  }

  set textContent(text) {
    this.children = [new Text(text)];
  }

  focus() {}

  /** Every element below, in order. */
  all() {
    return this.children.flatMap((child) => (child instanceof Element ? [child, ...child.all()] : []));
  }

  named(name) {
    return this.all().filter((one) => one.name === name);
  }

  get class() {
    return this.attributes.get("class") ?? "";
  }
}

/** Makes `document` one that makes these. */
export function install() {
  const createElement = (name) => new Element(name);
  globalThis.document = { createElement, createElementNS: (_, name) => new Element(name) };
}
