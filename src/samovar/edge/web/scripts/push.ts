// The switch "on this device" in settings: the browser is asked only when it is pressed.
import { kept, on } from "./dom";

interface Made { endpoint: string; keys: { p256dh: string; auth: string } }

const box = document.querySelector<HTMLElement>("[data-push]");
const able = "serviceWorker" in navigator && "PushManager" in window && "Notification" in window;
const say = (name: string): void => {
  const line = box?.querySelector<HTMLElement>("[data-push-said]");
  if (line) line.textContent = line.dataset[name] ?? "";
};

async function current(): Promise<PushSubscription | null> {
  const worker = await navigator.serviceWorker.getRegistration("/");
  return (await worker?.pushManager.getSubscription()) ?? null;
}

async function show(): Promise<void> {
  if (!box || !able) return;
  box.hidden = false;
  const subscribed = (await current()) !== null;
  box.querySelector<HTMLElement>("[data-push-on]")!.hidden = subscribed;
  box.querySelector<HTMLElement>("[data-push-off]")!.hidden = !subscribed;
}

function bytes(text: string): Uint8Array<ArrayBuffer> {
  const plain = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
  return Uint8Array.from(plain, (letter) => letter.charCodeAt(0));
}

async function ask(path: string, body?: object): Promise<unknown> {
  const answer = await fetch(path, body ? { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) } : {});
  if (!answer.ok) throw new Error(String(answer.status));
  return answer.json();
}

async function subscribe(): Promise<void> {
  if ((await Notification.requestPermission()) !== "granted") return say("denied");
  const worker = await navigator.serviceWorker.register("/sw.js", { scope: "/" });
  await navigator.serviceWorker.ready;
  const { key } = (await ask("/api/notifications/key")) as { key: string };
  const made = await worker.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: bytes(key) });
  const { endpoint, keys } = made.toJSON() as unknown as Made;
  try {
    const { id } = (await ask("/api/notifications/subscribe", { endpoint, keys, name: name() })) as { id: string };
    kept.set(localStorage, "device", id);
  } catch (error) {
    await made.unsubscribe();
    throw error;
  }
  say("on");
}

/** What the browser calls itself, short. */
function name(): string {
  const agent = navigator.userAgent;
  const browser = ["Firefox", "Edg", "OPR", "Chrome", "Safari"].find((one) => agent.includes(one)) ?? "";
  const system = ["Android", "iPhone", "iPad", "Windows", "Mac OS", "Linux"].find((one) => agent.includes(one)) ?? "";
  return [browser.replace("Edg", "Edge").replace("OPR", "Opera"), system].filter(Boolean).join(", ");
}

async function unsubscribe(): Promise<void> {
  await (await current())?.unsubscribe(); // what is left of it here goes when a push is refused
  const id = kept.get(localStorage, "device");
  if (id) await fetch(`/api/notifications/subscriptions/${id}`, { method: "DELETE" });
  kept.set(localStorage, "device", null);
  say("off");
}

const run = (act: () => Promise<void>) => async (button: HTMLElement): Promise<void> => {
  button.setAttribute("aria-busy", "true");
  try { await act(); } catch { say("failed"); }
  button.removeAttribute("aria-busy");
  await show();
};
on("click", "[data-push-on]", (button) => void run(subscribe)(button));
on("click", "[data-push-off]", (button) => void run(unsubscribe)(button));
void show();

// People who chose no time zone yet are offered the one of their device.
const zone = document.querySelector<HTMLInputElement>("[data-time-zone]");
if (zone?.value === "UTC") zone.placeholder = Intl.DateTimeFormat().resolvedOptions().timeZone;
