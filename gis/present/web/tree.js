// The layer tree, which is the legend too: groups in the plan's order, a box and a symbol per layer, classes below it.
(function (Lantu) {
  "use strict";

  const boxes = new Map();

  // A small picture of how a feature is drawn.
  Lantu.swatch = function (style, kind) {
    const [w, h] = [26, 16];
    const ratio = 2;
    const node = Lantu.el("canvas", { class: "lantu-swatch", width: w * ratio, height: h * ratio, "aria-hidden": "true" });
    const ctx = node.getContext("2d");
    ctx.scale(ratio, ratio);
    const options = Lantu.pathOptions(style);
    ctx.beginPath();
    if (kind === 0) Lantu.markerPath(ctx, options.marker, w / 2, h / 2, Math.min(options.radius, 7));
    else if (kind === 1) { ctx.moveTo(1, h / 2); ctx.lineTo(w - 1, h / 2); }
    else ctx.rect(2, 2, w - 4, h - 4);
    const paint = { options: { ...options, weight: Math.min(Math.max(options.weight, 0.8), 4), lineCap: "butt", lineJoin: "miter",
      fill: kind !== 1 && options.fill, _dashArray: style.dash.map((each) => each * 0.8) } };
    Lantu.Canvas.prototype._fillStroke(ctx, paint);
    return node;
  };

  // Sets a layer's box and shows or hides the layer.
  Lantu.check = function (id, on) {
    const box = boxes.get(id);
    box.checked = on;
    box.dispatchEvent(new Event("change"));
  };

  function legend(meta) {
    const rows = meta.looks.map((look) =>
      Lantu.el("li", {}, Lantu.swatch(look.style, meta.kind), Lantu.el("span", { text: look.name }),
        Lantu.el("span", { class: "lantu-code", text: look.code })));
    return Lantu.el("ul", { class: "lantu-classes" }, ...rows);
  }

  function details(id, meta) {
    const slider = Lantu.el("input", {
      type: "range", min: 0, max: 100, value: 100, label: Lantu.word("opacity"),
      on: { input: (event) => Lantu.fade(id, Number(event.target.value) / 100) },
    });
    const zoom = Lantu.el("button", {
      type: "button", class: "lantu-link", text: Lantu.word("zoom_layer"),
      on: { click: () => { Lantu.check(id, true); Lantu.zoomTo(Lantu.features(id).flatMap((each) => each.parts), 18); } },
    });
    const notes = meta.notes.map((note) => Lantu.el("p", { class: "lantu-quiet", text: note }));
    return Lantu.el("div", { class: "lantu-layer-more", hidden: true },
      Lantu.el("label", {}, Lantu.el("span", { text: Lantu.word("opacity") }), slider),
      Lantu.el("p", {}, Lantu.el("span", { text: Lantu.phrase("feature_count", { n: meta.count.toLocaleString("en-US") }) }), zoom), ...notes);
  }

  function row(id) {
    const meta = Lantu.meta.layers[id];
    const classes = meta.looks.length ? legend(meta) : null;
    const more = details(id, meta);
    const box = Lantu.el("input", { type: "checkbox", id: `lantu-box-${id}` });
    box.addEventListener("change", () => {
      Lantu.show(id, box.checked);
      if (classes) classes.hidden = !box.checked;
    });
    boxes.set(id, box);
    if (classes) classes.hidden = true;
    const open = Lantu.el("button", {
      type: "button", class: "lantu-more", "aria-expanded": "false", title: Lantu.word("layer_more"), label: Lantu.word("layer_more"),
      on: { click: () => { more.hidden = !more.hidden; open.setAttribute("aria-expanded", String(!more.hidden)); } },
    }, "⋯");
    const label = Lantu.el("label", { for: box.id }, Lantu.swatch(meta.style, meta.kind), Lantu.el("span", { class: "lantu-layer-name", text: meta.name }));
    const date = Lantu.el("span", { class: "lantu-date", text: meta.date, title: Lantu.word("data_date") });
    return Lantu.el("li", { class: "lantu-layer", "data-layer": id }, Lantu.el("div", { class: "lantu-row" }, box, label, date, open), more, classes);
  }

  function group(each) {
    const all = Lantu.el("button", {
      type: "button", class: "lantu-link", text: Lantu.word("all_or_none"),
      on: { click: (event) => {
        event.preventDefault();
        const on = each.layers.some((id) => !boxes.get(id).checked);
        each.layers.forEach((id) => Lantu.check(id, on));
      } },
    });
    const head = Lantu.el("summary", {}, Lantu.el("span", { text: each.name }), all);
    return Lantu.el("details", { class: "lantu-group", open: each.open }, head, Lantu.el("ul", {}, ...each.layers.map(row)));
  }

  function relief() {
    const shade = Lantu.meta.hillshade;
    if (!shade) return null;
    const image = L.imageOverlay(shade.url, shade.bounds, { opacity: shade.opacity, pane: "relief" });
    const box = Lantu.el("input", { type: "checkbox", id: "lantu-box-relief", checked: true });
    box.addEventListener("change", () => (box.checked ? image.addTo(Lantu.map) : image.remove()));
    image.addTo(Lantu.map);
    return Lantu.el("div", { class: "lantu-row" }, box, Lantu.el("label", { for: box.id, text: Lantu.word("relief") }),
      Lantu.el("span", { class: "lantu-date", text: shade.date, title: Lantu.word("data_date") }));
  }

  // What lies outside the city is there for context only: it is veiled, so that the relief does not compete with the plan.
  function veil() {
    if (!Lantu.meta.hillshade || !Lantu.layers.has("municipality")) return;
    const shells = Lantu.features("municipality").flatMap((each) => each.parts.map((part) => part.rings[0]));
    const world = [[-85, -180], [-85, 180], [85, 180], [85, -180]];
    L.polygon([world, ...shells], { renderer: L.svg({ pane: "relief", padding: 0.5 }), stroke: false, fillColor: "#eef1f3", fillOpacity: 0.72, interactive: false }).addTo(Lantu.map);
  }

  Lantu.buildTree = function (panel) {
    Object.entries(Lantu.meta.layers).forEach(([id, meta]) => Lantu.layers.set(id, { id, meta, group: null, on: false, alpha: 1 }));
    const shade = relief();
    veil();
    panel.append(...Lantu.meta.groups.map(group));
    if (shade) panel.append(Lantu.el("div", { class: "lantu-context" }, shade));
    Lantu.meta.notes.forEach((note) => panel.append(Lantu.el("p", { class: "lantu-quiet lantu-remark", text: note })));
    const order = Object.entries(Lantu.meta.layers).sort(([, a], [, b]) => a.style.z - b.style.z);
    order.filter(([, meta]) => meta.show).forEach(([id]) => Lantu.check(id, true));
  };
})(window.Lantu);
