// Everything here makes an already working page kinder; nothing depends on it.
"use strict";
(() => {
  const each = (selector, act, root = document) => root.querySelectorAll(selector).forEach(act);

  // The summary of what went wrong takes the focus, and its links lead to the field itself.
  const showErrors = (root) => {
    const summary = root.querySelector("[data-errors]");
    if (!summary) return;
    summary.focus();
    each("a[href^='#']", (link) => link.addEventListener("click", (event) => {
      const field = document.getElementById(link.hash.slice(1));
      if (!field) return;
      event.preventDefault();
      const control = field.matches("input, select, textarea") ? field : field.querySelector("input, select, textarea") || field;
      control.focus();
      (control.closest(".field, fieldset") || control).scrollIntoView({ block: "start" });
    }), summary);
  };

  // Reading aloud: the button names the element to read; it stays hidden where the browser has no voice.
  const readAloud = (root) => {
    if (!("speechSynthesis" in window)) return;
    each("[data-read]", (button) => {
      button.hidden = false;
      button.addEventListener("click", () => {
        const voice = window.speechSynthesis;
        const wasReading = button.getAttribute("aria-pressed") === "true";
        voice.cancel();
        each("[data-read]", (other) => other.setAttribute("aria-pressed", "false"));
        if (wasReading) return;
        const source = document.getElementById(button.dataset.read);
        if (!source) return;
        const text = source.innerText.replace(/\s*\n+\s*/g, ". ");
        const words = new SpeechSynthesisUtterance(text);
        words.lang = (source.querySelector("[lang]") || source).lang || document.documentElement.lang;
        words.rate = 0.9;
        words.onend = () => button.setAttribute("aria-pressed", "false");
        button.setAttribute("aria-pressed", "true");
        voice.speak(words);
      });
    }, root);
    window.addEventListener("pagehide", () => window.speechSynthesis.cancel());
  };

  const print = (root) => each("[data-print]", (button) => {
    button.hidden = false;
    button.addEventListener("click", () => window.print());
  }, root);

  // A long list is shortened to the names that hold what is typed. Nothing of it leaves the page.
  const filter = (root) => each("[data-filter]", (field) => {
    const list = document.getElementById(field.dataset.filter);
    const input = field.querySelector("input");
    const said = field.querySelector("[data-nothing]");
    const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
    field.hidden = false;
    input.addEventListener("input", () => {
      const words = plain(input.value).split(/\s+/);
      each("[data-found]", (line) => { line.hidden = !words.every((word) => plain(line.dataset.found).includes(word)); }, list);
      each("section", (part) => { part.hidden = !part.querySelector("[data-found]:not([hidden])"); }, list);
      said.textContent = list.querySelector("[data-found]:not([hidden])") ? "" : said.dataset.nothing;
    });
  }, root);

  // A form sent twice by a trembling hand is sent once.
  const sendOnce = (root) => each("form[method=post]:not([data-again])", (form) => {
    form.addEventListener("submit", (event) => {
      if (form.dataset.sent) event.preventDefault();
      form.dataset.sent = "yes";
      window.setTimeout(() => delete form.dataset.sent, 4000);
    });
  }, root);

  // The menu of small screens closes with Escape and gives the focus back.
  each("details.menu", (menu) => document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && menu.open) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
  }));

  // Parts that are folded on a phone stand open where there is room.
  const unfold = (root) => {
    if (window.matchMedia("(min-width: 62rem)").matches) each("details[data-room]", (part) => { part.open = true; }, root);
  };

  const prepare = (root) => { showErrors(root); readAloud(root); print(root); filter(root); sendOnce(root); unfold(root); };
  prepare(document);
  document.body.addEventListener("htmx:afterSettle", (event) => prepare(event.target));
})();
