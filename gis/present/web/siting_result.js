// The answer on a site as a reader sees it: the word, what stands in the way, what the site takes of each layer, what it does not meet.
(function (Lantu) {
  "use strict";

  const { el } = Lantu;
  const layerOf = (row) => Lantu.siting.layers.find((each) => each.id === row.asked);
  const met = (row) => row.status === "hit" || row.status === "undecidable";

  // Where a row stands: the gravest first; each row stands in the first group that takes it.
  const GROUPS = [
    ["conflict", (row) => row.status === "hit" && row.effect === "prohibit"],
    ["undecidable", (row) => (row.status === "missing" && layerOf(row).decisive) || (met(row) && row.effect === "unknown") || (row.status === "undecidable" && row.effect === "prohibit")],
    ["conditional", (row) => met(row) && row.effect === "condition"],
    ["inform", met],
    ["touch", (row) => row.status === "touch"],
    ["clear", (row) => row.status === "clear"],
    ["missing", () => true],
  ];
  const LISTED = ["touch", "clear", "missing"]; // told by their names alone

  function name(row) {
    const layer = layerOf(row), part = row.part && layer.parts[row.part];
    return () => {
      const title = Lantu.say(layer.title), whole = row.outside ? Lantu.phrase("siting_outside", { layer: title })() : title;
      return part ? Lantu.phrase("siting_part", { layer: whole, part })() : whole;
    };
  }

  const figures = (m2) => [`${Lantu.number(m2 / 1e4, 4)} `, `${Lantu.number((m2 * 3) / 2000, 2)} `, `${Lantu.number(m2, 2)} m²`];

  function size(row, site) {
    if (row.status === "missing") return el("td", {});
    if (row.metres > 0) return el("td", {}, el("strong", {}, `${Lantu.number(row.metres, 2)} m`));
    const [ha, mu, m2] = figures(row.m2);
    return el("td", {}, el("strong", {}, ha, el("span", { text: Lantu.word("ha") })), el("span", {}, mu, el("span", { text: Lantu.word("mu") })), el("span", {}, m2));
  }

  function share(row, site) {
    return el("td", {}, row.m2 > 0 ? `${Lantu.number(Math.min(100, (100 * row.m2) / site.m2), 2)}%` : "");
  }

  // Why a row says what it says: what the judging table asks for, and whether the data are too coarse to be sure.
  function need(row) {
    const absent = layerOf(row).status === "missing" ? "siting_no_layer" : "siting_beyond";
    const said = row.status === "missing" ? Lantu.word(absent) : row.case ? row.case.need : Lantu.word("siting_no_case");
    const doubt = row.status === "undecidable" ? el("p", { class: "lantu-doubt", text: Lantu.word("siting_doubt") }) : null;
    return [el("p", { text: said }), doubt];
  }

  function entry(row, site) {
    const layer = layerOf(row), shown = Object.hasOwn(Lantu.meta.layers, layer.layer);
    const title = shown && !row.outside
      ? el("button", { type: "button", class: "lantu-link", text: name(row), title: Lantu.word("siting_show"), on: { click: () => Lantu.check(layer.layer, true) } })
      : el("span", { class: "lantu-asked", text: name(row) });
    return el("tr", { "data-asked": row.asked, "data-status": row.status }, el("td", {}, title, ...need(row), el("p", { class: "lantu-date", text: () => `${Lantu.say(Lantu.word("data_date"))} ${Lantu.say(layer.date)}` })), size(row, site), share(row, site));
  }

  function listed(key, rows) {
    const layers = rows.filter((row) => !row.outside || key !== "clear");
    const items = layers.map((row) => el("li", { "data-asked": row.asked, "data-status": row.status, text: name(row) }));
    return el("details", { class: "lantu-listed" }, el("summary", { text: Lantu.phrase(`siting_group_${key}`, { n: items.length }) }), el("ul", {}, ...items));
  }

  function table(groups, site) {
    const head = el("thead", {}, el("tr", {}, ...["layer", "area", "share"].map((each) => el("th", { scope: "col", text: Lantu.word(`siting_head_${each}`) }))));
    const bodies = groups.map(([key, rows]) => el("tbody", { class: `lantu-said-${key}` },
      el("tr", {}, el("th", { colspan: 3, scope: "rowgroup", text: Lantu.phrase(`siting_group_${key}`, { n: rows.length }) })), ...rows.map((row) => entry(row, site))));
    return el("table", { class: "lantu-taken" }, head, ...bodies);
  }

  function banner(answer, site) {
    const [ha, mu, m2] = figures(site.m2), unit = (word) => el("span", { text: Lantu.word(word) });
    return el("div", { class: `lantu-answer lantu-said-${answer}` }, el("strong", { id: "lantu-site-answer", text: Lantu.siting.answers[answer] }),
      el("p", {}, unit("siting_area"), " ", ha, unit("ha"), " · ", mu, unit("mu"), " · ", m2), el("p", { text: Lantu.siting.disclaimer }));
  }

  // A node that says all of an answer.
  Lantu.siteResult = function (site, project, { answer, rows, advance }) {
    const groups = GROUPS.map(([key]) => [key, []]);
    for (const row of rows) groups[GROUPS.findIndex(([, takes]) => takes(row))][1].push(row);
    const full = groups.filter(([, some]) => some.length), plain = ([key]) => LISTED.includes(key);
    const said = [...site.notices, project.use ? null : Lantu.word("siting_no_use"), advance ? Lantu.word("siting_advance") : null];
    const notices = said.filter(Boolean).map((each) => el("p", { class: "lantu-notice", text: each }));
    return el("div", {}, banner(answer, site), ...notices, table(full.filter((each) => !plain(each)), site), ...full.filter(plain).map(([key, some]) => listed(key, some)));
  };
})(window.Lantu);
