// Search by name or id over all layers of the page.
(function (Lantu) {
  "use strict";

  const LIMIT = 30;
  let index = null;

  // Every feature with the text it can be found by; made at the first search.
  function entries() {
    if (!index) {
      index = [];
      for (const [id, meta] of Object.entries(Lantu.meta.layers)) {
        const named = meta.fields.filter((field) => /name$|^name|_code$|_id$|^id$/.test(field.name)).map((field) => field.name);
        for (const feature of Lantu.features(id)) {
          const words = [feature.id, ...named.map((name) => Lantu.value(feature, name))].filter((value) => value !== null);
          index.push({ feature, text: words.join("\n").toLowerCase() });
        }
      }
    }
    return index;
  }

  function matches(query) {
    const found = entries().filter((entry) => entry.text.includes(query));
    const rank = (entry) => (Lantu.titleOf(entry.feature).toLowerCase().startsWith(query) ? 0 : 1);
    return found.slice(0, 2000).sort((a, b) => rank(a) - rank(b));
  }

  Lantu.buildSearch = function (holder) {
    const list = Lantu.el("ul", { class: "lantu-results", hidden: true, id: "lantu-results" });
    const input = Lantu.el("input", { type: "search", placeholder: Lantu.word("search"), label: Lantu.word("search"), "aria-controls": "lantu-results", autocomplete: "off" });
    const close = () => (list.hidden = true);
    const option = ({ feature }) => Lantu.el("li", {}, Lantu.el("button", { type: "button", on: { click: () => { close(); Lantu.openFeature(feature); } } },
      Lantu.el("strong", { text: () => Lantu.titleOf(feature) }), Lantu.el("span", { class: "lantu-quiet", text: () => `${Lantu.say(Lantu.meta.layers[feature.layer].name)} · ${feature.id}` })));
    const run = () => {
      const query = input.value.trim().toLowerCase();
      const found = query ? matches(query) : [];
      list.replaceChildren(...found.slice(0, LIMIT).map(option));
      if (query && !found.length) list.append(Lantu.el("li", { class: "lantu-quiet", text: Lantu.word("nothing_found") }));
      if (found.length > LIMIT) list.append(Lantu.el("li", { class: "lantu-quiet", text: Lantu.phrase("more_found", { n: LIMIT }) }));
      list.hidden = !query;
    };
    let waiting = 0;
    input.addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(run, 150); });
    holder.addEventListener("keydown", (event) => {
      const buttons = [...list.querySelectorAll("button")];
      const at = buttons.indexOf(document.activeElement);
      if (event.key === "Escape") { close(); input.focus(); }
      if (event.key === "ArrowDown" && buttons.length) { event.preventDefault(); buttons[Math.min(at + 1, buttons.length - 1)].focus(); }
      if (event.key === "ArrowUp" && at >= 0) { event.preventDefault(); (buttons[at - 1] || input).focus(); }
    });
    document.addEventListener("click", (event) => holder.contains(event.target) || close());
    holder.append(input, list);
  };
})(window.Lantu);
