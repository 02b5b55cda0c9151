// htmx sends the forms; this file answers at once (before the server) and says what happened.
import htmx from "htmx.org";
import { pretend } from "./acts";
import { word } from "./dom";
import { toast } from "./toasts";

interface Sending { elt: HTMLElement; target: HTMLElement; xhr: XMLHttpRequest; requestConfig: { elt: HTMLElement; triggeringEvent?: Event; path: string }; successful?: boolean }

const undone = new WeakSet<HTMLElement>(); // forms whose answer needs no toast: the person pressed "undo"
const said: Record<string, string> = { follow: "followed", unfollow: "unfollowed" };
const opposite: Record<string, string> = { follow: "unfollow", unfollow: "follow" };
const before = new WeakMap<XMLHttpRequest, () => void>();

const act = (path: string): string => path.split("?")[0]!.split("/").pop() ?? "";

document.addEventListener("htmx:beforeRequest", (event) => {
  const { elt, xhr, requestConfig } = (event as CustomEvent<Sending>).detail;
  const button = (requestConfig.triggeringEvent as SubmitEvent | undefined)?.submitter;
  if (elt.matches(".follow") && button?.matches("[data-act]")) before.set(xhr, pretend(elt, button));
});

document.addEventListener("htmx:afterRequest", (event) => {
  const { requestConfig, successful } = (event as CustomEvent<Sending>).detail;
  const elt = requestConfig.elt; // the form that was sent; the page has its next state already
  if (!successful) return;
  const done = act(requestConfig.path);
  const message = said[done];
  if (!message || undone.has(elt)) return;
  toast(word(message, { name: elt.dataset.name ?? "" }), {
    action: word("undo"),
    run: () => undo(requestConfig.path.replace(/\/(\w+)$/, `/${opposite[done]}`)),
  });
});

/** Presses the button that now stands for the opposite act. */
function undo(path: string): void {
  const button = document.querySelector<HTMLButtonElement>(`button[formaction="${path}"], form[action="${path}"] button`);
  if (!button?.form) return;
  undone.add(button.form);
  button.click(); // htmx learns of the button from its click
}

for (const type of ["htmx:responseError", "htmx:sendError", "htmx:timeout"])
  document.addEventListener(type, (event) => {
    const { xhr } = (event as CustomEvent<Sending>).detail;
    before.get(xhr)?.();
    toast(reason(xhr), { bad: true, ...(xhr.status === 401 ? { action: word("view"), url: "/login" } : {}) });
  });

/** What to tell: the server's own words when it sent some. */
function reason(xhr: XMLHttpRequest): string {
  if (!xhr.status) return word("offline");
  if (xhr.status === 401) return word("login");
  if (xhr.status === 429) return word("slow");
  try {
    const { detail } = JSON.parse(xhr.responseText) as { detail?: unknown };
    if (typeof detail === "string" && detail) return detail;
  } catch { /* not a problem document */ }
  return word("failed");
}

// "Following" turns into "Unfollow" under the pointer, but not at once after the press.
document.addEventListener("htmx:load", (event) => {
  const form = event.target as HTMLElement;
  if (!form.matches(".follow")) return;
  form.dataset.fresh = "";
  form.addEventListener("mouseleave", () => delete form.dataset.fresh, { once: true });
});

// Focus stays where it was when a form is replaced by its next state.
let held: { id: string; act: string } | null = null;
document.addEventListener("htmx:beforeSwap", (event) => {
  const { target } = (event as CustomEvent<Sending>).detail;
  const active = document.activeElement;
  const card = target?.closest<HTMLElement>("[id]");
  held = card && active instanceof HTMLElement && target.contains(active) ? { id: card.id, act: active.closest<HTMLElement>("[data-act]")?.dataset.act ?? active.className } : null;
});
document.addEventListener("htmx:afterSettle", () => {
  if (!held) return;
  const card = document.getElementById(held.id);
  const next = card?.querySelector<HTMLElement>(`[data-act="${CSS.escape(held.act)}"]`) ?? card?.querySelector<HTMLElement>(".act-repost");
  if (held.act && document.activeElement === document.body) (next?.closest("details:not([open])")?.querySelector("summary") ?? next)?.focus({ preventScroll: true });
  held = null;
});


export { htmx };
