// What is at a place: all features and findings under a click, as text.
(function (Lantu) {
  "use strict";

  const LIMIT = 12;

  const fieldsOf = (feature) => Lantu.meta.layers[feature.layer].fields;

  const bracket = (text, inside) => (Lantu.language === "zh" ? `${text}（${inside}）` : `${text} (${inside})`);

  // One attribute as it is shown: number with unit, code with its name, yes or no.
  Lantu.shown = function (field, value) {
    if (value === null || value === "") return "—";
    if (typeof value === "boolean") return Lantu.say(Lantu.word(value ? "yes" : "no"));
    if (field.codes) {
      const known = field.codes[value];
      return known ? `${value} ${Lantu.say(known)}` : bracket(value, Lantu.say(Lantu.word("unknown_code")));
    }
    if (typeof value !== "number" || !field.unit) return String(value);
    const text = `${Lantu.number(value, field.decimals)} ${Lantu.say(field.unit)}`;
    return field.unit_id === "m2" && value >= 10000 ? bracket(text, `${Lantu.number(value / 10000, 2)} ${Lantu.say(Lantu.word("ha"))}`) : text;
  };

  // What a feature is called: its name, else the name of its class, else its id.
  Lantu.titleOf = function (feature) {
    const { label, by } = Lantu.meta.layers[feature.layer].style;
    const named = [label, "name"].map((name) => name && Lantu.value(feature, name)).find((value) => value);
    if (named) return String(named);
    const coded = fieldsOf(feature).find((field) => field.codes && field.name === by);
    const known = coded && coded.codes[Lantu.value(feature, by)];
    if (known) return Lantu.say(known);
    const other = ["class_name", "zone_name", "area_name"].map((name) => Lantu.value(feature, name)).find((value) => value);
    return String(other || feature.id);
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
      Lantu.el("strong", { text: () => Lantu.titleOf(feature) }));
    const body = Lantu.el("details", { class: "lantu-hit", open }, head, table(feature));
    body.addEventListener("toggle", () => body.open && Lantu.highlight(feature.parts));
    return body;
  }

  function show(latlng, sections, more) {
    const note = more ? Lantu.el("p", { class: "lantu-quiet", text: Lantu.word("more_here") }) : null;
    const content = Lantu.el("div", { class: "lantu-popup" }, ...sections, note);
    const popup = L.popup({ maxWidth: 400, minWidth: 300, maxHeight: 380, className: "lantu-popup-frame" });
    popup.setLatLng(latlng).setContent(content).openOn(Lantu.map);
    content.addEventListener("toggle", () => settle(popup), true);
  }

  // A section that opens makes the popup taller: it is laid out again and brought into view, with the focus where it was.
  function settle(popup) {
    if (!popup.isOpen()) return;
    const focus = document.activeElement;
    popup.update();
    if (popup.getElement().contains(focus)) focus.focus({ preventScroll: true });
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

  // The top of what is shown, so that the popup stands above it and not upon it.
  function above(thing) {
    const bounds = Lantu.extent(thing);
    return L.latLng(Math.min(bounds.getNorth(), Lantu.map.getBounds().getNorth()), bounds.getCenter().lng);
  }

  Lantu.openFeature = function (feature) {
    Lantu.check(feature.layer, true);
    Lantu.zoomTo(feature.parts, 15);
    show(above(feature), [section(feature, true)], false);
    Lantu.highlight(feature.parts);
  };

  Lantu.openFinding = function (finding) {
    Lantu.map.closePopup();
    if (!finding.parts.length) return;
    Lantu.zoomTo(finding.parts);
    show(above(finding), [Lantu.findingSection(finding, true)], false);
    Lantu.highlight(finding.parts);
  };
})(window.Lantu);
