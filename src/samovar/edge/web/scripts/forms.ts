// Forms: showing a password, one press only, the focus on what went wrong.
import { fresh, icon, make, on, word } from "./dom";

fresh((root) => {
  root.querySelectorAll<HTMLInputElement>("input[data-reveal]:not([data-ready])").forEach((input) => {
    input.dataset.ready = "";
    const label = make("span", { class: "vh" }, word("show"));
    const button = make("button", { class: "btn-icon", type: "button", "aria-pressed": "false" }, icon("eye"), label);
    button.addEventListener("click", () => {
      const show = input.type === "password";
      input.type = show ? "text" : "password";
      button.setAttribute("aria-pressed", String(show));
      label.textContent = word(show ? "hide" : "show");
      button.querySelector("svg")?.replaceWith(icon(show ? "eye-off" : "eye"));
    });
    input.after(button);
  });
  (root.querySelector<HTMLElement>("[aria-invalid=true]") ?? root.querySelector<HTMLElement>("[data-focus]"))?.focus();
});

on("submit", "form:not([hx-post])", (form, event) => {
  const button = (event as SubmitEvent).submitter;
  if (event.defaultPrevented || !button) return;
  if (form.dataset.sent !== undefined) { event.preventDefault(); return; }
  form.dataset.sent = "";
  if (button.matches(".btn")) button.classList.add("busy");
});
addEventListener("pageshow", () => { // coming back to a page that was left by a form
  document.querySelectorAll<HTMLElement>("form[data-sent]").forEach((form) => {
    delete form.dataset.sent;
    form.querySelectorAll(".busy").forEach((button) => button.classList.remove("busy"));
  });
});
