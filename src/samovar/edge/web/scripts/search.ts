// Suggestions while one types in a box to search in: a combobox as screen readers know it. Without it the box is a form.
import { icon, make, on } from "./dom";

interface Suggestion { type: string; text: string; url: string; user?: { username: string; avatar_url: string } | null }

const icons: Record<string, string> = { tag: "hash", words: "search" };

function option(one: Suggestion, index: number): HTMLElement {
  const mark = one.user ? make("img", { class: "avatar", src: one.user.avatar_url, alt: "", width: "24", height: "24" }) : icon(icons[one.type] ?? "search");
  const line = make("li", { role: "option", id: `search-option-${index}`, "aria-selected": "false", "data-url": one.url }, mark, make("span", {}, one.type === "tag" ? `#${one.text}` : one.text));
  if (one.user) line.append(make("span", { class: "soft" }, `@${one.user.username}`));
  return line;
}

function begin(box: HTMLElement): void {
  const input = box.querySelector<HTMLInputElement>("input")!;
  const list = box.querySelector<HTMLElement>("ul")!;
  let asked = "";
  let timer = 0;
  let current = -1;

  const show = (lines: HTMLElement[]): void => {
    list.replaceChildren(...lines);
    list.hidden = !lines.length;
    input.setAttribute("aria-expanded", String(!!lines.length));
    point(-1);
  };
  const point = (index: number): void => {
    current = index;
    [...list.children].forEach((line, at) => line.setAttribute("aria-selected", String(at === index)));
    const line = list.children[index];
    line?.scrollIntoView({ block: "nearest" });
    line ? input.setAttribute("aria-activedescendant", line.id) : input.removeAttribute("aria-activedescendant");
  };
  const ask = async (): Promise<void> => {
    const text = input.value;
    if (text === asked) return;
    asked = text;
    if (text.trim().length < 2) return show([]);
    try {
      const answer = await fetch(`/api/search/suggest?q=${encodeURIComponent(text)}`);
      if (!answer.ok) return;
      const found = (await answer.json()) as Suggestion[];
      // An answer that comes late is to an earlier question.
      if (text === input.value && document.activeElement === input) show(found.map(option));
    } catch { /* without a connection there are no suggestions */ }
  };

  for (const [name, value] of Object.entries({ role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": list.id })) input.setAttribute(name, value);
  input.addEventListener("input", () => { clearTimeout(timer); timer = window.setTimeout(() => void ask(), 150); });
  input.addEventListener("blur", () => setTimeout(() => { asked = ""; show([]); }, 150));
  input.addEventListener("keydown", (event) => {
    const count = list.children.length;
    if (event.key === "Escape" && !list.hidden) { event.preventDefault(); show([]); }
    if (event.key === "Enter" && current >= 0) { event.preventDefault(); location.assign((list.children[current] as HTMLElement).dataset.url!); }
    if (!count || (event.key !== "ArrowDown" && event.key !== "ArrowUp")) return;
    event.preventDefault();
    const step = event.key === "ArrowDown" ? 1 : -1;
    point(((current + step + 1 + count + 1) % (count + 1)) - 1);
  });
  // Before the box loses the focus.
  list.addEventListener("pointerdown", (event) => {
    const line = (event.target as Element).closest<HTMLElement>("[data-url]");
    if (!line) return;
    event.preventDefault();
    location.assign(line.dataset.url!);
  });
}

document.querySelectorAll<HTMLElement>("[data-search]").forEach(begin);
// What says nothing stays out of the address.
on("submit", "[data-search-form]", (form) => {
  form.querySelectorAll<HTMLInputElement>("input, select").forEach((field) => {
    if (field.name !== "q" && (!field.value || (field.name === "sort" && field.value === "best"))) field.disabled = true;
  });
});
