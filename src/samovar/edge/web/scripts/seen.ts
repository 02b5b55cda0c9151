// Links out of a post that are followed are told to its author's figures, as a number. Browsers that ask not
// to track say so by themselves.
import { on } from "./dom";

function told(link: HTMLElement): void {
  const card = link.closest<HTMLElement>("article.post");
  const id = card?.id.slice(1);
  if (!id) return;
  const body = JSON.stringify({ events: [{ name: "clicked", kind: card?.dataset.kind ?? "post", id }] });
  navigator.sendBeacon("/api/analytics/events", new Blob([body], { type: "application/json" }));
}
for (const type of ["click", "auxclick"]) on(type, 'article.post a[rel~="ugc"]', told);
