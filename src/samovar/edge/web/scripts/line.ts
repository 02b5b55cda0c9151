// One live line to the server: a socket, or a stream of events where sockets are blocked. It comes back by
// itself, goes on from the last number it was given, and says when something was missed.
import { kept } from "./dom";

/** What the server says; docs/reference/realtime.md. */
export interface Message {
  t: string; n?: number; type?: string; channel?: string; channels?: string[]; refused?: string[];
  data?: Record<string, unknown> | null; code?: number;
}
interface Ears {
  /** An event of one's own, each once. */
  event: (message: Message) => void;
  /** Something about a channel. */
  told: (message: Message) => void;
  /** Something was missed: what is shown is to be read anew. */
  missed: () => void;
  /** The line is there, or has been away for a while. */
  state: (up: boolean) => void;
}

const FIRST = 1000; // ms until the next try, at first and at most
const LONGEST = 60_000;
const QUIET = 40_000; // without a word for so long a line is taken to be dead
const HIDDEN = 300_000; // a page that nobody looks at lets its line go
const BATCH = 50;
const OPEN = 1; // a socket that can be written to
/** Codes after which trying again would help nothing. */
const FINAL = new Set([4400, 4401, 4403, 4404]);

export class Line {
  private socket: WebSocket | null = null;
  private stream: EventSource | null = null;
  private readonly channels = new Set<string>();
  private readonly key = `live:${document.body.dataset.me}`;
  private tries = 0;
  private opened = 0; // lines that said hello
  private failed = 0; // sockets that never did
  private heard = 0;
  private over = false;
  private timer = 0;
  private rest = 0;

  constructor(private readonly ears: Ears) {
    this.open();
    setInterval(() => this.watch(), 10_000);
    addEventListener("online", () => this.retry());
    addEventListener("pageshow", (event) => { if (event.persisted) this.retry(); });
    addEventListener("pagehide", () => this.drop());
    document.addEventListener("visibilitychange", () => {
      clearTimeout(this.rest);
      if (document.hidden) this.rest = setTimeout(() => this.drop(), HIDDEN);
      else this.retry();
    });
  }

  /** Listens to these channels and to no others. */
  hear(wanted: Iterable<string>): void {
    const next = new Set(wanted);
    const fresh = [...next].filter((channel) => !this.channels.has(channel));
    const gone = [...this.channels].filter((channel) => !next.has(channel));
    if (!fresh.length && !gone.length) return;
    for (const channel of gone) this.channels.delete(channel);
    for (const channel of fresh) this.channels.add(channel);
    if (this.stream) { this.stream.close(); this.stream = null; this.open(); return; } // its channels stand in its address
    this.ask("leave", gone);
    this.ask("hear", fresh);
  }

  private ask(what: string, channels: string[], now = false): void {
    if (this.socket?.readyState !== OPEN) return;
    for (let start = 0; start < channels.length; start += BATCH)
      this.socket.send(JSON.stringify({ do: what, channels: channels.slice(start, start + BATCH), now }));
  }

  private open(): void {
    clearTimeout(this.timer);
    if (this.over || this.socket || this.stream) return;
    this.heard = Date.now();
    const number = kept.get(sessionStorage, this.key);
    const after = number ? `after=${number}` : "";
    if (this.failed >= 3) {
      const stream = this.stream = new EventSource(`/events?${after}&channels=${encodeURIComponent([...this.channels].join(","))}`);
      stream.onmessage = (event) => this.take(event.data as string);
      stream.onerror = () => this.closed(0);
      return;
    }
    const socket = this.socket = new WebSocket(`${location.origin.replace("http", "ws")}/ws?${after}`, "samovar");
    socket.onmessage = (event) => this.take(event.data as string);
    socket.onclose = (event) => { if (this.socket === socket) this.closed(event.code); };
  }

  private take(text: string): void {
    this.heard = Date.now();
    const message = JSON.parse(text) as Message;
    const had = Number(kept.get(sessionStorage, this.key) ?? -1);
    switch (message.t) {
      case "hello":
        this.tries = this.failed = 0;
        if (had < 0) this.note(message.n!);
        this.ask("hear", [...this.channels], true);
        this.ears.state(true);
        // What is told of channels has no numbers: whoever was away looks for it.
        if (this.opened++ > 0) this.ears.missed();
        break;
      case "event":
        if (message.n! <= had) break; // another page of this tab had it
        this.note(message.n!);
        this.ears.event(message);
        break;
      case "gap":
        this.note(message.n!);
        this.ears.missed();
        break;
      case "told": this.ears.told(message); break;
      case "left": message.channels?.forEach((channel) => this.channels.delete(channel)); break;
      case "close": this.closed(message.code ?? 0); break;
    }
  }

  private note(number: number): void {
    kept.set(sessionStorage, this.key, String(number));
  }

  private closed(code: number): void {
    if (this.socket && !this.opened) this.failed++;
    this.drop();
    this.over = FINAL.has(code);
    if (this.over) return;
    this.ears.state(false);
    // Each waits its own time, so that not all come back at once.
    const wait = Math.min(LONGEST, FIRST * 2 ** this.tries++) * (0.5 + Math.random());
    this.timer = setTimeout(() => this.open(), wait);
  }

  private drop(): void {
    clearTimeout(this.timer);
    const { socket, stream } = this;
    this.socket = this.stream = null;
    socket?.close();
    stream?.close();
  }

  private retry(): void {
    if (this.socket || this.stream || document.hidden) return;
    this.tries = 0;
    this.open();
  }

  /** A line can be dead without a word. */
  private watch(): void {
    if (!this.socket && !this.stream) return;
    const quiet = Date.now() - this.heard;
    if (quiet > QUIET) this.closed(0);
    else if (quiet > QUIET / 2 && this.socket?.readyState === OPEN) this.socket.send('{"do":"ping"}');
  }
}
