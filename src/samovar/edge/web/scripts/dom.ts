// A few words for talking to the page.

/** The text of `name` in the reader's language; the layout carries them in #words. */
export function word(name: string, values: Record<string, string | number> = {}): string {
  const key = name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
  const text = document.getElementById("words")?.dataset[key] ?? "";
  return text.replace(/\{(\w+)\}/g, (whole, slot: string) => String(values[slot] ?? whole));
}

/** The nearest element around an event's target that matches. */
export function near<E extends Element = HTMLElement>(event: Event, selector: string): E | null {
  return event.target instanceof Element ? event.target.closest<E>(selector) : null;
}

/** One listener for what is on the page now and what comes later. */
export function on(type: string, selector: string, act: (element: HTMLElement, event: Event) => void): void {
  document.addEventListener(type, (event) => {
    const element = near(event, selector);
    if (element) act(element, event);
  });
}

export function make<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Record<string, string> = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

/** Icons stand in the page already; take one of the same sprite. */
export function icon(name: string): SVGSVGElement {
  const ns = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(ns, "svg");
  const use = document.createElementNS(ns, "use");
  const sprite = document.querySelector("svg.i use")?.getAttribute("href")?.split("#")[0] ?? "";
  use.setAttribute("href", `${sprite}#${name}`);
  svg.setAttribute("class", "i");
  svg.setAttribute("aria-hidden", "true");
  svg.append(use);
  return svg;
}

/** Runs for what is on the page now and for everything that is swapped in later. */
export function fresh(act: (root: ParentNode) => void): void {
  act(document);
  document.addEventListener("htmx:load", (event) => act(event.target as ParentNode));
}

/** Storage that never throws (private windows, full disks). */
export const kept = {
  get: (store: Storage, key: string): string | null => {
    try { return store.getItem(key); } catch { return null; }
  },
  set: (store: Storage, key: string, value: string | null): void => {
    try { value === null ? store.removeItem(key) : store.setItem(key, value); } catch { /* nothing to do */ }
  },
};
