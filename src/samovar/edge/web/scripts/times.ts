// Relative times stay true while the page is open.
import { word } from "./dom";

const lang = document.documentElement.lang || "en";
const HOUR = 3600;
const DAY = 86400;
const units = [["minute", 60], ["hour", HOUR], ["day", DAY]] as const;
const exact = new Intl.DateTimeFormat(lang, { dateStyle: "long", timeStyle: "short" });
const thisYear = new Intl.DateTimeFormat(lang, { day: "numeric", month: "short" });
const otherYear = new Intl.DateTimeFormat(lang, { day: "numeric", month: "short", year: "numeric" });
const short: Record<string, Record<(typeof units)[number][0], string>> = {
  en: { minute: "min", hour: "h", day: "d" },
  ru: { minute: "мин", hour: "ч", day: "дн" },
};

/** The same words as the server's `reltime` filter. */
function say(time: Date): string {
  const seconds = (Date.now() - time.getTime()) / 1000;
  const distance = Math.abs(seconds);
  if (distance < 45) return word("now");
  if (distance >= 7 * DAY) return (seconds > 300 * DAY ? otherYear : thisYear).format(time);
  const [unit, size] = distance < HOUR ? units[0] : distance < DAY ? units[1] : units[2];
  return `${Math.max(1, Math.round(distance / size))} ${(short[lang] ?? short.en!)[unit]}`;
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
