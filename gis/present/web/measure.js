// Measuring by hand, on the CGCS2000 ellipsoid; what is clicked on a screen is approximate, and says so.
(function (Lantu) {
  "use strict";

  const A = 6378137;
  const F = 1 / 298.257222101;
  const E2 = F * (2 - F);
  const RADIAN = Math.PI / 180;

  // Metres between two near places: the chord in the tangent plane of their mean latitude.
  function step(a, b) {
    const lat = ((a.lat + b.lat) / 2) * RADIAN;
    const w = 1 - E2 * Math.sin(lat) ** 2;
    const east = (b.lng - a.lng) * RADIAN * (A / Math.sqrt(w)) * Math.cos(lat);
    const north = (b.lat - a.lat) * RADIAN * ((A * (1 - E2)) / w ** 1.5);
    return Math.hypot(east, north);
  }

  Lantu.distance = (points) => points.slice(1).reduce((sum, point, n) => sum + step(points[n], point), 0);

  // q(B) of the authalic latitude: the ellipsoid rolled out true to area.
  function authalic(lat) {
    const s = Math.sin(lat * RADIAN);
    const e = Math.sqrt(E2);
    return (1 - E2) * (s / (1 - E2 * s * s) + Math.atanh(e * s) / e);
  }

  // Square metres on the ellipsoid, edges straight in longitude and authalic q.
  Lantu.area = function (points) {
    const flat = points.map((each) => [(each.lng - points[0].lng) * RADIAN, authalic(each.lat) - authalic(points[0].lat)]);
    const twice = flat.reduce((sum, [x, y], n) => {
      const [x2, y2] = flat[(n + 1) % flat.length];
      return sum + x * y2 - x2 * y;
    }, 0);
    return (Math.abs(twice) * A * A) / 4;
  };

  const state = { mode: null, points: [], drawn: null, box: null, buttons: {} };

  function reading() {
    if (state.mode === "distance") {
      const metres = Lantu.distance(state.points);
      return metres < 1000 ? `${Lantu.number(metres, 1)} m` : `${Lantu.number(metres / 1000, 3)} km`;
    }
    const area = state.points.length > 2 ? Lantu.area(state.points) : 0;
    return `${Lantu.number(area / 10000, 2)} ${Lantu.say(Lantu.word("ha"))} · ${Lantu.number((area * 3) / 2000, 1)} ${Lantu.say(Lantu.word("mu"))}` +
      (area >= 1e6 ? ` · ${Lantu.number(area / 1e6, 2)} km²` : "");
  }

  function redraw() {
    if (state.drawn) state.drawn.remove();
    const options = { renderer: Lantu.topRenderer, interactive: false, color: "#0b5fa5", weight: 2.2, dashArray: "6 4", fill: state.mode === "area", fillColor: "#0b5fa5", fillOpacity: 0.12 };
    const spot = { ...options, dashArray: null, radius: 3.5, fill: true, fillColor: "#ffffff", fillOpacity: 1 };
    const line = state.mode === "area" ? L.polygon(state.points, options) : L.polyline(state.points, options);
    state.drawn = L.layerGroup([line, ...state.points.map((point) => L.circleMarker(point, spot))]).addTo(Lantu.map);
    state.box.hidden = !state.mode;
    Lantu.bind(state.box.firstChild, () => (state.points.length ? reading() : Lantu.say(Lantu.word(`measure_${state.mode}_start`))));
  }

  Lantu.measuring = () => state.mode !== null;

  Lantu.measure = function (mode) {
    state.mode = state.mode === mode ? null : mode;
    state.points = [];
    state.done = false;
    if (state.drawn) state.drawn.remove();
    Object.entries(state.buttons).forEach(([name, button]) => button.setAttribute("aria-pressed", String(name === state.mode)));
    Lantu.map.getContainer().classList.toggle("lantu-measuring", Boolean(state.mode));
    Lantu.map.doubleClickZoom[state.mode ? "disable" : "enable"]();
    state.box.hidden = !state.mode;
    if (state.mode) redraw();
  };

  Lantu.measureClick = function (latlng) {
    if (state.done) [state.points, state.done] = [[], false];
    const last = state.points[state.points.length - 1];
    if (!last || !last.equals(latlng, 1e-9)) state.points.push(latlng);
    redraw();
  };

  Lantu.buildMeasure = function (bar, box) {
    for (const mode of ["distance", "area"]) {
      state.buttons[mode] = Lantu.el("button", { type: "button", "aria-pressed": "false", text: Lantu.word(`measure_${mode}`), title: Lantu.word("measure_hint"), on: { click: () => Lantu.measure(mode) } });
      bar.append(state.buttons[mode]);
    }
    state.box = box;
    box.append(Lantu.el("strong", {}), Lantu.el("span", { class: "lantu-quiet", text: Lantu.word("measure_note") }));
    Lantu.map.on("dblclick", () => state.mode && (state.done = true));
    document.addEventListener("keydown", (event) => {
      if (!state.mode) return;
      if (event.key === "Escape") Lantu.measure(state.mode);
      if (event.key === "Backspace" && event.target === document.body) { state.points.pop(); redraw(); }
    });
  };
})(window.Lantu);
