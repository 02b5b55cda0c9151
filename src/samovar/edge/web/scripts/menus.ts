// Menus are <details>: a press elsewhere or Escape closes them, arrows walk through them.
document.addEventListener("click", (event) => {
  document.querySelectorAll<HTMLDetailsElement>("details.menu[open]").forEach((menu) => {
    if (!menu.contains(event.target as Node) || (event.target as Element).closest(".menu-item[type=button]")) menu.open = false;
  });
});

document.addEventListener("keydown", (event) => {
  const menu = (event.target as Element).closest<HTMLDetailsElement>("details.menu[open]");
  if (!menu) return;
  if (event.key === "Escape") {
    event.preventDefault();
    menu.open = false;
    menu.querySelector("summary")?.focus();
  }
  if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
  event.preventDefault();
  const items = [...menu.querySelectorAll<HTMLElement>(".menu-panel a, .menu-panel button")];
  const step = event.key === "ArrowDown" ? 1 : -1;
  items[(items.indexOf(document.activeElement as HTMLElement) + step + items.length) % items.length]?.focus();
});

// A menu near the bottom of the window opens upwards.
document.addEventListener("toggle", (event) => {
  const menu = event.target as HTMLDetailsElement;
  if (!menu.matches?.("details.menu") || !menu.open) return;
  menu.classList.remove("menu-up");
  const panel = menu.querySelector(".menu-panel")?.getBoundingClientRect();
  if (panel && panel.bottom > innerHeight - 72 && panel.top > panel.height + 60) menu.classList.add("menu-up");
}, true);
