// The findings: on top of all layers, in a panel by severity and rule; a click zooms to the place.
(function (Lantu) {
  "use strict";

  const PAGE = 200;
  let items = [];
  const hidden = new Set();

  const kinds = () => Lantu.meta.findings.kinds;

  function draw(item) {
    const style = Lantu.meta.findings.looks[item.look];
    const base = { renderer: Lantu.topRenderer, interactive: false };
    const paths = Lantu.paths(item.parts, { ...Lantu.pathOptions(style), ...base });
    const spot = { ...Lantu.pathOptions({ ...style, line: [255, 255, 255], width_pt: 1, dash: [], fill_opacity: item.kind === "waived" ? 0.35 : 0.95, size_pt: style.size_pt * 0.75 }), ...base };
    const small = item.parts.some((part) => part.kind) ? [L.circleMarker(Lantu.extent(item).getCenter(), spot)] : [];
    item.paths = [...paths, ...small];
    item.group = L.layerGroup(item.paths);
  }

  Lantu.findingsUnder = function (latlng) {
    const point = Lantu.map.latLngToLayerPoint(latlng);
    const near = (item) => item.paths.some((path) => path._containsPoint(point));
    return items.filter((item) => item.parts.length && !hidden.has(item.kind) && near(item)).slice(0, 6);
  };

  function size(item) {
    if (!item.measure) return "—";
    const unit = Lantu.meta.findings.units[item.unit];
    const doubt = item.doubt ? `（${Lantu.say(Lantu.word("doubt"))} ±${item.doubt}）` : "";
    return `${item.measure} ${Lantu.say(unit)}${doubt}`;
  }

  function subject(layer, feature) {
    const known = Lantu.meta.findings.titles[layer];
    return [known ? Lantu.say(known) : layer, feature].filter(Boolean).join(" ");
  }

  Lantu.findingSection = function (item, open) {
    const rule = Lantu.meta.findings.rules[item.rule];
    const rows = [
      [Lantu.word("finding_what"), () => Lantu.say(item.message)],
      [Lantu.word("finding_size"), () => size(item)],
      [Lantu.word("finding_feature"), () => subject(item.layer, item.feature)],
      item.other ? [Lantu.word("finding_other"), () => subject(item.other_layer, item.other)] : null,
      item.waived ? [Lantu.word("finding_waived"), () => item.waived] : null,
    ].filter(Boolean);
    const head = Lantu.el("summary", {}, Lantu.el("span", { class: `lantu-badge lantu-${item.kind}`, text: kinds()[item.kind].name }),
      Lantu.el("strong", { text: () => `${item.rule} ${Lantu.say(rule.title)}` }));
    const body = rows.map(([label, value]) => Lantu.el("tr", {}, Lantu.el("th", { scope: "row", text: label }), Lantu.el("td", { text: value })));
    return Lantu.el("details", { class: "lantu-hit", open }, head, Lantu.el("table", { class: "lantu-attributes" }, Lantu.el("tbody", {}, ...body)));
  };

  function entry(item) {
    const nowhere = item.parts.length ? null : Lantu.el("span", { class: "lantu-quiet", text: Lantu.word("no_place") });
    return Lantu.el("li", {}, Lantu.el("button", { type: "button", class: "lantu-finding", on: { click: (event) => {
      document.querySelectorAll(".lantu-finding.chosen").forEach((each) => each.classList.remove("chosen"));
      event.currentTarget.classList.add("chosen");
      Lantu.openFinding(item);
    } } }, Lantu.el("span", { text: () => Lantu.say(item.message) }), nowhere));
  }

  // The list of one rule, made when it is first opened, a page at a time.
  function ruleGroup(id, list) {
    const rule = Lantu.meta.findings.rules[id];
    const head = Lantu.el("summary", {}, Lantu.el("span", { class: "lantu-rule", text: id }),
      Lantu.el("span", { class: "lantu-layer-name", text: rule.title }), Lantu.el("span", { class: "lantu-count", text: String(list.length) }));
    const holder = Lantu.el("ul", {});
    const more = Lantu.el("button", { type: "button", class: "lantu-link", text: Lantu.word("more"), hidden: true });
    const fill = () => {
      const from = holder.childElementCount;
      holder.append(...list.slice(from, from + PAGE).map(entry));
      more.hidden = holder.childElementCount >= list.length;
    };
    more.addEventListener("click", fill);
    const group = Lantu.el("details", { class: "lantu-rule-group", "data-rule": id }, head, holder, more);
    group.addEventListener("toggle", () => group.open && !holder.childElementCount && fill());
    return group;
  }

  function section(kind, list) {
    const rules = [...new Set(list.map((item) => item.rule))].sort();
    const head = Lantu.el("h3", { class: `lantu-kind lantu-${kind}` }, Lantu.el("span", { text: kinds()[kind].name }), Lantu.el("span", { class: "lantu-count", text: String(list.length) }));
    const node = Lantu.el("section", { "data-kind": kind }, head, ...rules.map((id) => ruleGroup(id, list.filter((item) => item.rule === id))));
    return node;
  }

  function filter(kind, count, node) {
    const box = Lantu.el("input", { type: "checkbox", checked: true, id: `lantu-filter-${kind}` });
    box.addEventListener("change", () => {
      hidden[box.checked ? "delete" : "add"](kind);
      node.hidden = !box.checked;
      items.filter((item) => item.kind === kind && item.group).forEach((item) => (box.checked ? item.group.addTo(Lantu.map) : item.group.remove()));
    });
    return Lantu.el("label", { class: `lantu-chip lantu-${kind}` }, box, Lantu.el("span", { text: kinds()[kind].name }), Lantu.el("b", { text: String(count) }));
  }

  function notRun() {
    const list = Lantu.meta.findings.not_run;
    if (!list.length) return null;
    const rows = list.map((each) => Lantu.el("li", {}, Lantu.el("span", { class: "lantu-rule", text: each.rule }),
      Lantu.el("span", { text: () => `${Lantu.say(each.title)}：${Lantu.say(each.reason)}` })));
    return Lantu.el("details", { class: "lantu-not-run" }, Lantu.el("summary", { text: Lantu.phrase("not_run", { n: list.length }) }), Lantu.el("ul", {}, ...rows));
  }

  Lantu.buildFindings = function (panel) {
    items = Lantu.readFindings();
    if (!panel) return;
    Object.entries(kinds()).forEach(([kind, { rgb }]) => document.documentElement.style.setProperty(`--${kind}`, Lantu.rgb(rgb)));
    items.filter((item) => item.parts.length).forEach(draw);
    [...items].reverse().forEach((item) => item.group && item.group.addTo(Lantu.map));
    const chips = Lantu.el("div", { class: "lantu-chips", role: "group", label: Lantu.word("filter") });
    panel.append(Lantu.el("p", { class: "lantu-headline", text: Lantu.meta.findings.headline }), chips);
    for (const kind of Object.keys(kinds())) {
      const list = items.filter((item) => item.kind === kind);
      if (!list.length) continue;
      const node = section(kind, list);
      chips.append(filter(kind, list.length, node));
      panel.append(node);
    }
    if (!items.length) panel.append(Lantu.el("p", { class: "lantu-quiet", text: Lantu.word("no_findings") }));
    const left = notRun();
    if (left) panel.append(left);
  };
})(window.Lantu);
