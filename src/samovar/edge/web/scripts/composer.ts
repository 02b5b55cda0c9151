// The composer: a counter that counts as people count, drafts, rows of a poll, Ctrl+Enter.
import { fresh, kept, on, word } from "./dom";
import { toast } from "./toasts";

const segments = "Segmenter" in Intl ? new Intl.Segmenter(undefined, { granularity: "grapheme" }) : null;
const count = (text: string): number => (segments ? [...segments.segment(text)].length : [...text].length);
const draftKey = (form: HTMLElement): string => `draft:${document.body.dataset.me}:${form.dataset.draft}`;
const fields = ["text", "content_warning"] as const;

function weigh(form: HTMLFormElement): void {
  const text = form.querySelector<HTMLTextAreaElement>("[name=text]")!;
  const counter = form.querySelector<HTMLElement>("[data-counter]")!;
  const live = form.querySelector<HTMLElement>("[data-counter-live]")!;
  const left = Number(form.dataset.limit) - count(text.value.trim());
  counter.textContent = text.value || left < 0 ? String(left) : "";
  counter.toggleAttribute("data-near", left <= 40 && left >= 0);
  counter.toggleAttribute("data-over", left < 0);
  if (left === 40 || left === 10 || left < 0) live.textContent = word("left", { n: left });
  form.querySelector<HTMLButtonElement>(".composer-send")!.setAttribute("aria-disabled", String(left < 0));
}

/** Poll options come one by one; empty spares stay out of sight. */
function pollRows(form: HTMLFormElement): void {
  const rows = [...form.querySelectorAll<HTMLElement>(".poll-row")];
  const last = rows.findLastIndex((row) => row.querySelector("input")!.value.trim() !== "");
  rows.forEach((row, index) => row.toggleAttribute("data-spare", index > Math.max(1, last + 1)));
}

/** The icon beside the hidden words shows who will see the post. */
function audience(form: HTMLFormElement): void {
  const select = form.querySelector<HTMLSelectElement>("[name=visibility]");
  const use = select?.parentElement?.querySelector("use");
  const names: Record<string, string> = { public: "globe", unlisted: "moon", followers: "lock", mentioned: "at-sign" };
  if (select && use) use.setAttribute("href", `${use.getAttribute("href")!.split("#")[0]}#${names[select.value]}`);
}

function keep(form: HTMLFormElement): void {
  const values = Object.fromEntries(fields.map((name) => [name, (form.elements.namedItem(name) as HTMLInputElement | null)?.value ?? ""]));
  const empty = fields.every((name) => !values[name]!.trim());
  kept.set(localStorage, draftKey(form), empty ? null : JSON.stringify(values));
}

function bringBack(form: HTMLFormElement): void {
  const saved = kept.get(localStorage, draftKey(form));
  const text = form.elements.namedItem("text") as HTMLTextAreaElement;
  if (!saved || form.dataset.failed !== undefined || (text.value && form.dataset.draft?.startsWith("new") === false)) return;
  const first = text.value;
  try {
    const values = JSON.parse(saved) as Record<string, string>;
    for (const name of fields) {
      const field = form.elements.namedItem(name) as HTMLInputElement | null;
      if (field && values[name]) field.value = values[name];
    }
    if (values.content_warning) (form.elements.namedItem("with_warning") as HTMLInputElement).checked = true;
  } catch { return; }
  toast(word("draft"), {
    action: word("discard"),
    run: () => { text.value = first; kept.set(localStorage, draftKey(form), null); weigh(form); },
  });
}

// A plain form leaves the page; its draft is forgotten only once the next page shows that it was taken.
const sent = kept.get(sessionStorage, "sent");
if (sent && !document.querySelector("[data-composer][data-failed]") && !document.querySelector(".problem")) kept.set(localStorage, sent, null);
kept.set(sessionStorage, "sent", null);

fresh((root) => {
  const forms = root instanceof Element && root.matches("[data-composer]") ? [root] : [...root.querySelectorAll("[data-composer]")];
  for (const form of forms as HTMLFormElement[]) {
    bringBack(form);
    weigh(form);
    pollRows(form);
    audience(form);
    const text = form.querySelector<HTMLTextAreaElement>("[name=text]")!;
    if (document.activeElement === text || text.autofocus) { text.focus(); text.setSelectionRange(text.value.length, text.value.length); }
  }
});

on("input", "[data-composer]", (form) => {
  weigh(form as HTMLFormElement);
  pollRows(form as HTMLFormElement);
  keep(form as HTMLFormElement);
});
on("change", "[data-composer]", (form, event) => {
  audience(form as HTMLFormElement);
  const box = event.target as HTMLInputElement;
  if (box.checked && box.name === "with_poll") form.querySelector<HTMLElement>("[name=poll_option]")?.focus();
  if (box.checked && box.name === "with_warning") form.querySelector<HTMLElement>("[name=content_warning]")?.focus();
});
on("submit", "[data-composer]", (form) => kept.set(sessionStorage, "sent", draftKey(form)));
on("keydown", "[data-composer]", (form, event) => {
  const key = event as KeyboardEvent;
  if (key.key === "Enter" && (key.ctrlKey || key.metaKey)) {
    key.preventDefault();
    form.querySelector<HTMLButtonElement>(".composer-send")?.click();
  }
});
document.addEventListener("submit", (event) => {
  const form = event.target as HTMLElement;
  if (form.matches("[data-composer]") && form.querySelector(".composer-send[aria-disabled=true]")) {
    event.preventDefault();
    event.stopImmediatePropagation();
    form.querySelector<HTMLElement>("[name=text]")?.focus();
  }
}, true);
document.addEventListener("htmx:beforeOnLoad", (event) => {
  const { elt, xhr } = (event as CustomEvent<{ elt: HTMLElement; xhr: XMLHttpRequest }>).detail;
  if (elt.matches("[data-composer]") && xhr.status >= 200 && xhr.status < 300) {
    kept.set(localStorage, draftKey(elt), null);
    kept.set(sessionStorage, "sent", null);
  }
});

