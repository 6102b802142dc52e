// The one name that our scripts share; the page's language; nodes that are made of text, never of markup.
window.Lantu = (function () {
  "use strict";

  const bound = new WeakMap(); // node -> {text, title, placeholder, "aria-label"}: what it says, in both languages
  const listeners = [];
  const Lantu = { language: "zh", meta: null, map: null };

  // A {zh, en} pair, a function of the language, or a plain string, in the page's language.
  Lantu.say = function (wording) {
    if (wording === null || wording === undefined) return "";
    if (typeof wording === "function") return wording(Lantu.language);
    return typeof wording === "object" ? wording[Lantu.language] : String(wording);
  };

  Lantu.word = (key) => Lantu.meta.words[key];

  // A function of the language that fills {placeholders} of a worded key.
  Lantu.phrase = function (key, values) {
    return () => Lantu.say(Lantu.word(key)).replace(/\{(\w+)\}/g, (_, name) => Lantu.say(values[name]));
  };

  function refresh(node) {
    for (const [where, wording] of Object.entries(bound.get(node) || {})) {
      if (where === "text") node.textContent = Lantu.say(wording);
      else node.setAttribute(where, Lantu.say(wording));
    }
  }

  // Lets a node (its text, or an attribute) follow the language.
  Lantu.bind = function (node, wording, where = "text") {
    bound.set(node, { ...bound.get(node), [where]: wording });
    node.dataset.worded = "";
    refresh(node);
    return node;
  };

  // A new element. `options`: class, text, title, label, on {event: handler}; anything else is an attribute.
  Lantu.el = function (tag, options = {}, ...children) {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(options)) {
      if (value === undefined || value === null || value === false) continue;
      if (name === "class") node.className = value;
      else if (name === "text") Lantu.bind(node, value);
      else if (name === "title" || name === "placeholder") Lantu.bind(node, value, name);
      else if (name === "label") Lantu.bind(node, value, "aria-label");
      else if (name === "on") Object.entries(value).forEach(([event, act]) => node.addEventListener(event, act));
      else node.setAttribute(name, value === true ? "" : value);
    }
    node.append(...children.filter((child) => child !== null && child !== undefined));
    return node;
  };

  Lantu.svg = function (tag, attributes, ...children) {
    const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
    Object.entries(attributes).forEach(([name, value]) => node.setAttribute(name, value));
    node.append(...children);
    return node;
  };

  Lantu.setLanguage = function (language) {
    Lantu.language = language;
    document.documentElement.lang = language === "zh" ? "zh-CN" : "en";
    document.querySelectorAll("[data-worded]").forEach(refresh);
    listeners.forEach((act) => act(language));
  };

  Lantu.onLanguage = (act) => listeners.push(act);

  Lantu.rgb = (colour, alpha = 1) => (colour ? `rgba(${colour.join(",")},${alpha})` : "transparent");
  Lantu.px = (points) => (points * 4) / 3;

  Lantu.number = function (value, decimals) {
    const fixed = decimals === undefined ? { maximumFractionDigits: 6 } : { minimumFractionDigits: decimals, maximumFractionDigits: decimals };
    return new Intl.NumberFormat("en-US", fixed).format(value);
  };

  return Lantu;
})();
