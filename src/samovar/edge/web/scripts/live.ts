// The page while it is open: new posts wait behind a pill, numbers follow, replies come to the end of a thread,
// the inbox counts. Nothing moves that somebody reads or writes.
import { htmx } from "./wire";
import { busy } from "./acts";
import { icon, make, word } from "./dom";
import { Line, type Message } from "./line";

type Data = Record<string, unknown>;

const me = document.body.dataset.me ?? "";
const list = document.querySelector<HTMLElement>("[data-live-list]");
const kind = list?.dataset.liveList ?? "";
/** Ids of new posts that wait behind the pill. */
const waiting = new Set<string>();
/** Posts in sight, which is what is listened to. */
const visible = new Set<Element>();
const MOST = 60;
let pill: HTMLButtonElement | null = null;

/** Tells a screen reader, politely. */
function say(text: string): void {
  const place = document.getElementById("live-say");
  if (place) place.textContent = text;
}

// --- new posts ---

function count(ids: string[]): void {
  const before = waiting.size;
  for (const id of ids) if (!document.getElementById(`p${id}`)) waiting.add(id);
  if (waiting.size === before && pill) return;
  if (!waiting.size) { hidePill(); return; }
  if (!pill) {
    pill = make("button", { class: "live-pill", type: "button" });
    pill.addEventListener("click", () => void showNew());
    list?.before(make("div", { class: "live-pill-place" }, pill));
  }
  pill.replaceChildren(icon("arrow-up"), make("span", {}, word("new-posts", { n: waiting.size })));
  say(word("new-posts", { n: waiting.size }));
}

function hidePill(): void {
  waiting.clear();
  pill?.parentElement?.remove();
  pill = null;
}

/** This page as it would be now. */
async function read(url = location.href): Promise<Document | null> {
  try {
    const answer = await fetch(url, { headers: { accept: "text/html" }, signal: AbortSignal.timeout(20_000) });
    return answer.ok ? new DOMParser().parseFromString(await answer.text(), "text/html") : null;
  } catch {
    return null;
  }
}

/** Posts of a page that are not on this one. */
function unseen(page: Document | null): HTMLElement[] {
  const posts = [...(page?.querySelectorAll<HTMLElement>("[data-live-list] .post[id]") ?? [])];
  return posts.filter((post) => !document.getElementById(post.id));
}

