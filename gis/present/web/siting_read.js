// From what a reader draws or pastes to a site in the plan's plane: polygons as in GeoJSON, or one clear fault in both languages.
(function (Lantu) {
  "use strict";

  const MOST_POINTS = 20000, WIDEST_M = 340000, HIGHEST_M = 6600000, TWICE_M2 = 0.01;

  // What is wrong with a site, said in both languages; values are plain text.
  class Fault extends Error {
    constructor(word, values = {}) {
      super(word);
      const { zh, en } = Lantu.word(`siting_fault_${word}`), filled = (text) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
      this.wording = { zh: filled(zh), en: filled(en) };
    }
  }

  const { plane, toGrid, fromGrid, ownPlace } = Lantu.grid;

  const isNumber = (text) => /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?$/.test(text) && Math.abs(Number(text)) < 1e10;

  // ---- what the text says: [[ring, …] per parcel], each ring [[a, b], …], and the system it names

  function fromJson(text) {
    let given;
    try {
      given = JSON.parse(text);
    } catch (error) {
      throw new Fault("json");
    }
    const parcels = [];
    collect(given, parcels, 0);
    return { parcels, system: jsonSystem(given.crs), northFirst: false };
  }

  function collect(each, parcels, depth) {
    if (!each || typeof each !== "object" || depth > 4) throw new Fault("json");
    if (each.type === "FeatureCollection" && Array.isArray(each.features)) return each.features.forEach((one) => collect(one, parcels, depth + 1));
    if (each.type === "Feature") return collect(each.geometry, parcels, depth + 1);
    const parts = { Polygon: [each.coordinates], MultiPolygon: each.coordinates }[each.type];
    if (!parts) throw new Fault("kind", { kind: String(each.type).slice(0, 40) });
    const good = (ring) => Array.isArray(ring) && ring.every((at) => Array.isArray(at) && Number.isFinite(at[0]) && Number.isFinite(at[1]));
    if (!Array.isArray(parts) || !parts.every((part) => Array.isArray(part) && part.length && part.every(good))) throw new Fault("json");
    parcels.push(...parts.map((part) => part.map((ring) => ring.map(([x, y]) => [x, y]))));
  }

  function jsonSystem(crs) {
    const name = crs && crs.properties && String(crs.properties.name);
    if (!name) return null;
    const code = Number((/(\d+)$/.exec(name) || [])[1]);
    if (/CRS84$/.test(name) || code === 4490 || code === 4326) return { degrees: true };
    for (const [first, width, zone, prefixed] of [[4513, 3, 25, true], [4534, 3, 25, false], [4491, 6, 13, true], [4502, 6, 13, false]]) {
      const last = first + (width === 3 ? 20 : 10);
      if (code >= first && code <= last) return zoneSystem(width, zone + code - first, prefixed);
    }
    throw new Fault("system", { name: name.slice(0, 60) });
  }

  const zoneSystem = (width, number, prefixed) => ({ meridian: width === 3 ? 3 * number : 6 * number - 3, number: prefixed ? number : 0 });

  // Lines of points; a ring ends where its first point comes again, its number changes, or a line is blank.
  function fromLines(text) {
    const parcels = [], head = {};
    const listed = /[[【［]\s*地块坐标\s*[\]】］]/.test(text);
    let rings = listed ? null : [], label = null, open = false, points = 0, inside = !listed;
    if (!listed) parcels.push(rings);
    text.split(/\r\n|\n|\r/).forEach((raw, n) => {
      const line = raw.replace(/[\s\u3000\ufeff]+/g, " ").trim();
      const section = /^[[【［]\s*(.+?)\s*[\]】］]$/.exec(line);
      if (section) return void (inside = section[1] === "地块坐标");
      if (!inside) {
        const [key, value] = line.replace("＝", "=").split("=");
        if (value !== undefined) head[key.trim()] = value.trim();
        return;
      }
      if (line.includes("@")) return void ((rings = []), parcels.push(rings), (label = null), (open = false));
      if (!line || (!listed && !points && !/\d/.test(line))) return void (open = false); // a blank line, or the names of the columns
      const cells = line.replace(/，/g, ",").replace(/[,;\s]+$/, "").split(/\s*[,;\t]\s*|\s+/);
      const at = cells.length === 4 ? [cells[1], cells[2], cells[3]] : cells.length === 3 ? ["", cells[1], cells[2]] : ["", ...cells];
      if (at.length !== 3 || !isNumber(at[1]) || !isNumber(at[2]) || !rings || (listed && cells.length !== 4)) {
        throw new Fault("line", { n: n + 1, line: line.slice(0, 40) });
      }
      if (++points > MOST_POINTS) throw new Fault("many", { n: MOST_POINTS });
      const place = [Number(at[1]), Number(at[2])];
      if (!open || at[0] !== label) rings.push([]);
      [label, open] = [at[0], true];
      const ring = rings[rings.length - 1];
      if (ring.length > 2 && ring[0][0] === place[0] && ring[0][1] === place[1]) open = false;
      else ring.push(place);
    });
    return { parcels, system: headSystem(head), northFirst: true };
  }

  function headSystem(head) {
    const datum = head["坐标系"] || "";
    if (datum && !/2000|cgcs/i.test(datum)) throw new Fault("system", { name: datum.slice(0, 60) });
    const width = Number((/[36]/.exec(head["几度分带"] || "") || [])[0]), number = Number((/\d+/.exec(head["带号"] || "") || [])[0]);
    const own = number >= 25 && number <= 45 ? 3 : number >= 13 && number <= 23 ? 6 : 0;
    if (!number) return null;
    if (!own || (width && width !== own)) throw new Fault("system", { name: `${head["几度分带"] || ""} ${head["带号"]}`.slice(0, 60) });
    return { ...zoneSystem(own, number, false), number, either: true };
  }

  // ---- in which system the numbers are

  const isEast = (v) => (v >= 1e5 && v < 1e6) || (v >= 1.3e7 && v < 4.6e7);
  const isNorth = (v) => v >= 1e6 && v < HIGHEST_M;

  // The numbers as eastings (or longitudes) first, and the system: named, or told by their size.
  function placed({ parcels, system, northFirst }, notices) {
    const all = parcels.flat(2);
    const degrees = all.every(([a, b]) => Math.abs(a) <= 180 && Math.abs(b) <= 180);
    const [first, second] = all[0];
    let swap = northFirst;
    if (degrees) swap = northFirst && !(first > 60 && second < 60);
    else if (northFirst && isEast(first) && isNorth(second)) swap = false;
    else if (!northFirst && isNorth(first) && isEast(second)) swap = true;
    if (swap) parcels = parcels.map((rings) => rings.map((ring) => ring.map(([a, b]) => [b, a])));
    if (degrees !== Boolean(system && system.degrees)) {
      if (system && !degrees) throw new Fault("degrees");
      if (system && degrees) throw new Fault("metres");
    }
    if (degrees) {
      notices.push(Lantu.word("siting_read_degrees"));
      return { parcels, system: { degrees: true } };
    }
    const east = parcels.flat(2)[0][0], number = Math.floor(east / 1e6);
    if (!system) system = number >= 1 ? zoneOf(number) : { meridian: plane().meridian, number: 0, taken: true };
    else if (system.either) system = number >= 1 ? zoneOf(number) : { ...system, number: 0 };
    notices.push(Lantu.phrase(system.taken ? "siting_read_taken" : "siting_read_zone", { meridian: system.meridian, zone: system.number || "—",
      order: Lantu.word(swap === northFirst ? (northFirst ? "siting_order_usual" : "siting_order_json") : "siting_order_other") }));
    return { parcels, system };
  }

  function zoneOf(number) {
    if (number >= 25 && number <= 45) return zoneSystem(3, number, true);
    if (number >= 13 && number <= 23) return zoneSystem(6, number, true);
    throw new Fault("zone", { n: number });
  }

  // ---- into the plan's plane

  // An edge that is straight elsewhere, with as many points as it takes to stay within the chord.
  function bent(ring, place) {
    const out = [];
    const between = (a, b, pa, pb, depth) => {
      const middle = [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2], at = place(middle);
      const off = Math.hypot(at[0] - (pa[0] + pb[0]) / 2, at[1] - (pa[1] + pb[1]) / 2);
      if (off <= Lantu.siting.chord_m || depth > 12) return;
      between(a, middle, pa, at, depth + 1);
      out.push(at);
      between(middle, b, at, pb, depth + 1);
    };
    ring.forEach((a, n) => {
      const b = ring[(n + 1) % ring.length], pa = place(a);
      out.push(pa);
      between(a, b, pa, place(b), 0);
    });
    return out;
  }

  function moved(ring, system) {
    const { meridian, east } = plane();
    if (system.degrees) return bent(ring, ([lon, lat]) => ownPlace(toGrid(lon, lat, meridian)));
    const shift = 500000 + system.number * 1e6;
    if (system.meridian === meridian) return ring.map(([x, y]) => [x - shift + east, y + plane().north]);
    return bent(ring, ([x, y]) => ownPlace(toGrid(...fromGrid(x - shift, y, system.meridian), meridian)));
  }

  // ---- rings to polygons

  const twice = (ring) => ring.reduce((sum, [x, y], n) => {
    const [x2, y2] = ring[(n + 1) % ring.length], [x0, y0] = ring[0];
    return sum + (x - x0) * (y2 - y0) - (x2 - x0) * (y - y0);
  }, 0);

  // A ring that comes back to one of its points, as the rings that it then is; places that repeat the one before are dropped.
  function simple(ring) {
    const out = [], path = [], seen = new Map();
    for (const place of ring) {
      const key = place.join();
      if (seen.has(key)) {
        const loop = path.splice(seen.get(key));
        loop.forEach((each) => seen.delete(each.join()));
        if (loop.length > 2) out.push(loop);
      }
      seen.set(key, path.length);
      path.push(place);
    }
    if (path.length > 2) out.push(path);
    return out.filter((each) => Math.abs(twice(each)) > 1e-6);
  }

  Lantu.ringHolds = function (ring, [x, y]) {
    let inside = false;
    ring.forEach(([ax, ay], n) => {
      const [bx, by] = ring[(n + 1) % ring.length];
      if (ay > y !== by > y && x < ax + ((y - ay) * (bx - ax)) / (by - ay)) inside = !inside;
    });
    return inside;
  };

  // Whether a ring lies in another, asked at the middles of its edges: one that is not on an edge of the other tells.
  function within(ring, other) {
    const votes = ring.slice(0, 9).map(([x, y], n) => Lantu.ringHolds(other, [(x + ring[n + 1 < ring.length ? n + 1 : 0][0]) / 2, (y + ring[n + 1 < ring.length ? n + 1 : 0][1]) / 2]));
    return votes.filter(Boolean).length * 2 > votes.length;
  }

  // The polygons of a parcel: a ring inside an odd number of others is a hole of the smallest of them.
  function polygons(rings) {
    const sorted = rings.map((ring) => ({ ring, size: Math.abs(twice(ring)) })).sort((a, b) => b.size - a.size);
    const shells = [];
    sorted.forEach((each, n) => {
      const around = sorted.slice(0, n).filter((other) => within(each.ring, other.ring));
      const parent = around.filter((other) => other.holes).pop();
      if (around.length % 2 && parent) return void parent.holes.push(each.ring);
      each.holes = [];
      shells.push(each);
    });
    const closed = (ring) => [...ring, ring[0]];
    return shells.map(({ ring, holes }) => [closed(ring), ...holes.map(closed)]);
  }

  function finished(parcels, notices, isMoved) {
    const coordinates = parcels.flatMap((rings) => polygons(rings.flatMap(simple)));
    if (!coordinates.length) throw new Fault("flat");
    const wide = coordinates.flat(2).some(([x, y]) => Math.abs(x - plane().east) > WIDEST_M || !(Math.abs(y - plane().north) < HIGHEST_M));
    if (wide) throw new Fault("far");
    const shape = { type: "MultiPolygon", coordinates }, edges = LantuAreas.edges(shape);
    const m2 = LantuAreas.area(plane(), edges);
    // ∫ w² = ∫ w for a polygon that covers no ground twice and never turns over, w being how often it covers a place
    const again = LantuAreas.shared(plane(), edges, edges) - m2;
    if (again > TWICE_M2 + 1e-9 * m2) throw new Fault("crossing", { m2: (again / 2).toFixed(2) });
    return { shape, edges, m2, notices, moved: isMoved };
  }

  // A site {shape, edges, m2, notices, moved}; throws a Fault with its wording.
  Lantu.readSite = function (text) {
    const notices = [], plain = text.trim();
    if (!plain) throw new Fault("empty");
    const said = /^[{]/.test(plain) ? fromJson(plain) : fromLines(text);
    const points = said.parcels.flat(2).length;
    if (!points) throw new Fault("empty");
    if (points > MOST_POINTS) throw new Fault("many", { n: MOST_POINTS });
    const { parcels, system } = placed(said, notices);
    const { east, meridian } = plane();
    const same = !system.degrees && system.meridian === meridian && system.number * 1e6 + 500000 === east;
    return finished(parcels.map((rings) => rings.map((ring) => moved(ring, system))), notices, !same);
  };

  Lantu.SiteFault = Fault;
})(window.Lantu);
