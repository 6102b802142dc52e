// Puts the page together: title block, panels, map, foot.
(function (Lantu) {
  "use strict";

  const $ = (id) => document.getElementById(id);

  function header() {
    const { meta } = Lantu;
    Lantu.bind($("lantu-title"), meta.title);
    $("lantu-facts").append(...meta.facts.map((fact) => Lantu.el("span", { text: fact })));
    Lantu.bind($("lantu-mark"), meta.mark);
    $("lantu-mark").classList.add(`lantu-${meta.audience}`);
    const language = Lantu.el("button", { type: "button", id: "lantu-language", text: (now) => (now === "zh" ? "English" : "中文"),
      on: { click: () => Lantu.setLanguage(Lantu.language === "zh" ? "en" : "zh") } });
    $("lantu-tools").append(language);
  }

  function panel(id, title, side, build) {
    const node = $(id);
    const body = Lantu.el("div", { class: "lantu-panel-body" });
    const toggle = Lantu.el("button", { type: "button", class: "lantu-fold", "aria-expanded": "true", "aria-controls": `${id}-body`, title: Lantu.word("fold"), label: Lantu.word("fold") });
    const fold = (shut) => {
      node.classList.toggle("folded", shut);
      toggle.setAttribute("aria-expanded", String(!shut));
      toggle.textContent = shut === (side === "left") ? "»" : "«";
      Lantu.map.invalidateSize({ animate: false });
    };
    body.id = `${id}-body`;
    toggle.addEventListener("click", () => fold(!node.classList.contains("folded")));
    node.append(Lantu.el("header", {}, Lantu.el("h2", { text: title }), toggle), body);
    toggle.textContent = side === "left" ? "«" : "»";
    build(body);
    return fold;
  }

  function makeMap(id) {
    const { meta } = Lantu;
    const map = L.map(id, { ...meta.options, attributionControl: false, zoomControl: false, zoomSnap: 0.1, zoomDelta: 0.5, wheelPxPerZoomLevel: 90, preferCanvas: true, fadeAnimation: false });
    Lantu.map = map;
    for (const [name, z] of [["graticule", 250], ["relief", 260], ["findings", 450], ["names", 620]]) {
      map.createPane(name).style.zIndex = z;
      map.getPane(name).style.pointerEvents = "none";
    }
    Lantu.renderer = new Lantu.Canvas({ padding: 0.3, tolerance: 4 });
    Lantu.topRenderer = new Lantu.Canvas({ padding: 0.3, tolerance: 4, pane: "findings" });
    return map;
  }

  function controls(map) {
    const bar = Lantu.el("div", { class: "lantu-bar", role: "toolbar" });
    const button = (text, word, act) => Lantu.el("button", { type: "button", title: Lantu.word(word), label: Lantu.word(word), on: { click: act } }, text);
    bar.append(button("+", "zoom_in", () => map.zoomIn()), button("−", "zoom_out", () => map.zoomOut()));
    bar.append(Lantu.el("button", { type: "button", text: Lantu.word("whole"), on: { click: () => whole(map) } }));
    Lantu.buildMeasure(bar, $("lantu-reading"));
    if (Lantu.buildSiting) Lantu.buildSiting(bar);
    map.getContainer().append(bar, $("lantu-reading"), north());
    [bar, $("lantu-reading")].forEach((node) => L.DomEvent.disableClickPropagation(node) && L.DomEvent.disableScrollPropagation(node));
    L.control.scale({ imperial: false, maxWidth: 140, position: "bottomleft" }).addTo(map);
  }

  function north() {
    const arrow = Lantu.svg("svg", { viewBox: "0 0 40 56", width: 26, height: 37, class: "lantu-north", role: "img", "aria-label": "N" },
      Lantu.svg("path", { d: "M20 14 L31 50 L20 42 Z", fill: "#ffffff", stroke: "#333", "stroke-width": 1.2 }),
      Lantu.svg("path", { d: "M20 14 L9 50 L20 42 Z", fill: "#333", stroke: "#333", "stroke-width": 1.2 }),
      Lantu.svg("text", { x: 20, y: 11, "text-anchor": "middle", "font-size": 12, "font-weight": 700, fill: "#333" }));
    arrow.lastChild.textContent = "N";
    return arrow;
  }

  function whole(map) {
    if (Lantu.meta.bounds) map.fitBounds(Lantu.meta.bounds, { padding: [12, 12], animate: false });
    else map.setView([35, 105], 4);
  }

  function foot(map) {
    const { meta } = Lantu;
    Lantu.bind($("lantu-disclaimer"), meta.disclaimer);
    if (meta.review) $("lantu-coordinates").append(Lantu.el("span", { text: meta.review }));
    if (!meta.coordinates) return;
    const place = Lantu.el("span", { class: "lantu-figures" });
    $("lantu-coordinates").append(place);
    const none = () => Lantu.bind(place, Lantu.word("coordinates_none"));
    map.on("mouseout", none);
    map.on("mousemove", ({ latlng }) => Lantu.bind(place, Lantu.phrase("coordinates", { lon: latlng.lng.toFixed(6), lat: latlng.lat.toFixed(6) })));
    none();
  }

  Lantu.start = function (id) {
    Lantu.readMeta();
    Lantu.setLanguage(Lantu.meta.language);
    header();
    const map = makeMap(id);
    whole(map);
    Lantu.buildSearch($("lantu-search"));
    const foldLayers = panel("lantu-layers", Lantu.meta.legend, "left", Lantu.buildTree);
    const foldFindings = Lantu.meta.findings ? panel("lantu-findings", Lantu.word("findings"), "right", Lantu.buildFindings) : null;
    if (!foldFindings) { $("lantu-findings").remove(); Lantu.buildFindings(null); }
    if (window.innerWidth < 760) foldLayers(true);
    if (window.innerWidth < 1100 && foldFindings) foldFindings(true);
    if (Lantu.meta.graticule) {
      new Lantu.Overlay("graticule", Lantu.graticule).addTo(map);
      new Lantu.Overlay("names", Lantu.graticuleFigures).addTo(map);
    }
    new Lantu.Overlay("names", Lantu.names).addTo(map);
    controls(map);
    foot(map);
    map.invalidateSize({ animate: false });
    whole(map);
    map.on("click", ({ latlng }) => {
      if (Lantu.measuring()) Lantu.measureClick(latlng);
      else if (Lantu.siteDrawing && Lantu.siteDrawing()) Lantu.siteClick(latlng);
      else Lantu.identify(latlng);
    });
    map.on("popupclose", () => Lantu.highlight(null));
    document.documentElement.dataset.ready = "yes";
    return map;
  };
})(window.Lantu);
