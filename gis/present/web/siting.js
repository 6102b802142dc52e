// The siting panel: a reader draws a site or pastes its points, and the page says at once, offline, what the plan says of it.
(function (Lantu) {
  "use strict";

  const INK = "#c2006b";
  const state = { drawing: false, points: [], sketch: null, outline: null };
  const panel = {}; // its nodes, made when it is first opened

  const { el } = Lantu;

  // ---- drawing

  function sketch() {
    if (state.sketch) state.sketch.remove();
    const line = { renderer: Lantu.topRenderer, interactive: false, color: INK, weight: 2.5, dashArray: "6 4", fillColor: INK, fillOpacity: 0.1 };
    const spot = { ...line, dashArray: null, radius: 4, fillColor: "#ffffff", fillOpacity: 1 };
    const spots = state.points.map((point) => L.circleMarker(point, spot));
    state.sketch = state.drawing ? L.layerGroup([L.polygon(state.points, line), ...spots]).addTo(Lantu.map) : null;
    const ha = () => Lantu.number(state.points.length > 2 ? Lantu.area(state.points) / 1e4 : 0, 2);
    Lantu.bind(panel.hint, state.drawing ? Lantu.phrase("siting_drawing", { n: state.points.length, ha }) : "");
    panel.hint.hidden = !state.drawing;
  }

  function draw(on) {
    if (on) {
      Lantu.measure(null);
      clear();
    }
    [state.drawing, state.points] = [on, []];
    panel.draw.setAttribute("aria-pressed", String(on));
    Lantu.map.getContainer().classList.toggle("lantu-measuring", on);
    Lantu.map.doubleClickZoom[on ? "disable" : "enable"]();
    sketch();
  }

  Lantu.siteDrawing = () => state.drawing;

  Lantu.siteClick = function (latlng) {
    const last = state.points[state.points.length - 1];
    if (!last || !last.equals(latlng, 1e-9)) state.points.push(latlng);
    sketch();
  };

  // What was drawn becomes lines of points in the plan's plane, north first: what is judged can be read, copied and mended.
  function finish() {
    if (!state.drawing || state.points.length < 3) return;
    const lines = state.points.map(({ lng, lat }) => Lantu.toPlane(lng, lat)).map(([east, north]) => `${north.toFixed(3)},${east.toFixed(3)}`);
    panel.text.value = lines.join("\n");
    draw(false);
    judge(false);
  }

  function keys(event) {
    if (!state.drawing) return;
    if (event.key === "Escape") draw(false);
    if (event.key === "Backspace" && event.target === document.body) { state.points.pop(); sketch(); }
  }

  // ---- judging

  function project() {
    const said = panel.use.value.trim(), { uses } = Lantu.siting, code = said.split(/\s/)[0];
    const named = Object.keys(uses).find((each) => [uses[each].zh, uses[each].en].includes(said));
    const use = !said || Object.hasOwn(uses, code) ? code : named;
    if (use === undefined) throw new Lantu.SiteFault("use", { use: said.slice(0, 40) });
    return { use, kind: panel.kind.value, listed: panel.listed.checked };
  }

  function show(site) {
    const ring = (places) => places.map(([x, y]) => Lantu.fromPlane(x, y)).map(([lng, lat]) => [lat, lng]);
    const places = site.shape.coordinates.map((rings) => rings.map(ring));
    const line = { renderer: Lantu.topRenderer, interactive: false, fill: false };
    state.outline = L.layerGroup([L.polygon(places, { ...line, color: "#ffffff", weight: 6 }),
      L.polygon(places, { ...line, color: INK, weight: 3, fill: true, fillColor: INK, fillOpacity: 0.14 })]).addTo(Lantu.map);
    return L.polygon(places).getBounds();
  }

  function clear() {
    if (state.outline) state.outline.remove();
    panel.result.replaceChildren();
  }

  function judge(zoom) {
    clear();
    try {
      const asked = project(), site = Lantu.readSite(panel.text.value);
      const bounds = show(site);
      if (zoom) Lantu.map.fitBounds(bounds, { padding: [60, 60], maxZoom: 17, animate: false });
      panel.result.append(Lantu.siteResult(site, asked, Lantu.judgeSite(site, asked)));
    } catch (fault) {
      if (!(fault instanceof Lantu.SiteFault)) throw fault;
      const [own, other] = Lantu.language === "zh" ? ["zh", "en"] : ["en", "zh"];
      panel.result.append(el("div", { class: "lantu-fault", role: "alert" }, el("p", { text: fault.wording[own] }), el("p", { class: "lantu-quiet", text: fault.wording[other] })));
    }
  }

  const again = () => panel.text.value.trim() && judge(false);

  // ---- the panel

  function field(word, control) {
    return el("label", { class: "lantu-field" }, el("span", { text: Lantu.word(word) }), control);
  }

  function form() {
    const { uses, kinds } = Lantu.siting;
    const list = el("datalist", { id: "lantu-uses" }, ...Object.keys(uses).map((code) => el("option", { value: `${code} ${uses[code].zh}`, text: uses[code] })));
    panel.use = el("input", { type: "text", list: list.id, autocomplete: "off", placeholder: Lantu.word("siting_use_hint"), on: { change: again } });
    panel.kind = el("select", { on: { change: again } }, ...Object.keys(kinds).map((kind) => el("option", { value: kind, text: kinds[kind] })));
    panel.listed = el("input", { type: "checkbox", on: { change: again } });
    panel.draw = el("button", { type: "button", class: "lantu-press", "aria-pressed": "false", text: Lantu.word("siting_draw"), on: { click: () => draw(!state.drawing) } });
    panel.hint = el("p", { class: "lantu-quiet", hidden: true });
    panel.text = el("textarea", { rows: 6, spellcheck: "false", placeholder: Lantu.word("siting_text_hint"), label: Lantu.word("siting_text") });
    const check = el("button", { type: "button", class: "lantu-press lantu-main", text: Lantu.word("siting_judge"), on: { click: () => { draw(false); judge(true); } } });
    const wipe = el("button", { type: "button", class: "lantu-press", text: Lantu.word("siting_wipe"), on: { click: () => { panel.text.value = ""; draw(false); clear(); } } });
    return el("div", { class: "lantu-form" }, field("siting_use", panel.use), list, field("siting_kind", panel.kind),
      el("label", { class: "lantu-tick" }, panel.listed, el("span", { text: Lantu.word("siting_listed") })),
      panel.text, el("div", { class: "lantu-buttons" }, panel.draw, check, wipe), panel.hint);
  }

  function build() {
    Lantu.readSiting();
    panel.result = el("div", { id: "lantu-site-result", "aria-live": "polite" });
    const shut = el("button", { type: "button", class: "lantu-fold", title: Lantu.word("siting_shut"), label: Lantu.word("siting_shut"), on: { click: () => open(false) } }, "×");
    const about = el("p", { class: "lantu-quiet lantu-remark", text: Lantu.phrase("siting_about", { system: Lantu.siting.system, day: Lantu.siting.as_of }) });
    panel.whole = el("aside", { id: "lantu-siting" }, el("header", {}, el("h2", { text: Lantu.word("siting") }), shut),
      el("div", { class: "lantu-panel-body" }, form(), panel.result, about));
    Lantu.map.getContainer().after(panel.whole);
    Lantu.map.on("dblclick", finish);
    document.addEventListener("keydown", keys);
  }

  // The panel stands where the findings do.
  function open(on) {
    if (!panel.whole) build();
    if (!on) draw(false);
    panel.whole.hidden = !on;
    const findings = document.getElementById("lantu-findings");
    if (findings) findings.hidden = on;
    panel.button.setAttribute("aria-pressed", String(on));
    Lantu.map.invalidateSize({ animate: false });
  }

  Lantu.buildSiting = function (bar) {
    const turn = () => open(panel.button.getAttribute("aria-pressed") === "false");
    panel.button = el("button", { type: "button", id: "lantu-siting-open", "aria-pressed": "false", text: Lantu.word("siting"), title: Lantu.word("siting_title"), on: { click: turn } });
    bar.append(panel.button);
  };
})(window.Lantu);
