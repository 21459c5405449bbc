// Elements from data. All text goes through `seen`, nothing is ever parsed as HTML.

/** Text as it can be shown: what would be invisible, or turn the direction of the text, is written as its number. */
export function seen(text) {
  return String(text).replace(
    /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g,
    (c) => `\\u{${c.codePointAt(0).toString(16)}}`,
  );
}

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "title" || name === "aria-label") element.setAttribute(name, seen(value));
    else element.setAttribute(name, value === true ? "" : value);
  }
  add(element, children);
  return element;
}

function add(element, children) {
  for (const child of children.flat(Infinity)) {
    if (child === null || child === undefined || child === false) continue;
    element.append(child instanceof Node ? child : seen(child));
  }
}

/** An HTML element. */
export function h(tag, attributes, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

/** An SVG element. */
export function s(tag, attributes, ...children) {
  return fill(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, children);
}

/** The sign of what waits: not every font has one. */
export const hourglass = () => s("svg", { class: "hour", viewBox: "0 0 8 10", width: 8, height: 10, "aria-hidden": "true" }, s("path", { d: "M0 0H8L4.6 5L8 10H0L3.4 5Z" }));

/** Puts these children in the place of all others. */
export function replace(element, ...children) {
  element.replaceChildren();
  add(element, children);
}

/** An element of the page by its id. */
export const at = (id) => document.getElementById(id);

/** `1 handle`, `2 handles`. */
export const count = (n, word) => `${n} ${word}${n === 1 ? "" : "s"}`;

/** The trace in an element of the page; a long one is packed. */
export async function traceIn(id) {
  const data = at(id);
  if (data.type !== "application/gzip") return JSON.parse(data.textContent);
  const bytes = Uint8Array.from(atob(data.textContent), (c) => c.charCodeAt(0));
  const unpacked = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return JSON.parse(await new Response(unpacked).text());
}
