// A picture in the light: over the page, with arrows between those of one post, Escape to leave.
import { icon, make, on, word } from "./dom";

function open(links: HTMLAnchorElement[], start: number): void {
  let at = start;
  const img = make("img", { alt: "", decoding: "async" });
  const caption = make("figcaption", { "aria-live": "polite" });
  const button = (name: string, kind: string, label: string): HTMLButtonElement =>
    make("button", { class: `btn-icon ${kind}`, type: "button" }, icon(name), make("span", { class: "vh" }, label));
  const close = button("x", "", word("close"));
  close.dataset.close = "";
  const back = button("arrow-left", "viewer-back", word("viewer-back"));
  const on = button("arrow-right", "viewer-on", word("viewer-on"));
  const dialog = make("dialog", { class: "viewer", "aria-label": word("picture") }, img, caption, close);
  if (links.length > 1) dialog.append(back, on);
  const show = (): void => {
    const link = links[at]!;
    const small = link.querySelector("img");
    img.src = link.href;
    img.alt = small?.alt ?? "";
    caption.textContent = img.alt;
  };
  const step = (by: number): void => { at = (at + by + links.length) % links.length; show(); };
  back.addEventListener("click", () => step(-1));
  on.addEventListener("click", () => step(1));
  img.addEventListener("click", () => dialog.close());
  dialog.addEventListener("keydown", (event) => {
    if (event.key === "ArrowLeft") step(-1);
    if (event.key === "ArrowRight") step(1);
  });
  dialog.addEventListener("close", () => { dialog.remove(); links[at]?.focus(); });
  show();
  document.body.append(dialog);
  dialog.showModal();
  close.focus();
}

on("click", "a[data-view]", (link, event) => {
  const mouse = event as MouseEvent;
  if (mouse.ctrlKey || mouse.metaKey || mouse.shiftKey || mouse.button) return;
  event.preventDefault();
  const links = [...(link.closest("[data-gallery]") ?? document).querySelectorAll<HTMLAnchorElement>("a[data-view]")];
  open(links, Math.max(0, links.indexOf(link as HTMLAnchorElement)));
});
