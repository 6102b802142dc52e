// What the plan says of a site: a row per asked layer and part of it that is met, and the answer. Follows gis.rules.siting_rows.
(function (Lantu) {
  "use strict";

  const NOTHING_M2 = 1e-6, APPROVED_M2 = 1e-3, ROUNDING_M = 1e-4;
  const unpacked = new Map(); // layer -> [{shape, box, members, approved, edges (when first needed)}]

  Lantu.readSiting = () => (Lantu.siting = JSON.parse(document.getElementById("lantu-siting").textContent));

  function boxOf(shape) {
    const box = [Infinity, Infinity, -Infinity, -Infinity];
    for (const rings of shape.coordinates) for (const [x, y] of rings[0]) {
      box[0] = Math.min(box[0], x); box[1] = Math.min(box[1], y); box[2] = Math.max(box[2], x); box[3] = Math.max(box[3], y);
    }
    return box;
  }

  Lantu.boxOf = boxOf;

  const apart = (a, b, room = 0) => a[0] > b[2] + room || b[0] > a[2] + room || a[1] > b[3] + room || b[1] > a[3] + room;

  // The cells of a layer; lines are polygons of one open ring each.
  function cells(layer) {
    if (unpacked.has(layer.id)) return unpacked.get(layer.id);
    const { xy, ring, cell } = layer.ground, unit = Lantu.siting.per_m, approved = new Set(layer.approved), lines = layer.kind === "lines";
    let [at, x, y, r] = [0, 0, 0, 0];
    const found = cell.map((rings, n) => {
      const coordinates = [];
      for (let k = 0; k < rings; k++, r++) {
        const places = [];
        for (let v = Math.abs(ring[r]); v > 0; v--) {
          x += xy[at++];
          y += xy[at++];
          places.push([x / unit, y / unit]);
        }
        if (!lines) places.push(places[0]);
        if (ring[r] > 0) coordinates.push([places]);
        else coordinates[coordinates.length - 1].push(places);
      }
      const shape = { type: "MultiPolygon", coordinates };
      return { shape, box: boxOf(shape), members: [layer.members[n]].flat(), approved: approved.has(n) };
    });
    unpacked.set(layer.id, found);
    return found;
  }

  function fits(each, project) {
    const begins = (codes) => codes.some((code) => project.use.startsWith(code));
    return (!each.kind.length || each.kind.includes(project.kind)) && (each.listed === null || each.listed === project.listed) &&
      (!each.use.length || begins(each.use)) && !(each.unused.length && begins(each.unused));
  }

  // The number of the case of a feature, −1 if none is for it.
  function caseOf(layer, feature, project) {
    const sort = layer.sorts[layer.sort[feature]];
    const same = Boolean(project.use && sort.code) && (sort.code.startsWith(project.use) || project.use.startsWith(sort.code));
    const found = sort.cases.find((n) => fits(layer.cases[n], project) && (!layer.cases[n].same || same));
    return found === undefined ? -1 : found;
  }

  const together = (some) => ({ type: "MultiPolygon", coordinates: some.flatMap((each) => each.shape.coordinates) });

  // hit, undecidable or touch, by the width of what is shared: `least` is a width that it has at the least.
  function status(layer, site, other, outside, least) {
    const numeric = layer.numeric_m + (site.moved ? Lantu.siting.moved_m : 0);
    const wider = (limit) => least > limit || Lantu.hasRoom(site.shape, other, outside, limit / 2);
    if (layer.survey_m > numeric && wider(layer.survey_m)) return "hit";
    if (!wider(numeric)) return "touch";
    return layer.survey_m > numeric ? "undecidable" : "hit";
  }

  function plain(layer, said) {
    return { asked: layer.id, outside: false, part: "", case: null, effect: "", status: said, m2: said === "missing" ? NaN : 0, metres: 0 };
  }

  // What each cell shares with the site, and the feature that its ground is counted for: the gravest case first, then the first row.
  function shares(layer, site, project) {
    const found = [];
    for (const cell of cells(layer)) {
      if (apart(cell.box, site.box)) continue;
      const members = cell.members.filter((each) => layer.sort[each] >= 0);
      if (!members.length) continue;
      cell.edges = cell.edges || LantuAreas.edges(cell.shape);
      const m2 = LantuAreas.shared(Lantu.siting.plane, site.edges, cell.edges);
      if (m2 <= NOTHING_M2) continue;
      const ranked = members.map((feature) => [caseOf(layer, feature, project), feature]);
      const rank = ([number]) => (number < 0 ? Lantu.siting.effects.length : layer.cases[number].rank);
      const [number, feature] = ranked.reduce((best, each) => (rank(each) < rank(best) ? each : best));
      found.push({ cell, members, m2, number, feature });
    }
    return found;
  }

  function groundRows(layer, site, found) {
    const byApproval = new Map(); // feature -> m² on approved land
    for (const each of found) if (each.cell.approved) byApproval.set(each.feature, (byApproval.get(each.feature) || 0) + each.m2);
    const groups = new Map();
    for (const each of found) {
      if (each.cell.approved && byApproval.get(each.feature) <= APPROVED_M2) continue;
      const { part } = layer.sorts[layer.sort[each.feature]];
      const key = JSON.stringify([part, each.cell.approved ? "approved" : each.number]);
      const row = groups.get(key) || { ...plain(layer, ""), part, case: each.cell.approved ? Lantu.siting.approved : layer.cases[each.number] || null, approved: each.cell.approved, features: new Set() };
      row.m2 += each.m2;
      row.features.add(each.feature);
      groups.set(key, row);
    }
    return [...groups.values()].map((row) => {
      const own = found.filter((each) => (row.approved || !each.cell.approved) && each.members.some((member) => row.features.has(member))).map((each) => each.cell);
      const other = together(own), least = (2 * row.m2) / (Lantu.outline(site.shape) + Lantu.outline(other));
      return { ...row, effect: row.case ? row.case.effect : "condition", status: status(layer, site, other, false, least) };
    });
  }

  // The edges of a shape that come near a box.
  function edgesBy(shape, box, metres) {
    return pairs(shape).filter(([a, b]) => !apart([Math.min(a[0], b[0]), Math.min(a[1], b[1]), Math.max(a[0], b[0]), Math.max(a[1], b[1])], box, metres));
  }

  function near(edges, others, metres) {
    const distance = (p, a, b) => {
      const dx = b[0] - a[0], dy = b[1] - a[1], t = Math.min(1, Math.max(0, ((p[0] - a[0]) * dx + (p[1] - a[1]) * dy) / (dx * dx + dy * dy || 1)));
      return Math.hypot(p[0] - a[0] - t * dx, p[1] - a[1] - t * dy);
    };
    const beside = (a, b, c, d, axis) => Math.min(a[axis], b[axis]) > Math.max(c[axis], d[axis]) + metres || Math.min(c[axis], d[axis]) > Math.max(a[axis], b[axis]) + metres;
    return edges.some(([a, b]) => others.some(([c, d]) => !beside(a, b, c, d, 0) && !beside(a, b, c, d, 1) &&
      Math.min(distance(a, c, d), distance(b, c, d), distance(c, a, b), distance(d, a, b)) <= metres));
  }

  const pairs = (shape) => shape.coordinates.flat().flatMap((ring) => ring.slice(1).map((place, n) => [ring[n], place]));

  function touches(layer, site) {
    const metres = layer.numeric_m + (site.moved ? Lantu.siting.moved_m : 0) + ROUNDING_M;
    const reached = (cell) => near(edgesBy(site.shape, cell.box, metres), edgesBy(cell.shape, site.box, metres), metres);
    return cells(layer).some((cell) => !apart(cell.box, site.box, metres) && reached(cell));
  }

  function outsideRow(layer, site, found, project) {
    const number = layer.outside.findIndex((each) => fits(each, project));
    const left = site.m2 - found.reduce((sum, each) => sum + each.m2, 0);
    const row = { ...plain(layer, "clear"), outside: true, m2: left > 1e-9 * site.m2 + 1e-3 ? left : 0 };
    if (row.m2 > 0) row.status = status(layer, site, together(found.map((each) => each.cell)), true, found.length ? 0 : (2 * site.m2) / Lantu.outline(site.shape));
    if (row.status === "touch") row.status = "clear";
    return row.status === "clear" ? row : { ...row, case: layer.outside[number], effect: layer.outside[number].effect };
  }

  // The metres of a line inside the site, on the ellipsoid; −1 where it does not meet the site.
  function metresInside(line, site) {
    let [sum, met] = [0, false];
    const mine = pairs(site.shape), rings = site.shape.coordinates.flat();
    const inside = (at) => rings.reduce((is, ring) => is !== Lantu.ringHolds(ring.slice(1), at), false);
    for (const [a, b] of pairs(line)) {
      const cuts = [0, 1];
      for (const [c, d] of mine) {
        const cross = (b[0] - a[0]) * (d[1] - c[1]) - (b[1] - a[1]) * (d[0] - c[0]);
        const t = ((c[0] - a[0]) * (d[1] - c[1]) - (c[1] - a[1]) * (d[0] - c[0])) / cross;
        const s = ((c[0] - a[0]) * (b[1] - a[1]) - (c[1] - a[1]) * (b[0] - a[0])) / cross;
        if (t >= 0 && t <= 1 && s >= 0 && s <= 1) { cuts.push(t); met = true; }
      }
      cuts.sort((one, other) => one - other);
      const at = (t) => [a[0] + t * (b[0] - a[0]), a[1] + t * (b[1] - a[1])];
      cuts.slice(1).forEach((t, n) => {
        if (t <= cuts[n] || !inside(at((t + cuts[n]) / 2))) return;
        met = true;
        const [from, to] = [cuts[n], t].map((each) => at(each)), places = [from, to].map(([x, y]) => Lantu.fromPlane(x, y));
        sum += Lantu.distance(places.map(([lng, lat]) => ({ lng, lat })));
      });
    }
    return met ? sum : -1;
  }

  function lineRows(layer, site, project) {
    const groups = new Map();
    cells(layer).forEach((cell) => {
      const metres = apart(cell.box, site.box) ? -1 : metresInside(cell.shape, site);
      if (metres < 0) return;
      const number = caseOf(layer, cell.members[0], project);
      groups.set(number, (groups.get(number) || 0) + metres);
    });
    return [...groups].map(([number, metres]) => ({ ...plain(layer, metres > layer.numeric_m ? "hit" : "touch"), metres,
      case: layer.cases[number] || null, effect: number < 0 ? "condition" : layer.cases[number].effect }));
  }

  function layerRows(layer, site, project) {
    if (layer.kinds.length && !layer.kinds.includes(project.kind)) return [];
    if (layer.status !== "asked") return [plain(layer, layer.status)];
    const ground = layer.kind === "ground", found = ground ? shares(layer, site, project) : [];
    const rows = ground ? groundRows(layer, site, found) : lineRows(layer, site, project);
    if (!rows.length) rows.push(plain(layer, ground && touches(layer, site) ? "touch" : "clear"));
    return layer.outside.length ? [...rows, outsideRow(layer, site, found, project)] : rows;
  }

  const met = (row) => row.status === "hit" || row.status === "undecidable";

  // Where a site lies wholly outside the plan's area, no layer is clear of it: there are no data.
  function unknownOutside(rows) {
    const beyond = (row) => row.outside && row.effect === "unknown";
    if (!rows.some(beyond) || rows.some((row) => row.asked === "municipality" && !beyond(row) && met(row))) return rows;
    return rows.map((row) => (row.status === "clear" ? { ...row, status: "missing", m2: NaN } : row));
  }

  function answerOf(rows, project) {
    const decisive = new Set(Lantu.siting.layers.filter((each) => each.decisive).map((each) => each.id));
    if (rows.some((row) => row.status === "hit" && row.effect === "prohibit")) return "conflict";
    const open = (row) => (row.status === "missing" && decisive.has(row.asked)) || (met(row) && row.effect === "unknown") ||
      (row.status === "undecidable" && row.effect === "prohibit");
    if (rows.some(open)) return "undecidable";
    if (rows.some((row) => met(row) && row.effect === "condition") || (project.kind === "advance" && !project.listed)) return "conditional";
    return "no_conflict";
  }

  // {answer, rows, advance}: each row has asked, outside, part, case, effect, status, m2, metres; `advance` asks for a listed project.
  // `project`: use, kind, listed.
  Lantu.judgeSite = function (site, project) {
    const whole = { ...site, box: boxOf(site.shape) };
    const rows = unknownOutside(Lantu.siting.layers.flatMap((layer) => layerRows(layer, whole, project)));
    return { answer: answerOf(rows, project), rows, advance: project.kind === "advance" && !project.listed };
  };
})(window.Lantu);
