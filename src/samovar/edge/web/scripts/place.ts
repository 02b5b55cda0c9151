// Going back lands where one was, also when "show more" had been pressed several times.
import { kept, near } from "./dom";

document.querySelector(".settings-nav [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });

const key = `place:${location.pathname}${location.search}`;

addEventListener("pagehide", () => {
  const seen = [...document.querySelectorAll<HTMLElement>(".feed .post[id]")].find((post) => post.getBoundingClientRect().bottom > 80);
  kept.set(sessionStorage, key, seen && scrollY > 600 ? `${seen.id} ${Math.round(seen.getBoundingClientRect().top)}` : null);
});

const [entry] = performance.getEntriesByType("navigation") as PerformanceNavigationTiming[];
const saved = entry?.type === "back_forward" ? kept.get(sessionStorage, key) : null;
if (saved) {
  const [id, top] = saved.split(" ") as [string, string];
  let tries = 5;
  const look = (): void => {
    const post = document.getElementById(id);
    if (post) scrollTo(0, scrollY + post.getBoundingClientRect().top - Number(top));
    else if (tries-- > 0) document.querySelector<HTMLElement>(".feed .more a")?.click();
    if (post || tries < 0) document.removeEventListener("htmx:afterSettle", look);
  };
  document.addEventListener("htmx:afterSettle", look);
  addEventListener("load", look);
}

// The arrow goes back in history when this site was the last page, and up when it was not.
document.addEventListener("click", (event) => {
  const arrow = near(event, "a[data-back]");
  if (!arrow || !document.referrer.startsWith(location.origin) || history.length < 2) return;
  event.preventDefault();
  history.back();
});
