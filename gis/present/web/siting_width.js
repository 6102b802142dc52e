// Whether what a site shares with a layer, or leaves of it, is wider than the data are accurate: whether it holds a circle.
(function (Lantu) {
  "use strict";

  const MOST_BOXES = 1e6, SAME_M = 1.5e-4; // whole numbers of 0.1 mm, once rounded

  // The edges [ax, ay, bx, by] of a polygon, its inside to the left.
  function directed(shape, left) {
    const found = [];
    for (const rings of shape.coordinates) {
      rings.forEach((ring, n) => {
        let sum = 0;
        for (let k = 0; k + 1 < ring.length; k++) sum += (ring[k][0] - ring[0][0]) * (ring[k + 1][1] - ring[0][1]) - (ring[k + 1][0] - ring[0][0]) * (ring[k][1] - ring[0][1]);
        const forward = (sum > 0) === ((n === 0) === left);
        for (let k = 0; k + 1 < ring.length; k++) found.push(forward ? [...ring[k], ...ring[k + 1]] : [...ring[k + 1], ...ring[k]]);
      });
    }
    return found;
  }

  // Edges that come near a box, cut where a corner of another lies on them: neighbours need not have the same corners.
  function cut(edges, [west, south, east, north]) {
    const close = ([ax, ay, bx, by]) => Math.max(ax, bx) >= west && Math.min(ax, bx) <= east && Math.max(ay, by) >= south && Math.min(ay, by) <= north;
    const corners = edges.filter(close).map(([x, y]) => [x, y]).sort((one, other) => one[0] - other[0]);
    const from = (x) => {
      let [low, high] = [0, corners.length];
      while (low < high) { const middle = (low + high) >> 1; if (corners[middle][0] < x) low = middle + 1; else high = middle; }
      return low;
    };
    return edges.flatMap((edge) => {
      if (!close(edge)) return [edge];
      const [ax, ay, bx, by] = edge, dx = bx - ax, dy = by - ay, length = Math.hypot(dx, dy), on = [];
      for (let n = from(Math.min(ax, bx) - SAME_M); n < corners.length && corners[n][0] <= Math.max(ax, bx) + SAME_M; n++) {
        const [px, py] = [corners[n][0] - ax, corners[n][1] - ay], along = (px * dx + py * dy) / length;
        if (along > SAME_M && along < length - SAME_M && Math.abs(dx * py - dy * px) / length <= SAME_M) on.push([along, ...corners[n]]);
      }
      const path = [[ax, ay], ...on.sort((one, other) => one[0] - other[0]).map(([, x, y]) => [x, y]), [bx, by]];
      return path.slice(1).map((place, n) => [...path[n], ...place]);
    });
  }

  // The outline of some polygons that do not overlap: edges that two of them share cancel, as far as they come near the box.
  function outlined(shape, left, box) {
    const kept = new Map(), key = (ax, ay, bx, by) => [ax, ay, bx, by].map((each) => Math.round(each * 1e4)).join();
    const edges = directed(shape, left);
    for (const [ax, ay, bx, by] of shape.coordinates.length > 1 ? cut(edges, box) : edges) {
      if (!kept.delete(key(bx, by, ax, ay))) kept.set(key(ax, ay, bx, by), [ax, ay, bx, by]);
    }
    return [...kept.values()];
  }

  const holds = (edges, x, y) => edges.reduce((inside, [ax, ay, bx, by]) => (ay > y !== by > y && x < ax + ((y - ay) * (bx - ax)) / (by - ay) ? !inside : inside), false);

  // The same by horizontal bands, so that a ray meets few of the edges.
  function banded(edges, south, north) {
    const count = Math.ceil(Math.sqrt(edges.length)) || 1, bands = Array.from({ length: count }, () => []);
    const band = (y) => Math.min(count - 1, Math.max(0, Math.floor(((y - south) / (north - south)) * count)));
    for (const each of edges) for (let n = band(Math.min(each[1], each[3])); n <= band(Math.max(each[1], each[3])); n++) bands[n].push(each);
    return (x, y) => holds(bands[band(y)], x, y);
  }

  function away([ax, ay, bx, by], x, y) {
    const dx = bx - ax, dy = by - ay, t = ((x - ax) * dx + (y - ay) * dy) / (dx * dx + dy * dy || 1);
    const s = Math.min(1, Math.max(0, t));
    return Math.hypot(x - ax - s * dx, y - ay - s * dy);
  }

  // The most that half the sum of the signed distances to two edges comes to in a box; NaN if one of them ends beside the box.
  function between(near, x, y, h) {
    let most = -Infinity;
    for (const [sx, sy] of [[-h, -h], [h, -h], [h, h], [-h, h]]) {
      let sum = 0;
      for (const [ax, ay, bx, by] of near) {
        const dx = bx - ax, dy = by - ay, length = Math.hypot(dx, dy), px = x + sx - ax, py = y + sy - ay;
        const along = (px * dx + py * dy) / length;
        if (!(along >= 0 && along <= length)) return NaN;
        sum += (dx * py - dy * px) / length / near.length;
      }
      most = Math.max(most, sum);
    }
    return most;
  }

  /* Whether a circle of this radius has room in the site and in (or, with `outside`, off) the other polygons. Boxes are quartered as long as
  one of their places may be the centre, the roomiest first; a strip between two edges is dropped whole. What cannot be searched to its end
  is not excused. */
  Lantu.hasRoom = function (site, other, outside, radius) {
    const box = Lantu.boxOf(site), [mine, theirs] = [outlined(site, true, box), outlined(other, !outside, box)];
    const [west, east, south, north] = [0, 1].flatMap((axis) => {
      const span = (edges) => edges.reduce(([low, high], each) => [Math.min(low, each[axis], each[axis + 2]), Math.max(high, each[axis], each[axis + 2])], [Infinity, -Infinity]);
      const [a, b] = [span(mine), outside ? [-Infinity, Infinity] : span(theirs)];
      return [Math.max(a[0], b[0]), Math.min(a[1], b[1])];
    });
    const half = Math.max(east - west, north - south) / 2;
    if (!(half > 0)) return false;
    const holdsMine = banded(mine, south, north), holdsTheirs = banded(theirs, south, north);
    const reached = (edges, x, y, within) => {
      const near = [];
      let d = Infinity;
      for (const each of edges) {
        const far = away(each, x, y);
        if (far <= within) near.push(each);
        if (far < d) d = far;
      }
      return { near, d };
    };
    const square = (x, y, h, a, b) => {
      const within = h * Math.SQRT2 + radius, [one, two] = [reached(a, x, y, within), reached(b, x, y, within)];
      return { x, y, h, one, two, d: Math.min(one.d, two.d) };
    };
    const left = [square((west + east) / 2, (south + north) / 2, half, mine, theirs)];
    for (let count = 0; left.length; count++) {
      if (count > MOST_BOXES) return true;
      const { x, y, h, one, two, d } = left.pop(), reach = h * Math.SQRT2;
      if (d + reach <= radius || h < radius / 64) continue;
      if (one.d > reach && !holdsMine(x, y)) continue; // all of the box is off the site
      if (two.d > reach && holdsTheirs(x, y) === outside) continue;
      if (d > radius && holdsMine(x, y) && holdsTheirs(x, y) !== outside) return true;
      const near = [...one.near, ...two.near];
      if (near.length <= 2 && between(near, x, y, h) <= radius) continue;
      const quarters = [[-h, -h], [h, -h], [h, h], [-h, h]].map(([sx, sy]) => square(x + sx / 2, y + sy / 2, h / 2, one.near, two.near));
      left.push(...quarters.sort((first, second) => first.d - second.d));
    }
    return false;
  };

  // The length of the outline.
  Lantu.outline = (shape) => shape.coordinates.flat().reduce((sum, ring) => sum + ring.slice(1).reduce((some, [x, y], n) => some + Math.hypot(x - ring[n][0], y - ring[n][1]), 0), 0);
})(window.Lantu);
