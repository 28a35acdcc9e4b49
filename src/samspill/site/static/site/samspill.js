// The little script of our own. Pages work without it; it only tells sooner and guards against double clicks.
"use strict";
(() => {
  const notice = () => document.getElementById("s-notice");

  const tell = (text) => {
    const place = notice();
    if (place) place.textContent = text;
  };

  // A field that could not be saved in the background: say so, keep what was typed.
  for (const name of ["htmx:sendError", "htmx:responseError", "htmx:timeout"]) {
    document.addEventListener(name, () => tell(notice()?.dataset.notSaved ?? ""));
  }
  document.addEventListener("htmx:afterOnLoad", () => tell(""));

  // A second click on a form that is being sent does nothing; coming back with the back button opens it again.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.hasAttribute("hx-post")) return;
    if (form.dataset.sending) {
      event.preventDefault();
      return;
    }
    form.dataset.sending = "true";
    if (event.submitter) event.submitter.setAttribute("aria-busy", "true");
  });
  window.addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll("form[data-sending]")) delete form.dataset.sending;
    for (const button of document.querySelectorAll("form [aria-busy]")) button.removeAttribute("aria-busy");
  });

  // Buttons that print the page are shown only where there is a script to do it.
  for (const button of document.querySelectorAll("[data-print]")) {
    button.hidden = false;
    button.addEventListener("click", () => window.print());
  }
})();
