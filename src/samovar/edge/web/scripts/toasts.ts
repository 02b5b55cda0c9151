// Short messages at the edge of the page, polite for screen readers, with a way back.
import { make } from "./dom";

interface Options { bad?: boolean; action?: string; url?: string; run?: () => void }

export function toast(text: string, { bad, action, url, run }: Options = {}): void {
  const place = document.getElementById("toasts");
  if (!place || !text) return;
  const box = make("div", { class: bad ? "toast toast-bad" : "toast" }, make("span", {}, text));
  if (action && url) box.append(make("a", { href: url }, action));
  if (action && run) {
    const button = make("button", { type: "button" }, action);
    button.addEventListener("click", () => { leave(box); run(); });
    box.append(button);
  }
  while (place.children.length > 2) place.firstElementChild?.remove();
  place.append(box);
  stay(box, action ? 8000 : 5000);
}

/** Leaves after a while, but not while someone points at it or stands on it. */
function stay(box: HTMLElement, time: number): void {
  setTimeout(() => (box.matches(":hover, :focus-within") ? stay(box, 2000) : leave(box)), time);
}

function leave(box: HTMLElement): void {
  box.dataset.leaving = "";
  setTimeout(() => box.remove(), 200);
}

document.querySelectorAll<HTMLElement>("[data-toast]").forEach((box) => stay(box, 6000));
