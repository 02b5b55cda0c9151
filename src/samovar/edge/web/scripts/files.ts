// Pictures in the composer: chosen, dropped or pasted; sent at once with a bar each; described, put in order, left out.
import { fresh, icon, kept, make, on, word } from "./dom";
import { toast } from "./toasts";

interface Medium { id: string; kind: string; alt: string; state: string; progress: number; variants: Record<string, { url: string }> }
interface Saved { id: string; alt: string; url: string }

const MOST = 4;
const list = (form: HTMLElement): HTMLElement => form.querySelector<HTMLElement>("[data-files]")!;
const chosen = (form: HTMLElement): HTMLElement[] => [...list(form).querySelectorAll<HTMLElement>("[data-chosen]")];
const draftKey = (form: HTMLElement): string => `draft:${document.body.dataset.me}:${form.dataset.draft}:files`;

function tell(form: HTMLElement, text: string): void {
  form.querySelector<HTMLElement>("[data-counter-live]")!.textContent = text;
}

/** A place in the list: a picture, what it shows, buttons. */
function place(form: HTMLElement): { item: HTMLElement; picture: HTMLElement; main: HTMLElement } {
  const up = make("button", { class: "btn-icon", type: "button", "data-chosen-up": "" }, icon("arrow-up"), make("span", { class: "vh" }, word("file-up")));
  const drop = make("button", { class: "btn-icon", type: "button", "data-chosen-drop": "" }, icon("x"), make("span", { class: "vh" }, word("file-drop")));
  const picture = make("div", { class: "chosen-picture" });
  const main = make("div", { class: "chosen-main" });
  const item = make("li", { class: "chosen", "data-chosen": "" }, picture, main, make("div", { class: "chosen-acts" }, up, drop));
  list(form).append(item);
  return { item, picture, main };
}

function settle(form: HTMLElement, at: { item: HTMLElement; picture: HTMLElement; main: HTMLElement }, saved: Saved): void {
  const alt = make("input", { class: "input", name: "media_alt", maxlength: "1500", value: saved.alt, placeholder: word("file-alt"), "aria-label": word("file-alt") });
  at.picture.replaceChildren(make("img", { src: saved.url, width: "72", height: "72", alt: "" }));
  at.main.replaceChildren(make("input", { type: "hidden", name: "media_ids", value: saved.id }), alt);
  at.item.dataset.url = saved.url;
  remember(form);
}

/** Drafts keep pictures too: they wait on the server for a day. */
function remember(form: HTMLElement): void {
  const saved = chosen(form).flatMap((item): Saved[] => {
    const id = item.querySelector<HTMLInputElement>("[name=media_ids]")?.value;
    return id ? [{ id, alt: item.querySelector<HTMLInputElement>("[name=media_alt]")?.value ?? "", url: item.dataset.url ?? item.querySelector("img")?.src ?? "" }] : [];
  });
  kept.set(localStorage, draftKey(form), saved.length && !form.dataset.draft?.startsWith("edit") ? JSON.stringify(saved) : null);
}

async function bringBack(form: HTMLElement): Promise<void> {
  const saved = kept.get(localStorage, draftKey(form));
  if (!saved || chosen(form).length || form.dataset.failed !== undefined) return;
  for (const one of JSON.parse(saved) as Saved[]) {
    const answer = await fetch(`/api/media/${one.id}`);
    if (answer.ok && !((await answer.json()) as { item: string | null }).item) settle(form, place(form), one);
  }
  remember(form);
}

function busy(form: HTMLElement): void {
  const sending = form.querySelector("[data-sending]") !== null;
  form.querySelector<HTMLButtonElement>(".composer-send")!.toggleAttribute("data-wait", sending);
}

/** Sends one file; the bar moves while it goes, and waits while the server looks at it. */
function send(form: HTMLElement, file: File): void {
  const at = place(form);
  const bar = make("progress", { max: "100", value: "0", "aria-label": file.name });
  const state = make("span", {}, file.name);
  at.item.dataset.sending = "";
  at.picture.append(icon("image"));
  at.main.append(state, bar);
  busy(form);
  const body = new FormData();
  body.append("file", file);
  const request = new XMLHttpRequest();
  request.open("POST", "/api/media/upload");
  request.setRequestHeader("idempotency-key", crypto.randomUUID?.() ?? `${Date.now()}-${Math.random()}`);
  request.responseType = "json";
  request.upload.addEventListener("progress", (event) => {
    if (!event.lengthComputable) return;
    const percent = Math.round((100 * event.loaded) / event.total);
    if (percent < 100) bar.value = percent;
    else { bar.removeAttribute("value"); state.textContent = word("file-looking"); }
  });
  const done = (): void => { delete at.item.dataset.sending; busy(form); };
  request.addEventListener("load", () => {
    done();
    const answer = request.response as (Medium & { detail?: string; errors?: Record<string, string> }) | null;
    if (request.status === 201 && answer) {
      settle(form, at, { id: answer.id, alt: answer.alt, url: answer.variants.small?.url ?? "" });
      tell(form, word("file-done"));
      return;
    }
    const why = Object.values(answer?.errors ?? {})[0] ?? answer?.detail ?? word("failed");
    at.item.dataset.wrong = "";
    at.main.replaceChildren(make("b", {}, file.name), make("span", { role: "alert" }, why));
  });
  request.addEventListener("error", () => {
    done();
    at.item.dataset.wrong = "";
    at.main.replaceChildren(make("b", {}, file.name), make("span", { role: "alert" }, word("offline")));
  });
  at.item.addEventListener("drop-it", () => request.abort());
  request.send(body);
}

