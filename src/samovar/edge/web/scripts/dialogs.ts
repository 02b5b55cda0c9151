// Two windows over the page: the composer as a sheet, and a question before what can't be undone.
import { htmx } from "./wire";
import { icon, make, near, on, word } from "./dom";
import { toast } from "./toasts";

function open(title: string, kind: string): { dialog: HTMLDialogElement; body: HTMLElement } {
  const close = make("button", { class: "btn-icon", type: "button", "data-close": "" }, icon("x"), make("span", { class: "vh" }, word("close")));
  const heading = make("h2", { id: "dialog-title" }, title);
  const body = make("div", kind === "dialog-sheet" ? {} : { class: "dialog-body" });
  const dialog = make("dialog", { class: kind, "aria-labelledby": "dialog-title" }, make("div", { class: "dialog-head" }, heading, close), body);
  document.body.append(dialog);
  dialog.addEventListener("close", () => dialog.remove());
  dialog.showModal();
  return { dialog, body };
}

/** Asks; "yes" resolves true. Escape, "cancel" and the cross resolve false. */
export function ask(question: string, yes: string): Promise<boolean> {
  return new Promise((resolve) => {
    const { dialog, body } = open(word("confirm"), "dialog-small");
    const agree = make("button", { class: "btn btn-main btn-bad", type: "button" }, yes);
    const cancel = make("button", { class: "btn", type: "button" }, word("cancel"));
    body.append(make("p", {}, question), make("div", { class: "row" }, cancel, agree));
    agree.addEventListener("click", () => { resolve(true); dialog.close(); });
    cancel.addEventListener("click", () => dialog.close());
    dialog.addEventListener("close", () => resolve(false));
    cancel.focus();
  });
}

on("click", "[data-close]", (button) => button.closest("dialog")?.close());
document.addEventListener("click", (event) => { // a press on the shade
  if (event.target instanceof HTMLDialogElement && !event.target.querySelector("[data-composer]")) event.target.close();
});

on("click", "a[data-sheet]", async (link, event) => {
  const mouse = event as MouseEvent;
  if (mouse.ctrlKey || mouse.metaKey || mouse.shiftKey || mouse.button) return;
  const inline = document.querySelector<HTMLTextAreaElement>('.composer[data-draft^="new"] [name=text]');
  const url = link.getAttribute("href")!;
  event.preventDefault();
  if (url === "/compose" && inline) { // the page has its own composer: go there
    inline.focus();
    inline.scrollIntoView({ block: "center" });
    return;
  }
  link.closest("details")?.removeAttribute("open");
  const { dialog, body } = open(link.querySelector(".vh")?.textContent ?? link.textContent ?? word("new"), "dialog-sheet");
  try {
    await htmx.ajax("get", url, { target: body, swap: "innerHTML" });
  } catch { /* told by a toast */ }
  if (!body.querySelector("form")) { dialog.close(); location.assign(url); }
});

document.addEventListener("htmx:afterSwap", () => { // the sheet's post was taken
  const done = document.querySelector<HTMLElement>("dialog [data-posted]");
  if (!done) return;
  done.closest("dialog")?.close();
  if (document.getElementById(`p${done.dataset.id}`)) location.reload(); // it was an edit of a post that is shown here
  toast(word("posted"), { action: word("view"), url: done.dataset.posted! });
});

// Deleting a post: asks here instead of on a page of its own.
on("click", "a[data-delete]", async (link, event) => {
  event.preventDefault();
  const url = new URL((link as HTMLAnchorElement).href);
  link.closest("details")?.removeAttribute("open");
  if (!(await ask(word("delete-ask"), word("delete")))) return;
  const card = link.closest<HTMLElement>(".post");
  if (link.dataset.delete === "card" && card) {
    await htmx.ajax("post", url.pathname, { target: card, swap: "delete" });
    toast(word("deleted"));
  } else {
    const form = make("form", { method: "post", action: url.pathname }, make("input", { type: "hidden", name: "back", value: url.searchParams.get("back") ?? "/" }));
    document.body.append(form);
    form.submit();
  }
});

document.addEventListener("click", async (event) => {
  const button = near<HTMLButtonElement>(event, "button[data-confirm]");
  if (!button?.form || button.dataset.sure !== undefined) return;
  event.preventDefault();
  if (!(await ask(button.dataset.confirm!, button.dataset.confirmYes ?? word("yes")))) return;
  button.dataset.sure = "";
  button.form.requestSubmit(button);
}, true);
