// What is at a place: all features and findings under a click, as text.
(function (Lantu) {
  "use strict";

  const LIMIT = 12;

  const fieldsOf = (feature) => Lantu.meta.layers[feature.layer].fields;

  // One attribute as it is shown: number with unit, code with its name, yes or no.
  Lantu.shown = function (field, value) {
    if (value === null || value === "") return "—";
    if (typeof value === "boolean") return Lantu.say(Lantu.word(value ? "yes" : "no"));
    if (field.codes) {
      const known = field.codes[value];
      return known ? `${value} ${Lantu.say(known)}` : `${value}（${Lantu.say(Lantu.word("unknown_code"))}）`;
    }
    if (typeof value !== "number" || !field.unit) return String(value);
    const text = `${Lantu.number(value, field.decimals)} ${Lantu.say(field.unit)}`;
    return field.unit_id === "m2" && value >= 10000 ? `${text}（${Lantu.number(value / 10000, 2)} ${Lantu.say(Lantu.word("ha"))}）` : text;
  };

  Lantu.titleOf = function (feature) {
    const { label } = Lantu.meta.layers[feature.layer].style;
    const names = [label, "name", "area_name", "zone_name", "class_name"].filter(Boolean);
    const found = names.map((name) => Lantu.value(feature, name)).find((value) => value !== null && value !== "");
    return found === undefined ? feature.id : String(found);
  };

  function table(feature) {
    const rows = fieldsOf(feature).map((field) =>
      Lantu.el("tr", {}, Lantu.el("th", { text: field.label, scope: "row", title: field.name }),
        Lantu.el("td", { text: () => Lantu.shown(field, Lantu.value(feature, field.name)) })));
    return Lantu.el("table", { class: "lantu-attributes" }, Lantu.el("tbody", {}, ...rows));
  }

  function section(feature, open) {
    const meta = Lantu.meta.layers[feature.layer];
    const head = Lantu.el("summary", {},
      Lantu.swatch(feature.style, meta.kind),
      Lantu.el("span", { class: "lantu-layer-name", text: meta.name }),
      Lantu.el("strong", { text: Lantu.titleOf(feature) }));
    const body = Lantu.el("details", { class: "lantu-hit", open }, head, table(feature));
    body.addEventListener("toggle", () => body.open && Lantu.highlight(feature.parts));
    return body;
  }

  function show(latlng, sections, more) {
    const note = more ? Lantu.el("p", { class: "lantu-quiet", text: Lantu.word("more_here") }) : null;
    const content = Lantu.el("div", { class: "lantu-popup" }, ...sections, note);
    L.popup({ maxWidth: 400, minWidth: 300, maxHeight: 380, className: "lantu-popup-frame" }).setLatLng(latlng).setContent(content).openOn(Lantu.map);
  }

  Lantu.identify = function (latlng) {
    const findings = Lantu.findingsUnder(latlng);
    const hits = Lantu.under(latlng, LIMIT + 1);
    if (!findings.length && !hits.length) return;
    Lantu.highlight((findings[0] || hits[0]).parts);
    const sections = [...findings.map((each) => Lantu.findingSection(each, true)),
      ...hits.slice(0, LIMIT).map((each, n) => section(each, !findings.length && n === 0))];
    show(latlng, sections, hits.length > LIMIT);
  };

  Lantu.openFeature = function (feature) {
    Lantu.check(feature.layer, true);
    Lantu.zoomTo(feature.parts, 15);
    Lantu.highlight(feature.parts);
    show(feature.at || Lantu.extent(feature).getCenter(), [section(feature, true)], false);
  };

  Lantu.openFinding = function (finding) {
    Lantu.highlight(finding.parts);
    if (!finding.parts.length) return;
    Lantu.zoomTo(finding.parts);
    show(Lantu.extent(finding).getCenter(), [Lantu.findingSection(finding, true)], false);
  };
})(window.Lantu);