function take(form: HTMLElement, files: Iterable<File>): void {
  for (const file of files) {
    if (chosen(form).filter((item) => item.dataset.wrong === undefined).length >= MOST) { toast(word("file-most")); return; }
    send(form, file);
  }
}

fresh((root) => {
  const forms = root instanceof Element && root.matches("[data-composer]") ? [root] : [...root.querySelectorAll("[data-composer]")];
  for (const form of forms as HTMLElement[]) {
    const input = form.querySelector<HTMLInputElement>("input[type=file]");
    if (!input || !input.name) continue; // seen already
    input.removeAttribute("name"); // sent already when the form goes
    void bringBack(form).catch(() => undefined);
  }
});

on("change", "[data-composer] input[type=file]", (input) => {
  const files = input as HTMLInputElement;
  take(files.closest<HTMLElement>("[data-composer]")!, [...(files.files ?? [])]);
  files.value = "";
});
on("paste", "[data-composer]", (form, event) => {
  const files = [...((event as ClipboardEvent).clipboardData?.files ?? [])];
  if (!files.length) return;
  event.preventDefault();
  take(form, files);
});
for (const type of ["dragenter", "dragover"])
  on(type, "[data-composer]", (form, event) => {
    if (!(event as DragEvent).dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    form.dataset.overDrop = "";
  });
on("dragleave", "[data-composer]", (form, event) => {
  if (!form.contains((event as DragEvent).relatedTarget as Node | null)) delete form.dataset.overDrop;
});
on("drop", "[data-composer]", (form, event) => {
  delete form.dataset.overDrop;
  const files = [...((event as DragEvent).dataTransfer?.files ?? [])];
  if (!files.length) return;
  event.preventDefault();
  take(form, files);
});
on("click", "[data-chosen-drop]", (button) => {
  const form = button.closest<HTMLElement>("[data-composer]")!;
  const item = button.closest<HTMLElement>("[data-chosen]")!;
  item.dispatchEvent(new Event("drop-it"));
  item.remove();
  busy(form);
  remember(form);
  form.querySelector<HTMLElement>("[name=text]")?.focus();
});
on("click", "[data-chosen-up]", (button) => {
  const item = button.closest<HTMLElement>("[data-chosen]")!;
  const before = item.previousElementSibling;
  if (!before) return;
  before.before(item);
  remember(item.closest<HTMLElement>("[data-composer]")!);
  button.focus();
});
on("input", "[data-composer] [name=media_alt]", (input) => remember(input.closest<HTMLElement>("[data-composer]")!));
document.addEventListener("submit", (event) => {
  const form = event.target as HTMLElement;
  if (!form.matches("[data-composer]")) return;
  if (form.querySelector("[data-sending]")) {
    event.preventDefault();
    event.stopImmediatePropagation();
    toast(word("file-wait"));
    return;
  }
  kept.set(localStorage, draftKey(form), null);
}, true);

// Films and animations that are being made: asked for until they are there.
const asked = new Set<Element>();
function wait(tile: HTMLElement): void {
  if (asked.has(tile)) return;
  asked.add(tile);
  let tries = 0;
  const look = async (): Promise<void> => {
    if (!tile.isConnected || tries++ > 200) return;
    try {
      const answer = await fetch(`/api/media/${tile.dataset.mediaWait}`);
      const medium = (await answer.json()) as Medium;
      if (!answer.ok || medium.state !== "processing") return show(tile, medium);
      const bar = tile.querySelector("progress");
      if (bar && medium.progress) bar.value = medium.progress;
    } catch { /* asked again */ }
    setTimeout(() => void look(), 2000);
  };
  setTimeout(() => void look(), 1200);
}

function show(tile: HTMLElement, medium: Medium): void {
  const film = medium.variants?.mp4;
  if (!film) { tile.querySelector(".media-note")?.replaceChildren(word("failed")); return; }
  const video = make("video", { controls: "", playsinline: "", preload: "none", poster: medium.variants.large?.url ?? "", src: film.url, "aria-label": medium.alt || word("film") });
  if (medium.kind === "gif") { video.loop = video.muted = true; video.dataset.moving = ""; }
  tile.classList.remove("media-wait");
  tile.replaceChildren(video);
  move(video);
}

// Animations play while they are seen, unless the reader's system asks for less motion or less data.
const still = matchMedia("(prefers-reduced-motion: reduce), (prefers-reduced-data: reduce)");
const seen = new IntersectionObserver((entries) => {
  for (const { target, isIntersecting } of entries) {
    const video = target as HTMLVideoElement;
    if (!isIntersecting) video.pause();
    else if (!still.matches && video.dataset.paused === undefined) void video.play().catch(() => undefined);
  }
}, { threshold: 0.4 });
function move(video: HTMLVideoElement): void {
  if (video.dataset.moving === undefined) return;
  const button = video.parentElement?.querySelector<HTMLElement>("[data-pause]");
  if (button) video.controls = false;
  button?.setAttribute("aria-pressed", String(still.matches));
  seen.observe(video);
}
on("click", "[data-pause]", (button) => {
  const video = button.parentElement!.querySelector("video")!;
  const pause = !video.paused;
  if (pause) { video.dataset.paused = ""; video.pause(); } else { delete video.dataset.paused; void video.play().catch(() => undefined); }
  button.setAttribute("aria-pressed", String(pause));
});
fresh((root) => {
  root.querySelectorAll<HTMLVideoElement>("video[data-moving]").forEach(move);
  root.querySelectorAll<HTMLElement>("[data-media-wait]").forEach(wait);
});
