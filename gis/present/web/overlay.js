// What is drawn over the whole window: the graticule below the layers, names above them.
(function (Lantu) {
  "use strict";

  const FONT = '"Noto Sans CJK SC","Microsoft YaHei","PingFang SC",sans-serif';

  // A canvas of the size of the window that is drawn anew whenever the map has moved.
  Lantu.Overlay = L.Layer.extend({
    initialize(pane, draw) {
      this._pane = pane;
      this._draw = draw;
    },
    onAdd(map) {
      this._canvas = L.DomUtil.create("canvas", "lantu-overlay leaflet-zoom-hide", map.getPane(this._pane));
      this.redraw();
    },
    onRemove() {
      this._canvas.remove();
    },
    getEvents() {
      return { moveend: this.redraw, resize: this.redraw, viewreset: this.redraw, "lantu:layers": this.redraw };
    },
    redraw() {
      const size = this._map.getSize();
      const ratio = window.devicePixelRatio || 1;
      L.DomUtil.setPosition(this._canvas, this._map.containerPointToLayerPoint([0, 0]));
      this._canvas.width = size.x * ratio;
      this._canvas.height = size.y * ratio;
      this._canvas.style.width = `${size.x}px`;
      this._canvas.style.height = `${size.y}px`;
      const ctx = this._canvas.getContext("2d");
      ctx.scale(ratio, ratio);
      this._draw(ctx, this._map, size);
    },
  });

  const STEPS = [10, 5, 2, 1, 30 / 60, 20 / 60, 10 / 60, 5 / 60, 2 / 60, 1 / 60, 30 / 3600, 10 / 3600, 5 / 3600];

  function degrees(value, step) {
    const seconds = Math.round(value * 3600);
    const [d, m, s] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
    const two = (n) => String(n).padStart(2, "0");
    return `${d}°${two(m)}′` + (step < 1 / 60 ? `${two(s)}″` : "");
  }

  Lantu.graticule = function (ctx, map, size) {
    const view = map.getBounds();
    const step = STEPS.find((each) => (view.getEast() - view.getWest()) / each >= 4) || STEPS[STEPS.length - 1];
    ctx.strokeStyle = "rgba(90,110,130,0.28)";
    ctx.fillStyle = "rgba(70,90,110,0.85)";
    ctx.lineWidth = 0.7;
    ctx.font = `10.5px ${FONT}`;
    const line = (x1, y1, x2, y2) => {
      ctx.beginPath();
      ctx.moveTo(x1, y1);
      ctx.lineTo(x2, y2);
      ctx.stroke();
    };
    for (let n = Math.ceil(view.getWest() / step); n * step <= view.getEast(); n++) {
      const { x } = map.latLngToContainerPoint([view.getCenter().lat, n * step]);
      line(x, 0, x, size.y);
    }
    for (let n = Math.ceil(view.getSouth() / step); n * step <= view.getNorth(); n++) {
      const { y } = map.latLngToContainerPoint([n * step, view.getCenter().lng]);
      line(0, y, size.x, y);
    }
  };

  // The graticule's figures, along the upper and the right edge, over the layers.
  Lantu.graticuleFigures = function (ctx, map, size) {
    const view = map.getBounds();
    const step = STEPS.find((each) => (view.getEast() - view.getWest()) / each >= 4) || STEPS[STEPS.length - 1];
    for (let n = Math.ceil(view.getWest() / step); n * step <= view.getEast(); n++) {
      const { x } = map.latLngToContainerPoint([view.getCenter().lat, n * step]);
      if (x > 60 && x < size.x - 60) name(ctx, degrees(n * step, step), x, 9, 10, [90, 105, 120]);
    }
    for (let n = Math.ceil(view.getSouth() / step); n * step <= view.getNorth(); n++) {
      const { y } = map.latLngToContainerPoint([n * step, view.getCenter().lng]);
      if (y > 30 && y < size.y - 60) name(ctx, degrees(n * step, step), size.x - 30, y - 7, 10, [90, 105, 120]);
    }
  };

  function name(ctx, text, x, y, px, rgb) {
    ctx.font = `500 ${px}px ${FONT}`;
    ctx.textAlign = "center";
    ctx.textBaseline = "middle";
    ctx.lineJoin = "round";
    ctx.lineWidth = 3;
    ctx.strokeStyle = "rgba(255,255,255,0.88)";
    ctx.strokeText(text, x, y);
    ctx.fillStyle = Lantu.rgb(rgb);
    ctx.fillText(text, x, y);
  }

  function candidates(map, view) {
    const found = [];
    for (const layer of Lantu.layers.values()) {
      if (!layer.on || !layer.meta.labelled) continue;
      for (const feature of Lantu.features(layer.id)) {
        const { label, label_pt: points, label_rgb: rgb, z } = feature.style;
        if (!label || !feature.at || !view.contains(feature.at)) continue;
        const text = Lantu.value(feature, label);
        if (text !== null && text !== "") found.push({ feature, text: String(text), points, rgb, z });
      }
    }
    return found.sort((a, b) => b.points - a.points || b.z - a.z);
  }

  // Whether a face or line is large enough on the screen to carry its name.
  function roomy(map, feature, width) {
    if (feature.parts.some((part) => part.kind === 0)) return true;
    const bounds = Lantu.extent(feature);
    const size = map.latLngToContainerPoint(bounds.getSouthEast()).subtract(map.latLngToContainerPoint(bounds.getNorthWest()));
    return size.x + size.y > width * 1.1;
  }

  Lantu.names = function (ctx, map) {
    const taken = [];
    for (const { feature, text, points, rgb } of candidates(map, map.getBounds())) {
      const px = Lantu.px(points);
      ctx.font = `500 ${px}px ${FONT}`;
      const width = ctx.measureText(text).width;
      if (!roomy(map, feature, width)) continue;
      const at = map.latLngToContainerPoint(feature.at);
      const point = feature.parts.every((part) => part.kind === 0);
      const y = point ? at.y - Lantu.px(feature.style.size_pt) / 2 - px * 0.75 : at.y;
      const box = [at.x - width / 2 - 3, y - px * 0.7, at.x + width / 2 + 3, y + px * 0.7];
      if (taken.some((other) => other[4] === text && Math.hypot(other[0] - box[0], other[1] - box[1]) < 120)) continue;
      if (taken.some((other) => box[0] < other[2] && box[2] > other[0] && box[1] < other[3] && box[3] > other[1])) continue;
      taken.push([...box, text]);
      name(ctx, text, at.x, y, px, rgb || [60, 60, 60]);
    }
  };
})(window.Lantu);
