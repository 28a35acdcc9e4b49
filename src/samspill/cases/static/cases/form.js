// Beside the form: it saves by itself, and what is typed is never lost. Everything works without this script too.
"use strict";
(() => {
  const PATIENCE_MS = 4000;
  let running = 0;
  let waiting = null; // a submit that waits for a background save: { name, value, shown, timer }

  const form = () => document.getElementById("skjema");
  const shown = (of) => new Set([...of.querySelectorAll("input[name=_shown]")].map((input) => input.value));

  // Focus the field that was left, unless the address points somewhere itself.
  const left = form()?.dataset.focus;
  if (left && !location.hash) {
    const field = document.getElementById(left);
    if (field) {
      field.focus({ preventScroll: true });
      field.scrollIntoView({ block: "center" });
    }
  }
  const pointed = location.hash.startsWith("#f-") && document.getElementById(location.hash.slice(1));
  if (pointed) pointed.focus();

  const belongs = (event) => form()?.contains(event.target) || event.target === form();

  // A submit waits for the save that is on its way, so that the two never race.
  document.addEventListener("submit", (event) => {
    if (event.target !== form() || running === 0) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const button = event.submitter;
    waiting = { name: button?.name ?? "next", value: button?.value ?? "", shown: shown(form()) };
    waiting.timer = setTimeout(go, PATIENCE_MS);
  }, true);

  const go = () => {
    if (!waiting) return;
    const wanted = waiting;
    waiting = null;
    clearTimeout(wanted.timer);
    running = 0;
    const now = form();
    const fresh = [...shown(now)].filter((path) => !wanted.shown.has(path));
    if (fresh.length && wanted.name === "next") return focusFirst(fresh);
    const same = [...now.querySelectorAll(`button[name="${CSS.escape(wanted.name)}"]`)];
    now.requestSubmit(same.find((button) => button.value === wanted.value) ?? same[0]);
  };

  // New questions came to show: go there instead of past them.
  const focusFirst = (paths) => {
    const names = paths.map((path) => `[name="${CSS.escape(path)}"], [name^="${CSS.escape(path)}."]`);
    const field = form().querySelector(names.join(", "));
    (field?.closest("fieldset[tabindex]") ?? field)?.focus();
  };

  document.addEventListener("htmx:beforeRequest", (event) => { if (belongs(event)) running += 1; });
  const ended = () => {
    running = Math.max(0, running - 1);
    if (running === 0 && waiting) queueMicrotask(() => { if (running === 0) go(); });
  };
  document.addEventListener("htmx:afterRequest", ended);

  // When the whole form is swapped, what was written while it was on its way is put back, and saved.
  let later = null;
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (event.detail.target?.id !== "skjema") return;
    const sent = event.detail.requestConfig?.formData;
    if (!sent) return;
    const now = new FormData(form());
    const names = new Set([...form().elements].map((control) => control.name).filter(Boolean));
    later = [...names]
      .filter((name) => !["revision", "_shown", "_was", "_aside", "csrfmiddlewaretoken"].includes(name) && !name.startsWith("file-"))
      .map((name) => [name, now.getAll(name).map(String)])
      .filter(([name, values]) => values.join("\n") !== sent.getAll(name).map(String).join("\n"));
  });
  document.addEventListener("htmx:afterSettle", () => {
    const changed = later ?? [];
    later = null;
    for (const [name, values] of changed) {
      for (const control of form().querySelectorAll(`[name="${CSS.escape(name)}"]:not([type=hidden])`)) {
        if (control.type === "radio" || control.type === "checkbox") {
          if (control.checked === values.includes(control.value)) continue;
          control.checked = values.includes(control.value);
          if (!control.checked) continue;
        } else if (control.value !== values[0]) {
          control.value = values[0] ?? "";
          if (control === document.activeElement) continue;
        } else continue;
        control.dispatchEvent(new Event("change", { bubbles: true }));
      }
    }
  });
})();
