// Drawing: a canvas that knows hatching and marker shapes, and the layers of the plan upon it.
(function (Lantu) {
  "use strict";

  const tiles = new Map();

  function strokes(hatch, g) {
    const lines = {
      diagonal: [[-1, 1, 1, -1], [0, g, g, 0], [g - 1, g + 1, g + 1, g - 1]],
      back_diagonal: [[-1, g - 1, 1, g + 1], [0, 0, g, g], [g - 1, -1, g + 1, 1]],
      horizontal: [[0, g / 2, g, g / 2]],
      vertical: [[g / 2, 0, g / 2, g]],
    };
    return hatch === "cross" ? [...lines.diagonal, ...lines.back_diagonal] : lines[hatch] || [];
  }

  // A tile of the hatching, to fill a face or a legend swatch with.
  Lantu.hatchTile = function (hatch, rgb, gapPt) {
    const gap = Math.max(4, Math.round(Lantu.px(gapPt)));
    const key = [hatch, rgb, gap].join("|");
    if (!tiles.has(key)) {
      const tile = document.createElement("canvas");
      tile.width = tile.height = gap;
      const ctx = tile.getContext("2d");
      ctx.strokeStyle = ctx.fillStyle = Lantu.rgb(rgb);
      ctx.lineWidth = 1.2;
      for (const [x1, y1, x2, y2] of strokes(hatch, gap)) {
        ctx.beginPath();
        ctx.moveTo(x1, y1);
        ctx.lineTo(x2, y2);
        ctx.stroke();
      }
      if (hatch === "dots") {
        ctx.beginPath();
        ctx.arc(gap / 2, gap / 2, 1.2, 0, 2 * Math.PI);
        ctx.fill();
      }
      tiles.set(key, tile);
    }
    return tiles.get(key);
  };

  // The outline of a marker of radius r around (x, y).
  Lantu.markerPath = function (ctx, shape, x, y, r) {
    const corners = { square: 4, diamond: 4, triangle: 3, star: 10 }[shape];
    ctx.beginPath();
    if (!corners) return ctx.arc(x, y, r, 0, 2 * Math.PI);
    const turn = shape === "square" ? Math.PI / 4 : 0;
    for (let n = 0; n < corners; n++) {
      const reach = shape === "star" && n % 2 ? r * 0.45 : shape === "square" ? r * 1.2 : r * 1.15;
      const angle = turn - Math.PI / 2 + (2 * Math.PI * n) / corners;
      ctx.lineTo(x + reach * Math.cos(angle), y + reach * Math.sin(angle));
    }
    ctx.closePath();
  };

  const made = new WeakMap(); // context -> {tile: pattern}

  function pattern(ctx, tile) {
    if (!made.has(ctx)) made.set(ctx, new Map());
    const known = made.get(ctx);
    if (!known.has(tile)) known.set(tile, ctx.createPattern(tile, "repeat"));
    return known.get(tile);
  }

  Lantu.Canvas = L.Canvas.extend({
    _fillStroke(ctx, layer) {
      const o = layer.options;
      if (o.fill && o.fillColor) {
        ctx.globalAlpha = o.fillOpacity;
        ctx.fillStyle = o.fillColor;
        ctx.fill("evenodd");
      }
      if (o.fill && o.hatch) {
        ctx.globalAlpha = o.opacity;
        ctx.fillStyle = pattern(ctx, Lantu.hatchTile(o.hatch, o.hatchRgb, o.hatchGap));
        ctx.fill("evenodd");
      }
      if (o.stroke && o.weight) {
        ctx.setLineDash(o._dashArray || []);
        ctx.globalAlpha = o.opacity;
        ctx.lineWidth = o.weight;
        ctx.strokeStyle = o.color;
        ctx.lineCap = o.dashArray ? "butt" : o.lineCap;
        ctx.lineJoin = o.lineJoin;
        ctx.stroke();
      }
    },

    _updateCircle(layer) {
      if (!this._drawing || layer._empty()) return;
      Lantu.markerPath(this._ctx, layer.options.marker, layer._point.x, layer._point.y, layer._radius);
      this._fillStroke(this._ctx, layer);
    },
  });

  // Leaflet's options for a style; `alpha` is the layer's opacity on the slider.
  Lantu.pathOptions = function (style, alpha = 1) {
    return {
      stroke: Boolean(style.line), color: Lantu.rgb(style.line), weight: Lantu.px(style.width_pt),
      opacity: style.line_opacity * alpha, dashArray: style.dash.length ? style.dash.map(Lantu.px).join(" ") : null,
      fill: Boolean(style.fill || style.hatch), fillColor: style.fill ? Lantu.rgb(style.fill) : "",
      fillOpacity: style.fill_opacity * alpha, hatch: style.hatch, hatchRgb: style.hatch_rgb || style.line, hatchGap: style.hatch_gap_pt,
      marker: style.marker || "circle", radius: Lantu.px(style.size_pt) / 2,
    };
  };

  // The Leaflet paths of one feature: its faces as one, its lines as one, each point by itself.
  Lantu.paths = function (parts, options) {
    const of = (kind) => parts.filter((part) => part.kind === kind);
    const paths = of(0).map((part) => L.circleMarker(part.rings[0][0], { ...options, fill: true, fillColor: options.fillColor || options.color }));
    const lines = of(1).map((part) => part.rings[0]);
    const faces = of(2).map((part) => part.rings);
    if (lines.length) paths.push(L.polyline(lines, { ...options, fill: false }));
    if (faces.length) paths.push(L.polygon(faces, options));
    return paths;
  };

  Lantu.layers = new Map(); // id -> {id, meta, group, on, alpha}

  const styleOf = (layer, feature) => (layer.meta.looks.length ? layer.meta.looks[feature.look].style : layer.meta.style);

  function build(layer) {
    const base = { renderer: Lantu.renderer, interactive: false, smoothFactor: 0.5 };
    const paths = [];
    for (const feature of Lantu.features(layer.id)) {
      feature.style = styleOf(layer, feature);
      feature.paths = Lantu.paths(feature.parts, { ...Lantu.pathOptions(feature.style, layer.alpha), ...base });
      paths.push(...feature.paths);
    }
    return L.layerGroup(paths);
  }

  function keepOrder(added) {
    const above = [...Lantu.layers.values()].filter((each) => each.on && each !== added && each.meta.style.z >= added.meta.style.z);
    above.sort((a, b) => a.meta.style.z - b.meta.style.z);
    for (const each of above) each.group.eachLayer((path) => path.bringToFront());
  }

  Lantu.show = function (id, on) {
    const layer = Lantu.layers.get(id);
    if (layer.on === on) return;
    layer.on = on;
    if (on) {
      layer.group = layer.group || build(layer);
      layer.group.addTo(Lantu.map);
      keepOrder(layer);
    } else {
      layer.group.remove();
    }
    Lantu.map.fire("lantu:layers", { id, on });
  };

  Lantu.fade = function (id, alpha) {
    const layer = Lantu.layers.get(id);
    layer.alpha = alpha;
    if (!layer.group) return;
    for (const feature of Lantu.features(id)) {
      const { opacity, fillOpacity } = Lantu.pathOptions(feature.style, alpha);
      feature.paths.forEach((path) => path.setStyle({ opacity, fillOpacity }));
    }
    Lantu.map.fire("lantu:layers", { id, on: layer.on });
  };

  // How much ground a feature takes: points, then lines, then faces by the size of their box.
  function reach(feature) {
    const kind = feature.parts.reduce((most, part) => Math.max(most, part.kind), 0);
    const bounds = Lantu.extent(feature);
    return kind < 2 ? kind - 2 : (bounds.getNorth() - bounds.getSouth()) * (bounds.getEast() - bounds.getWest());
  }

  // The features of visible layers under a place, the smallest first: a parcel before the county around it.
  Lantu.under = function (latlng, limit) {
    const point = Lantu.map.latLngToLayerPoint(latlng);
    const hits = [];
    for (const layer of [...Lantu.layers.values()].filter((each) => each.on))
      for (const feature of Lantu.features(layer.id))
        if (feature.paths.some((path) => path._containsPoint(point))) hits.push(feature);
    return hits.sort((a, b) => reach(a) - reach(b)).slice(0, limit);
  };

  let marked = null;

  // Draws a feature or finding in the colour of attention, with a ring where it is too small to see.
  Lantu.highlight = function (parts) {
    if (marked) marked.remove();
    marked = null;
    if (!parts || !parts.length) return;
    const base = { renderer: Lantu.topRenderer, interactive: false };
    const halo = { ...base, color: "#ffffff", weight: 7, opacity: 0.9, fill: false, radius: 12 };
    const line = { ...base, color: "#00b4d8", weight: 3.5, opacity: 1, fill: false, radius: 12 };
    const centre = Lantu.extent({ parts }).getCenter();
    const ring = [halo, line].map((options) => L.circleMarker(centre, { ...options, radius: 18 }));
    const faces = parts.some((part) => part.kind) ? [halo, line].flatMap((options) => Lantu.paths(parts.filter((part) => part.kind), options)) : [];
    marked = L.layerGroup([...faces, ...(faces.length && !tiny(parts) ? [] : ring)]).addTo(Lantu.map);
  };

  function tiny(parts) {
    const bounds = Lantu.extent({ parts });
    const size = Lantu.map.latLngToLayerPoint(bounds.getSouthEast()).subtract(Lantu.map.latLngToLayerPoint(bounds.getNorthWest()));
    return Math.max(size.x, size.y) < 24;
  }

  Lantu.zoomTo = function (parts, maxZoom = 16) {
    const bounds = Lantu.extent({ parts });
    if (bounds.isValid()) Lantu.map.fitBounds(bounds, { maxZoom: Math.min(maxZoom, Lantu.map.getMaxZoom()), padding: [60, 60], animate: false });
  };
})(window.Lantu);
