// j/k move between posts, Enter opens, l likes, r replies, b saves, n writes, / searches, ? explains.
import { on } from "./dom";

const posts = (): HTMLElement[] => [...document.querySelectorAll<HTMLElement>(".feed .post")];
const current = (): HTMLElement | null => document.activeElement?.closest<HTMLElement>(".post") ?? document.querySelector<HTMLElement>(".post.current");

function move(step: number): void {
  const all = posts();
  const now = current();
  const index = now ? all.indexOf(now) + step : all.findIndex((post) => post.getBoundingClientRect().bottom > 90);
  const next = all[Math.max(0, Math.min(all.length - 1, index))];
  if (!next) return;
  now?.classList.remove("current");
  next.classList.add("current");
  next.focus({ preventScroll: true });
  next.scrollIntoView({ block: "nearest" });
}

const press = (selector: string): void => current()?.querySelector<HTMLElement>(selector)?.click();
const help = (): void => (document.getElementById("keys") as HTMLDialogElement | null)?.showModal();

const keys: Record<string, () => void> = {
  j: () => move(1),
  k: () => move(-1),
  l: () => press(".act-like"),
  r: () => press(".act-reply"),
  b: () => press(".act-save"),
  n: () => document.querySelector<HTMLElement>(".rail-new")?.click(),
  "/": () => {
    const box = document.getElementById("search");
    if (box) box.focus();
    else location.assign("/search");
  },
  "?": help,
};
// The same keys where the layout is Russian.
const russian: Record<string, string> = { о: "j", л: "k", д: "l", к: "r", и: "b", т: "n", ".": "/", ",": "?" };

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  const target = event.target as HTMLElement;
  if (target.closest("input, textarea, select, [contenteditable], dialog[open]")) return;
  if (event.key === "Enter" && target.matches(".post")) {
    target.querySelector<HTMLAnchorElement>(".post-when a")?.click();
    return;
  }
  const russianKey = document.documentElement.lang === "ru" ? russian[event.key] : russian[event.key.replace(/[.,]/, "")];
  const run = keys[event.key] ?? keys[russianKey ?? ""];
  if (!run) return;
  event.preventDefault();
  run();
});
on("click", "[data-keys]", help);
