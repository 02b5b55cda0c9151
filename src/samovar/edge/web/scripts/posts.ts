// Cards: a press anywhere opens the post; links are copied.
import { near, on, word } from "./dom";
import { toast } from "./toasts";

document.addEventListener("click", (event) => {
  const card = near(event, ".feed [data-url]");
  if (!card || card.matches(".post-focus") || near(event, "a, button, input, label, summary, details.menu, select, textarea, form.poll")) return;
  if (getSelection()?.toString()) return;
  const url = card.dataset.url!;
  const mouse = event as MouseEvent;
  if (mouse.ctrlKey || mouse.metaKey) open(url, "_blank", "noopener");
  else location.assign(url);
});

async function copy(text: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    toast(word("copied"));
  } catch {
    toast(text);
  }
}
on("click", "a[data-copy]", (link, event) => {
  event.preventDefault();
  link.closest("details")?.removeAttribute("open");
  void copy((link as HTMLAnchorElement).href);
});
on("click", "[data-copy-text]", (button) => void copy(button.dataset.copyText!));
