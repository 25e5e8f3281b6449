// Votes without waiting for a page: the same form, sent to the quick door. Whatever goes wrong, the form itself goes the slow way.
"use strict";
(() => {
  const voting = document.querySelector("#voting[data-vote]");
  const form = voting && voting.querySelector("[data-vote-form]");
  if (!form || !window.fetch) return;
  const part = (name) => voting.querySelector(`[data-${name}]`);
  const english = document.documentElement.lang.startsWith("en");
  const said = (statement, name) => (english && statement[`${name}_en`]) || statement[name];
  const tongue = (statement, name) => (english && statement[`${name}_en`] ? "en" : statement.language);
  const glued = (text) => english ? text : text.replace(/ (?=[?!:;»%])/g, "\u00a0").replace(/« /g, "«\u00a0");
  let answered = Number(part("progress").dataset.answered);
  let underWay = false;

  const element = (name, text, lang) => {
    const made = document.createElement(name);
    made.textContent = glued(text);
    if (lang) made.lang = lang;
    return made;
  };

  // The next statement, in the words this person prefers.
  const show = (statement) => {
    const place = part("statement");
    const easy = said(statement, "easy");
    const easyFirst = voting.dataset.easy === "1" && easy;
    const title = element("h1", easyFirst ? easy : said(statement, "text"), tongue(statement, easyFirst ? "easy" : "text"));
    title.tabIndex = -1;
    place.replaceChildren(title);
    if (easyFirst) {
      const original = element("p", `« ${said(statement, "text")} »`, tongue(statement, "text"));
      original.className = "soft";
      place.append(original);
    } else if (easy) {
      const more = document.createElement("details");
      more.append(element("summary", voting.dataset.easyWords), element("p", easy, tongue(statement, "easy")));
      place.append(more);
    }
    document.querySelectorAll("input[name=statement]").forEach((field) => { field.value = statement.number; });
    title.focus();
  };

  // What was answered, and how far one is.
  const tell = (number, words, left) => {
    const note = part("noted").content.cloneNode(true);
    note.querySelector("[data-answer]").textContent = words;
    const back = note.querySelector("a");
    back.href = `${back.getAttribute("href")}?statement=${number}`;
    part("last").replaceChildren(note);
    answered += 1;
    const of = answered + left;
    part("progress").textContent = part("progress").dataset.words.replace("#", answered).replace("@", of);
    const bar = voting.querySelector(".meter .value");
    if (bar) bar.setAttribute("width", `${of ? (100 * answered / of).toFixed(1) : 0}%`);
  };

  const slowly = (button) => {
    const value = document.createElement("input");
    value.type = "hidden"; value.name = "value"; value.value = button.value;
    form.append(value);
    form.submit();
  };

  form.addEventListener("submit", async (event) => {
    const button = event.submitter;
    if (!button || !["1", "0", "-1"].includes(button.value)) return;
    event.preventDefault();
    if (underWay) return;
    underWay = true;
    const number = Number(form.elements.statement.value);
    try {
      const response = await fetch(voting.dataset.vote, {
        method: "POST", credentials: "same-origin", headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ statement: number, value: Number(button.value) }),
      });
      if (!response.ok) { slowly(button); return; }
      const told = await response.json();
      if (!told.next) { window.location.assign(window.location.pathname); return; }
      tell(number, button.dataset.words, told.left);
      show(told.next);
      button.blur();
      part("statement").querySelector("h1").focus();
      underWay = false;
    } catch {
      slowly(button);
    }
  });
})();
