// The worker of the site's pages: shows what was pushed, and opens its page at a press. It keeps nothing.
export {};

interface Pushed { id?: string; title?: string; body?: string; url?: string; lang?: string }
interface Worker {
  registration: { showNotification(title: string, options: object): Promise<void>; scope: string };
  clients: { matchAll(options: object): Promise<{ url: string; focus(): Promise<unknown>; navigate?(url: string): Promise<unknown> }[]>; openWindow(url: string): Promise<unknown>; claim(): Promise<void> };
  skipWaiting(): Promise<void>;
  location: Location;
  addEventListener(type: string, act: (event: any) => void): void;
}
const worker = self as unknown as Worker;

worker.addEventListener("install", () => void worker.skipWaiting());
worker.addEventListener("activate", (event) => event.waitUntil(worker.clients.claim()));

worker.addEventListener("push", (event) => {
  let pushed: Pushed = {};
  try { pushed = event.data?.json() ?? {}; } catch { /* not ours: say that something is there */ }
  event.waitUntil(
    worker.registration.showNotification(pushed.title || "Samovar", {
      body: pushed.body ?? "", lang: pushed.lang ?? "", tag: pushed.id ?? "", data: { url: within(pushed.url) },
    }),
  );
});

worker.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(show(String(event.notification.data?.url ?? "/inbox")));
});

/** An address of this site; anything else leads to the inbox. */
function within(address = "/inbox"): string {
  try {
    const url = new URL(address, worker.location.origin);
    return url.origin === worker.location.origin ? url.href : new URL("/inbox", worker.location.origin).href;
  } catch {
    return "/inbox";
  }
}

async function show(url: string): Promise<void> {
  const open = await worker.clients.matchAll({ type: "window", includeUncontrolled: true });
  const page = open.find((one) => one.url === url) ?? open[0];
  if (!page) return void (await worker.clients.openWindow(url));
  await page.focus();
  if (page.url !== url) await (page.navigate?.(url) ?? worker.clients.openWindow(url));
}
