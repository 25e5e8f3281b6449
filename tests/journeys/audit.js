// What can be seen of a page's accessibility from inside the page. Gives a list of findings, each one a sentence.
// Sources: RGAA 4.1 and WCAG 2.2 (1.3.1, 1.4.3, 1.4.10, 1.4.11, 2.4.2, 2.5.8, 3.1.1, 4.1.2); the house asks for 44 px targets.
window.colloqueAudit = () => {
  const findings = [];
  const say = (rule, element, detail = "") => {
    const where = element && element.outerHTML ? element.outerHTML.slice(0, 140).replace(/\s+/g, " ") : "";
    findings.push(`${rule}${detail ? ": " + detail : ""}${where ? " — " + where : ""}`);
  };
  const all = (selector) => [...document.querySelectorAll(selector)];
  const style = (element) => getComputedStyle(element);
  const isVisible = (element) => element.checkVisibility({ visibilityProperty: true, opacityProperty: false })
    && element.getClientRects().length > 0;
  const isForEyes = (element) => isVisible(element) && !element.closest(".visually-hidden, .skip");

  // ----- document
  if (!["fr", "en"].includes(document.documentElement.lang)) say("lang is not set", document.documentElement);
  if (!document.title.trim() || document.title.startsWith("Colloque ·")) say("the title says nothing", null, document.title);
  for (const name of ["main", "header", "footer"]) {
    if (all(name).filter((e) => name === "main" || !e.closest("main")).length !== 1) say(`not exactly one ${name}`);
  }
  all("nav").forEach((nav) => { if (!nav.getAttribute("aria-label")) say("a navigation without a name", nav); });
  const ids = all("[id]").map((e) => e.id);
  ids.filter((id, i) => ids.indexOf(id) !== i).forEach((id) => say("an id used twice", null, id));
  for (const attribute of ["for", "aria-labelledby", "aria-describedby", "aria-controls", "data-read"]) {
    all(`[${attribute}]`).forEach((e) => e.getAttribute(attribute).split(/\s+/).forEach((id) => {
      if (id && !document.getElementById(id)) say(`${attribute} leads nowhere`, e, id);
    }));
  }
  all("a[href^='#']").forEach((a) => {
    if (a.hash.length > 1 && !document.getElementById(decodeURIComponent(a.hash.slice(1)))) say("a link into the page leads nowhere", a);
  });
  all("[style]").forEach((e) => say("inline style", e));
  all("script:not([src]):not([type='application/json'])").forEach((e) => say("inline script", e));
  all("[tabindex]").forEach((e) => { if (e.tabIndex > 0) say("a tab order of its own", e); });
  all("img:not([alt])").forEach((e) => say("an image without alt", e));
  all("svg").forEach((e) => {
    const isHidden = e.closest("[aria-hidden='true']");
    if (!isHidden && !(e.getAttribute("role") === "img" && (e.getAttribute("aria-labelledby") || e.getAttribute("aria-label")))) say("a picture without words", e);
  });

  // ----- headings
  const headings = all("h1, h2, h3, h4, h5, h6").filter(isVisible);
  if (headings.filter((h) => h.tagName === "H1").length !== 1) say("not exactly one h1", null, headings.map((h) => h.tagName).join(" "));
  let level = 0;
  headings.forEach((h) => {
    const next = Number(h.tagName[1]);
    if (next > level + 1) say(`headings jump from h${level} to h${next}`, h);
    if (!h.textContent.trim()) say("an empty heading", h);
    level = next;
  });

  // ----- lists and tables
  all("ul, ol").forEach((list) => [...list.children].forEach((child) => {
    if (!["LI", "SCRIPT", "TEMPLATE"].includes(child.tagName)) say("a list holds something else than lines", child);
  }));
  all("dl").forEach((list) => [...list.children].forEach((child) => {
    if (!["DT", "DD", "DIV"].includes(child.tagName)) say("a list of definitions holds something else", child);
  }));
  all("table").filter(isVisible).forEach((table) => {
    if (!table.querySelector("th")) say("a table without headers", table);
    if (!table.caption && !table.getAttribute("aria-labelledby") && !table.getAttribute("aria-label")) say("a table without a title", table);
    table.querySelectorAll("th:not([scope])").forEach((th) => say("a table header without scope", th));
  });

  // ----- names of controls
  const words = (element) => {
    if (element.getAttribute("aria-hidden") === "true") return "";
    return [...element.childNodes].map((node) => node.nodeType === Node.TEXT_NODE ? node.data
      : node.nodeType === Node.ELEMENT_NODE ? (node.getAttribute("aria-label") || node.getAttribute("alt") || words(node)) : "").join(" ").trim();
  };
  const nameOf = (element) => {
    const labelled = (element.getAttribute("aria-labelledby") || "").split(/\s+/).filter(Boolean)
      .map((id) => document.getElementById(id)).filter(Boolean).map(words).join(" ");
    const labels = element.labels ? [...element.labels].map(words).join(" ") : "";
    return (labelled || element.getAttribute("aria-label") || labels || words(element) || element.title || "").trim();
  };
  const controls = all("a[href], button, input:not([type=hidden]), select, textarea, summary, [role=button]").filter(isVisible);
  controls.forEach((c) => { if (!nameOf(c)) say("a control without a name", c); });
  all("input[type=radio]").filter(isVisible).forEach((c) => { if (!c.closest("fieldset")?.querySelector("legend")) say("answers without their question", c); });

  // ----- targets
  const isInSentence = (a) => style(a).display === "inline" && [...a.parentElement.childNodes].some((n) => n !== a && n.textContent.trim());
  controls.forEach((c) => {
    const isBox = c.matches("input[type=radio], input[type=checkbox]");
    const target = isBox ? (c.closest("label") || (c.labels && c.labels[0]) || c) : c;
    if (c.tagName === "A" && isInSentence(c)) return;
    if (c.closest(".skip, .visually-hidden")) return;
    const box = target.getBoundingClientRect();
    const least = c.tagName === "A" && style(c).display === "inline" ? 24 : 43.5;
    if (box.height < least || box.width < Math.min(least, 43.5)) say("a target too small", c, `${Math.round(box.width)} × ${Math.round(box.height)} px`);
  });

  // ----- reflow
  const wide = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth > wide + 1) {
    const culprits = all("body *").filter((e) => isForEyes(e) && e.getBoundingClientRect().right > wide + 1 && !e.closest(".scroll, pre"));
    say("the page scrolls sideways", culprits[culprits.length - 1], `${document.documentElement.scrollWidth} > ${wide} px`);
  }
  all("button, .button, .tag, h1, h2, h3, label, legend").filter(isForEyes).forEach((e) => {
    if (e.scrollWidth > e.clientWidth + 1 && style(e).overflow !== "visible" && e.clientWidth > 0) say("words cut off", e);
  });

  // ----- contrast
  const parse = (colour) => {
    const numbers = (colour.match(/-?[\d.]+(e-?\d+)?/g) || []).map(Number);
    if (colour.startsWith("rgb")) return [numbers[0], numbers[1], numbers[2], numbers[3] ?? 1];
    if (colour.startsWith("color(srgb")) return [numbers[0] * 255, numbers[1] * 255, numbers[2] * 255, numbers[3] ?? 1];
    return null;
  };
  const over = (top, under) => [0, 1, 2].map((i) => top[i] * top[3] + under[i] * (1 - top[3])).concat(1);
  const luminance = (c) => {
    const [r, g, b] = c.slice(0, 3).map((v) => { const s = v / 255; return s <= 0.04045 ? s / 12.92 : ((s + 0.055) / 1.055) ** 2.4; });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ratio = (a, b) => { const [x, y] = [luminance(a), luminance(b)]; return (Math.max(x, y) + 0.05) / (Math.min(x, y) + 0.05); };
  const ground = (element) => {
    const layers = [];
    for (let e = element; e; e = e.parentElement) {
      const colour = parse(style(e).backgroundColor);
      if (colour && colour[3] > 0) layers.push(colour);
      if (colour && colour[3] === 1) break;
    }
    const isDark = matchMedia("(prefers-color-scheme: dark)").matches;
    return layers.reverse().reduce((under, top) => over(top, under), isDark ? [18, 18, 18, 1] : [255, 255, 255, 1]);
  };
  const seen = new Set();
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const e = node.parentElement;
    if (!node.data.trim() || seen.has(e) || !isForEyes(e) || e.closest("[disabled], [aria-disabled=true], script, style, noscript")) continue;
    seen.add(e);
    const css = style(e);
    const colour = parse(e.closest("svg") ? css.fill : css.color);
    if (!colour) continue;
    const back = ground(e);
    const opacity = (() => { let o = 1; for (let p = e; p; p = p.parentElement) o *= Number(style(p).opacity); return o; })();
    const value = ratio(over([colour[0], colour[1], colour[2], colour[3] * opacity], back), back);
    const size = parseFloat(css.fontSize);
    const least = size >= 24 || (size >= 18.66 && Number(css.fontWeight) >= 700) ? 3 : 4.5;
    if (value < least - 0.01) say("too little contrast", e, `${value.toFixed(2)} < ${least}`);
  }
  all("input:not([type=hidden]):not([type=radio]):not([type=checkbox]), select, textarea").filter(isForEyes).forEach((c) => {
    const border = parse(style(c).borderTopColor);
    if (border && parseFloat(style(c).borderTopWidth) > 0 && ratio(over(border, ground(c.parentElement)), ground(c.parentElement)) < 2.99) say("a field's border is hard to see", c);
  });
  return findings;
};
