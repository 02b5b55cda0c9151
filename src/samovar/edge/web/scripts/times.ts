// Relative times stay true while the page is open.
import { word } from "./dom";

const lang = document.documentElement.lang || "en";
const relative = new Intl.RelativeTimeFormat(lang, { numeric: "always", style: "long" });
const units = ["minute", "hour", "day"] as const;
const exact = new Intl.DateTimeFormat(lang, { dateStyle: "long", timeStyle: "short" });
const thisYear = new Intl.DateTimeFormat(lang, { day: "numeric", month: "short" });
const otherYear = new Intl.DateTimeFormat(lang, { day: "numeric", month: "short", year: "numeric" });
const short: Record<string, Record<(typeof units)[number], string>> = {
  en: { minute: "min", hour: "h", day: "d" },
  ru: { minute: "мин", hour: "ч", day: "д" },
};

/** The same words as the server's `reltime` filter. */
function say(time: Date): string {
  const seconds = (time.getTime() - Date.now()) / 1000;
  const past = Math.abs(seconds);
  if (past < 60 && seconds <= 0) return word("now");
  const [value, unit] = past < 3600 ? [Math.max(1, past / 60), units[0]] : past < 86400 ? [past / 3600, units[1]] : [past / 86400, units[2]];
  if (seconds > 0) return relative.format(Math.floor(value) || 1, unit);
  if (past < 7 * 86400) return `${Math.floor(value)} ${(short[lang] ?? short.en!)[unit]}`;
  return (time.getFullYear() === new Date().getFullYear() ? thisYear : otherYear).format(time);
}

function refresh(): void {
  document.querySelectorAll<HTMLTimeElement>("time[datetime]").forEach((element) => {
    const time = new Date(element.dateTime);
    if (Number.isNaN(time.getTime())) return;
    const text = element.dataset.exact !== undefined ? exact.format(time) : say(time);
    if (element.textContent !== text) element.textContent = text;
    element.title = exact.format(time);
  });
}

refresh();
setInterval(refresh, 30_000);
document.addEventListener("htmx:load", refresh);
document.addEventListener("visibilitychange", () => { if (!document.hidden) refresh(); });
