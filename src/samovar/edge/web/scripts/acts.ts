// What one does to a post: shown at once, sent beside whatever else is under way, and taken back when it fails.
import { kept, word } from "./dom";
import { toast } from "./toasts";

const said: Record<string, string> = { repost: "reposted", unrepost: "unreposted", bookmark: "bookmarked", unbookmark: "unbookmarked" };
const opposite: Record<string, string> = { repost: "unrepost", unrepost: "repost", bookmark: "unbookmark", unbookmark: "bookmark", like: "unlike", unlike: "like" };
/** Where each act shows in the row of buttons. */
const parts: Record<string, string> = { like: ".act-like", repost: ".acts-row > details:has(> .act-repost)", bookmark: ".act-save", react: ".acts-row > details:has(> .act-react)" };
/** Acts under way, by form: how many of each, and the last one sent, which the next of its kind waits for. */
const flying = new WeakMap<HTMLElement, Map<string, { count: number; last: Promise<void> }>>();

const last = (path: string): string => path.split("?")[0]!.split("/").pop() ?? "";

/** Whether something is under way on a post's row of buttons: then its numbers are about to be told. */
export const busy = (form: HTMLElement): boolean => (flying.get(form)?.size ?? 0) > 0;

/** Shows the outcome of a toggle now; returns how to take it back. */
export function pretend(form: HTMLElement, button: HTMLElement): () => void {
  const mark = button.closest("details")?.querySelector<HTMLElement>("summary.act-repost") ?? button;
  const number = mark.querySelector<HTMLElement>(".n");
  const pressed = button.getAttribute("aria-pressed");
  const on = pressed === "true" || mark.hasAttribute("data-on");
  const was = number?.textContent ?? "";
  const path = button.getAttribute("formaction");
  if (pressed !== null) button.setAttribute("aria-pressed", String(!on));
  else mark.toggleAttribute("data-on", !on);
  if (number && /^\d*$/.test(was)) number.textContent = String(Math.max(0, Number(was) + (on ? -1 : 1)) || "");
  if (path && form.matches(".acts")) button.setAttribute("formaction", path.replace(/\w+$/, (act) => opposite[act] ?? act));
  form.querySelectorAll("details[open]").forEach((menu) => menu.removeAttribute("open"));
  return () => {
    if (pressed !== null) button.setAttribute("aria-pressed", pressed);
    else mark.toggleAttribute("data-on", on);
    if (number) number.textContent = was;
    if (path) button.setAttribute("formaction", path);
  };
}

/** Puts parts of an answer's row in place of the old ones; the focus stays where it was. */
function take(form: HTMLElement, answer: Element, names: string[]): void {
  for (const name of names) {
    const old = form.querySelector<HTMLElement>(parts[name]!);
    const next = answer.querySelector<HTMLElement>(parts[name]!);
    if (!old || !next) continue;
    const inside = old.contains(document.activeElement);
    old.replaceWith(next);
    if (inside) (next.querySelector<HTMLElement>("summary") ?? next).focus({ preventScroll: true });
  }
  if (!names.includes("react")) return;
  form.querySelector(".chips")?.remove();
  const chips = answer.querySelector(".chips");
  if (chips) form.querySelector(".acts-row")?.before(chips);
}

/** What to tell of an answer that is a refusal. */
export async function reason(answer: Response | null): Promise<string> {
  if (!answer) return word("offline");
  if (answer.status === 401) return word("login");
  if (answer.status === 429) return word("slow");
  try {
    const { detail } = (await answer.json()) as { detail?: unknown };
    if (typeof detail === "string" && detail) return detail;
  } catch { /* not a problem document */ }
  return word("failed");
}

async function send(form: HTMLFormElement, path: string, body: URLSearchParams, part: string, back: () => void, quiet: boolean): Promise<void> {
  let answer: Response | null = null;
  try {
    // `keepalive`: whoever presses and goes on to another page has pressed.
    answer = await fetch(path, { method: "POST", body, headers: { "HX-Request": "true" }, keepalive: true, signal: AbortSignal.timeout(20_000) });
  } catch { /* told below */ }
  const others = [...(flying.get(form) ?? [])].filter(([name, { count }]) => name !== part || count > 1);
  if (!answer?.ok) {
    back();
    toast(await reason(answer), { bad: true, ...(answer?.status === 401 ? { action: word("view"), url: "/login" } : {}) });
    return;
  }
  const row = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector(".acts");
  // While another act is under way only this one's state is taken: the answer does not know of the other yet.
  if (row) take(form, row, others.length ? (others.some(([name]) => name === part) ? [] : [part]) : Object.keys(parts));
  const done = last(path);
  if (quiet || !said[done]) return;
  toast(word(said[done]!), { action: word("undo"), run: () => undo(form, path.replace(/\w+$/, opposite[done]!)) });
}

/** Presses the button that now stands for the opposite act. */
function undo(form: HTMLFormElement, path: string): void {
  const row = form.isConnected ? form : document.querySelector<HTMLFormElement>(`.acts:has([formaction="${path}"])`);
  const button = row?.querySelector<HTMLButtonElement>(`[formaction="${path}"]`);
  if (row && button) press(row, button, true);
}

function press(form: HTMLFormElement, button: HTMLButtonElement, quiet = false): void {
  const part = button.dataset.act && parts[button.dataset.act] ? button.dataset.act : "react";
  const path = button.getAttribute("formaction") ?? form.getAttribute("action")!;
  const body = new URLSearchParams(new FormData(form, button) as unknown as Record<string, string>);
  const back = button.dataset.act ? pretend(form, button) : () => {};
  form.querySelectorAll("details[open]").forEach((menu) => menu.removeAttribute("open"));
  const acts = flying.get(form) ?? new Map<string, { count: number; last: Promise<void> }>();
  flying.set(form, acts);
  const before = acts.get(part);
  // The same button pressed again waits for its turn, so that the last press counts.
  const now = (before?.last ?? Promise.resolve()).then(() => send(form, path, body, part, back, quiet));
  const entry = { count: (before?.count ?? 0) + 1, last: now };
  acts.set(part, entry);
  void now.finally(() => {
    const current = acts.get(part);
    if (current && --current.count <= 0) acts.delete(part);
  });
}

document.addEventListener("submit", (event) => {
  const form = event.target as HTMLFormElement;
  const button = (event as SubmitEvent).submitter as HTMLButtonElement | null;
  if (!form.matches(".acts") || !button) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  press(form, button);
}, true);

if (!document.body.dataset.me) // signed out: drafts leave this device
  for (const key of Object.keys(localStorage)) if (key.startsWith("draft:")) kept.set(localStorage, key, null);