async function showNew(): Promise<void> {
  if (!list || !pill) return;
  pill.classList.add("busy");
  const page = await read();
  pill?.classList.remove("busy");
  if (!page) { say(word("offline")); return; }
  const posts = unseen(page);
  hidePill();
  if (!posts.length) return;
  const shown = [...page.querySelectorAll("[data-live-list] .post[id]")];
  if (shown.length === posts.length || list.querySelector(".empty")) list.replaceChildren(...page.querySelector("[data-live-list]")!.children);
  else {
    const place = list.querySelector(".post");
    for (const post of posts) place ? place.before(post) : list.append(post);
  }
  posts.forEach(begin);
  const first = posts[0]!;
  first.scrollIntoView({ block: "center", behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth" });
  first.focus({ preventScroll: true });
}

// --- numbers ---

/** As the server writes numbers: 1234 is 1.2K. */
function compact(number: number): string {
  if (number < 1000) return number ? String(number) : "";
  const russian = document.documentElement.lang === "ru";
  const [size, unit] = number >= 1e6 ? [1e6, russian ? " млн" : "M"] : [1e3, russian ? " тыс." : "K"];
  const text = (number / Number(size)).toFixed(1).replace(/\.0$/, "");
  return (russian ? text.replace(".", ",") : text) + unit;
}

function put(place: Element | null | undefined, number: unknown): void {
  if (place && typeof number === "number" && place.textContent !== compact(number)) place.textContent = compact(number);
}

function chips(acts: HTMLElement, reactions: Record<string, number>): void {
  let box = acts.querySelector<HTMLElement>(".chips");
  for (const button of acts.querySelectorAll<HTMLButtonElement>(".react[value]")) {
    const type = button.value;
    const number = type === "like" ? 0 : (reactions[type] ?? 0);
    const chip = box?.querySelector<HTMLElement>(`[data-type="${type}"]`);
    if (!number) chip?.remove();
    else if (chip) put(chip.querySelector(".num"), number);
    else {
      if (!box) acts.querySelector(".acts-row")?.before(box = make("div", { class: "chips" }));
      const inside = [...button.childNodes].map((node) => node.cloneNode(true));
      box?.append(make("button", { class: "chip", name: "type", value: type, "data-type": type, "aria-pressed": "false", title: button.title }, ...inside, make("span", { class: "num" }, compact(number))));
    }
  }
  if (box && !box.children.length) box.remove();
}

function counts(id: string, data: Data): void {
  const acts = document.querySelector<HTMLElement>(`#p${CSS.escape(id)} .acts`);
  if (!acts || busy(acts)) return; // its answer will say it
  const reactions = (data.reactions ?? {}) as Record<string, number>;
  put(acts.querySelector(".act-reply .n"), data.replies);
  put(acts.querySelector(".act-repost .n"), data.reposts);
  put(acts.querySelector(".act-like .n"), reactions.like ?? 0);
  chips(acts, reactions);
}

// --- replies ---

/** A reply comes to the end of its thread, unless the end is not shown yet. */
async function reply(parent: string, id: string): Promise<void> {
  if (kind !== "thread" || document.getElementById(`p${id}`)) return;
  const page = await read(`/live/replies?thread=${list!.dataset.thread}&ids=${id}`);
  if (!page || document.getElementById(`p${id}`)) return;
  document.getElementById("replies-title")?.replaceWith(...page.querySelectorAll("#replies-title"));
  const item = page.querySelector("li");
  if (!item || list!.querySelector(".more-item")) return;
  const above = document.getElementById(`p${parent}`)?.closest("li");
  const depth = Number(above?.className.match(/depth-(\d)/)?.[1] ?? 0);
  item.className = `depth-${Math.min(3, depth + 1)}`;
  list!.append(item);
  begin(item);
  if (item.querySelector<HTMLElement>(".post")?.dataset.by !== me) say(word("new-reply"));
}

function remove(id: string): void {
  const post = document.getElementById(`p${id}`);
  if (!post || post.matches(".post-focus")) return;
  const place = post.closest("#replies > li") ?? post;
  const next = place.nextElementSibling ?? place.previousElementSibling;
  const held = place.contains(document.activeElement);
  place.remove();
  if (held) focusOn(next); // not lost, for whoever walks by keyboard
}

function focusOn(place: Element | null): void {
  (place?.matches(".post") ? place as HTMLElement : place?.querySelector<HTMLElement>(".post"))?.focus({ preventScroll: true });
}

// --- what is listened to ---

const watching = new IntersectionObserver((entries) => {
  for (const { target, isIntersecting } of entries) isIntersecting ? visible.add(target) : visible.delete(target);
  later();
}, { rootMargin: "200px" });

function begin(root: ParentNode): void {
  if (root instanceof Element && root.isConnected) htmx.process(root as HTMLElement);
  watch(root);
}

function watch(root: ParentNode): void {
  const posts = [...root.querySelectorAll(".post[id]")];
  if (root instanceof Element && root.matches(".post[id]")) posts.push(root);
  posts.forEach((post) => watching.observe(post));
}

let soon = 0;
function later(): void {
  clearTimeout(soon);
  soon = setTimeout(listen, 300);
}

function listen(): void {
  for (const post of visible) if (!post.isConnected) visible.delete(post);
  // Of a thread all of it: an answer can come to what is out of sight.
  const posts = kind === "thread" ? [...document.querySelectorAll(".post[id]")].slice(0, MOST) : [...visible].slice(-MOST);
  const channels = posts.map((post) => `item:post:${post.id.slice(1)}`);
  if (kind === "thread") channels.push(`item:post:${list!.dataset.thread}`);
  if (kind === "public") channels.push("public");
  line?.hear(channels);
}

// --- the line ---

/** Something came to the inbox, or was read somewhere. */
function inbox(data: Data): void {
  const unread = Number(data.unread ?? 0);
  document.querySelectorAll<HTMLElement>("[data-live=inbox]").forEach((place) => {
    place.hidden = !unread;
    place.dataset.count = String(unread);
    const number = place.querySelector("[aria-hidden]");
    if (number) number.textContent = unread > 99 ? "99+" : String(unread);
  });
  if (data.type) {
    say(word("inbox-new"));
    void lines();
  }
}

/** What the inbox's number is by now. */
async function readInbox(): Promise<void> {
  try {
    const answer = await fetch("/api/notifications/unread", { signal: AbortSignal.timeout(20_000) });
    if (answer.ok) inbox((await answer.json()) as Data);
  } catch { /* at the next time */ }
  await lines();
}

/** New lines come to the top of an open inbox. */
async function lines(): Promise<void> {
  const place = document.querySelector<HTMLElement>("[data-live=inbox-lines]");
  if (!place) return;
  const first = place.querySelector<HTMLElement>("[data-position]");
  const query = new URLSearchParams({ part: "new", filter: place.dataset.filter ?? "", after: first?.dataset.position ?? "0" });
  const page = await read(`/inbox?${query}`);
  const fresh = [...(page?.querySelectorAll<HTMLElement>("[data-position]") ?? [])];
  if (!fresh.length) return;
  place.querySelector(".empty")?.remove();
  for (const line of fresh) document.getElementById(line.id)?.remove(); // a gathered line moves up
  place.prepend(...fresh);
  fresh.forEach(begin);
}

function fresh({ data }: Message): void {
  if (data && String(data.by) !== me) count([String(data.id)]);
}

function told(message: Message): void {
  const data = message.data ?? {};
  const id = message.channel?.split(":")[2] ?? "";
  if (message.type === "new" && message.channel === kind) fresh(message);
  else if (message.type === "counts") counts(id, data);
  else if (message.type === "reply") void reply(id, String(data.id));
  else if (message.type === "removed") remove(id);
}

let away = 0;
function state(up: boolean): void {
  document.documentElement.dataset.line = up ? "up" : "down";
  const note = document.getElementById("live-off");
  if (!note) return;
  if (up) {
    clearTimeout(away);
    away = 0;
    note.hidden = true;
  } else away ||= setTimeout(() => { note.hidden = false; }, 4000);
}

/** Looks for what was told while nobody listened. Not all at once when a server comes back. */
function missed(): void {
  setTimeout(() => void readInbox(), Math.random() * 2000);
  if (!list) return;
  setTimeout(async () => {
    const posts = unseen(await read());
    if (kind !== "thread") { count(posts.map((post) => post.id.slice(1))); return; }
    for (const post of posts) await reply(post.querySelector<HTMLAnchorElement>(".post-reply-to a")?.pathname.split("/").pop() ?? list.dataset.thread!, post.id.slice(1));
  }, Math.random() * 2000);
}

let line: Line | null = null;
if (me) {
  line = new Line({
    event: (message) => {
      if (message.type === "home" && kind === "home") fresh(message);
      if (message.type === "inbox") inbox(message.data ?? {});
    },
    told, missed, state,
  });
  watch(document);
  document.addEventListener("htmx:load", (event) => watch(event.target as ParentNode));
  if (kind) listen();
}
