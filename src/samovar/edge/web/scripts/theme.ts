// The theme changes as soon as it is chosen; the form keeps it.
import { on } from "./dom";

on("change", "[data-theme-choice]", (input) => {
  document.documentElement.dataset.theme = (input as HTMLInputElement).value;
});
