// What makes the back rooms quicker: keys, and choosing many at once. They work without it.
export {};

document.documentElement.classList.add("desk-js");

const queue = document.querySelector<HTMLFormElement>("[data-queue]");
const rows = (): HTMLElement[] => [...(queue?.querySelectorAll<HTMLElement>(".case") ?? [])];
const current = (): HTMLElement | null => document.activeElement?.closest<HTMLElement>(".case") ?? queue?.querySelector<HTMLElement>(".case.current") ?? null;
const box = (row: HTMLElement | null): HTMLInputElement | null => row?.querySelector<HTMLInputElement>("input[type=checkbox]:not(:disabled)") ?? null;
const chosen = (): HTMLInputElement[] => rows().map(box).filter((one): one is HTMLInputElement => one?.checked === true);

function move(step: number): void {
  const all = rows();
  const now = current();
  const next = all[Math.max(0, Math.min(all.length - 1, now ? all.indexOf(now) + step : 0))];
  if (!next) return;
  now?.classList.remove("current");
  next.classList.add("current");
  next.focus({ preventScroll: true });
  next.scrollIntoView({ block: "nearest" });
}

/** How many are chosen, said beside the buttons. */
const counter = queue?.querySelector<HTMLElement>("[data-count]");
const usual = counter?.textContent ?? "";
function count(): void {
  if (!counter) return;
  const number = chosen().length;
  counter.textContent = number ? `${usual} ${number}` : usual;
}

function choose(): void {
  const one = box(current());
  if (!one) return;
  one.checked = !one.checked;
  count();
}

/** Presses a button of the queue; the current row is meant when none is chosen. */
function act(name: string): void {
  const button = queue?.querySelector<HTMLButtonElement>(`button[name=do][value=${name}]`);
  if (!button) return;
  if (!chosen().length) {
    const one = box(current());
    if (!one) return;
    one.checked = true;
  }
  queue?.requestSubmit(button);
}

const open = (): void => {
  const url = current()?.dataset.url;
  if (url) location.assign(url);
};
const help = (): void => {
  const dialog = document.querySelector<HTMLDialogElement>("#desk-keys");
  if (dialog && !dialog.open) dialog.showModal();
};

const keys: Record<string, () => void> = {
  j: () => move(1), k: () => move(-1), x: choose, h: () => act("hide"), d: () => act("dismiss"), a: () => act("claim"), "?": help,
};
// The same keys where the layout is Russian.
const russian: Record<string, string> = { о: "j", л: "k", ч: "x", р: "h", в: "d", ф: "a", ",": "?" };

if (queue) {
  queue.addEventListener("change", count);
  count();
  // Before the keys of ordinary pages, which some of these are too.
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const target = event.target as HTMLElement;
    if (target.closest("textarea, select, [contenteditable], dialog[open], input:not([type=checkbox])")) return;
    if (event.key === "Enter" && target.matches(".case")) {
      event.preventDefault();
      open();
      return;
    }
    const russianKey = document.documentElement.lang === "ru" ? russian[event.key] : russian[event.key.replace(",", "")];
    const run = keys[event.key] ?? keys[russianKey ?? ""];
    if (!run) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    run();
  }, true);
}
document.querySelector("[data-desk-keys]")?.addEventListener("click", help);
