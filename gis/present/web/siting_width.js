// Whether what a site shares with a layer, or leaves of it, is wider than the data are accurate: whether it holds a circle.
(function (Lantu) {
  "use strict";

  const MOST_BOXES = 60000;

  // The edges [ax, ay, bx, by] of a polygon, its inside to the left; edges that two parts share cancel.
  function turned(shape, left) {
    const kept = new Map();
    const key = (a, b) => `${Math.round(a[0] * 1e4)},${Math.round(a[1] * 1e4)},${Math.round(b[0] * 1e4)},${Math.round(b[1] * 1e4)}`;
    for (const rings of shape.coordinates) {
      rings.forEach((ring, n) => {
        let sum = 0;
        for (let k = 0; k + 1 < ring.length; k++) sum += (ring[k][0] - ring[0][0]) * (ring[k + 1][1] - ring[0][1]) - (ring[k + 1][0] - ring[0][0]) * (ring[k][1] - ring[0][1]);
        const forward = (sum > 0) === ((n === 0) === left);
        for (let k = 0; k + 1 < ring.length; k++) {
          const [a, b] = forward ? [ring[k], ring[k + 1]] : [ring[k + 1], ring[k]];
          if (!kept.delete(key(b, a))) kept.set(key(a, b), [a[0], a[1], b[0], b[1]]);
        }
      });
    }
    return [...kept.values()];
  }

  const holds = (edges, x, y) => edges.reduce((inside, [ax, ay, bx, by]) => (ay > y !== by > y && x < ax + ((y - ay) * (bx - ax)) / (by - ay) ? !inside : inside), false);

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

  /* Whether a circle of this radius has room in the site and in (or, with `outside`, off) the other polygons. Boxes, the largest first,
  are halved as long as one of their places may be the centre; a strip between two edges is dropped whole. */
  Lantu.hasRoom = function (site, other, outside, radius) {
    const [mine, theirs] = [turned(site, true), turned(other, !outside)];
    const both = [...mine, ...theirs];
    const box = [0, 1].flatMap((axis) => {
      const span = (edges) => edges.reduce(([low, high], each) => [Math.min(low, each[axis], each[axis + 2]), Math.max(high, each[axis], each[axis + 2])], [Infinity, -Infinity]);
      const [a, b] = [span(mine), outside ? [-Infinity, Infinity] : span(theirs)];
      return [Math.max(a[0], b[0]), Math.min(a[1], b[1])];
    });
    const [west, east, south, north] = box;
    const inside = (x, y) => holds(mine, x, y) && holds(theirs, x, y) !== outside;
    const half = Math.max(east - west, north - south) / 2;
    if (!(half > 0)) return false;
    let row = [[(west + east) / 2, (south + north) / 2, half, both]];
    for (let count = 0; row.length && count < MOST_BOXES; count += row.length) {
      const next = [];
      for (const [x, y, h, candidates] of row) {
        const reach = h * Math.SQRT2;
        const near = candidates.filter((each) => away(each, x, y) <= reach + radius);
        const d = near.reduce((least, each) => Math.min(least, away(each, x, y)), Infinity);
        if (d + reach <= radius || h < radius / 64) continue;
        if (d > Math.min(radius, reach)) {
          const here = inside(x, y);
          if (here && d > radius) return true;
          if (!here && d > reach) continue;
        }
        if (near.length <= 2 && between(near, x, y, h) <= radius) continue;
        for (const [sx, sy] of [[-h, -h], [h, -h], [h, h], [-h, h]]) next.push([x + sx / 2, y + sy / 2, h / 2, near]);
      }
      row = next;
    }
    return false;
  };

  // The length of the outline.
  Lantu.outline = (shape) => shape.coordinates.flat().reduce((sum, ring) => sum + ring.slice(1).reduce((some, [x, y], n) => some + Math.hypot(x - ring[n][0], y - ring[n][1]), 0), 0);
})(window.Lantu);
