"use strict";
/* Areas on the CGCS2000 ellipsoid of polygons drawn in a Gauss-Krüger plane, and of what two of them share. No library.

A polygon is a sum of strips below its edges: below an upper edge counts +1, below a lower one −1. With 1/m², m the scale of the
plane, integrated over the ground below an edge,

    area(A)     = Σ s_a H(a)              H(a) = ∫ ∫ 1/m² dy dx below the edge a, from a common floor
    area(A ∩ B) = Σ s_a s_b H(min(a, b))  over the x that both edges have in common

There is no noding and no test of sides; holes, parts and shared edges are no special cases. Polygons are those of GeoJSON, in the
coordinates of the plane; the direction of rings does not matter. */
const LantuAreas = (() => {
  const THIN = 1e-100;
  const LONGEST = 50000; // metres: so far, the points of Gauss below are exact to 1e-12
  const GAUSS_X = [-Math.sqrt(0.6), 0, Math.sqrt(0.6)], WEIGHT_X = [5 / 18, 8 / 18, 5 / 18];
  const GAUSS_Y = [-Math.sqrt(1 / 3), Math.sqrt(1 / 3)];

  /* 1/m² at a place: 1 + c1 x² + c2 x⁴ + 17/45 c1³ x⁶, x from the meridian; c1 and c2 by powers of (northing / unit)². */
  function shrink(plane, x, y) {
    const share = ((y - plane.north) / plane.unit) ** 2, x2 = (x - plane.east) ** 2;
    let c1 = 0, c2 = 0;
    for (let n = plane.scale[0].length - 1; n >= 0; n--) {
      c1 = c1 * share + plane.scale[0][n];
      c2 = c2 * share + plane.scale[1][n];
    }
    return 1 + x2 * (c1 + x2 * (c2 + x2 * 17 / 45 * c1 * c1 * c1));
  }

  /* ∫ ∫ 1/m² between the floor and a straight line. */
  function below(plane, floor, x0, y0, x1, y1) {
    const pieces = Math.max(1, Math.ceil((x1 - x0) / LONGEST));
    let sum = 0;
    for (let piece = 0; piece < pieces; piece++) {
      const a = piece / pieces, b = (piece + 1) / pieces;
      for (let i = 0; i < 3; i++) {
        const t = (a + b) / 2 + GAUSS_X[i] * (b - a) / 2;
        const x = x0 + t * (x1 - x0), height = y0 + t * (y1 - y0) - floor;
        let mean = 0;
        for (const g of GAUSS_Y) mean += shrink(plane, x, floor + height * (0.5 + g / 2)) / 2;
        sum += WEIGHT_X[i] * (b - a) * height * mean;
      }
    }
    return sum * (x1 - x0);
  }

  function twice(ring) {
    let sum = 0;
    const [x, y] = ring[0];
    for (let k = 1; k + 1 < ring.length; k++) {
      sum += (ring[k][0] - x) * (ring[k + 1][1] - y) - (ring[k + 1][0] - x) * (ring[k][1] - y);
    }
    return sum;
  }

  /* The edges from west to east, [x0, y0, x1, y1, sign], sorted by their western end; vertical ones add nothing. */
  function edges(shape) {
    const parts = shape.type === "Polygon" ? [shape.coordinates] : shape.type === "MultiPolygon" ? shape.coordinates : [];
    const found = [];
    for (const rings of parts) {
      rings.forEach((ring, number) => {
        if (ring.length < 4) return;
        const turn = (twice(ring) < 0) === (number === 0) ? -1 : 1;
        for (let k = 0; k + 1 < ring.length; k++) {
          const [ax, ay] = ring[k], [bx, by] = ring[k + 1];
          if (Math.abs(ax - bx) <= THIN) continue;
          found.push(ax < bx ? [ax, ay, bx, by, -turn] : [bx, by, ax, ay, turn]);
        }
      });
    }
    return found.sort((a, b) => a[0] - b[0]);
  }

  function lowest(found) {
    return found.reduce((least, each) => Math.min(least, each[1], each[3]), Infinity);
  }

  /* The edges of a polygon; who asks about one polygon many times keeps them, and gives them in its stead. */
  const laid = (shape) => (Array.isArray(shape) ? shape : edges(shape));

  /* m² of a polygon. */
  function area(plane, shape) {
    const found = laid(shape), floor = lowest(found);
    return found.reduce((sum, [x0, y0, x1, y1, sign]) => sum + sign * below(plane, floor, x0, y0, x1, y1), 0);
  }

  /* ∫ ∫ 1/m² below the lower of two edges, over the x they have in common. */
  function lower(plane, floor, a, b) {
    const x0 = Math.max(a[0], b[0]), x1 = Math.min(a[2], b[2]);
    const slopeA = (a[3] - a[1]) / (a[2] - a[0]), slopeB = (b[3] - b[1]) / (b[2] - b[0]);
    const a0 = a[1] + slopeA * (x0 - a[0]), a1 = a[1] + slopeA * (x1 - a[0]);
    const b0 = b[1] + slopeB * (x0 - b[0]), b1 = b[1] + slopeB * (x1 - b[0]);
    if (a0 <= b0 && a1 <= b1) return below(plane, floor, x0, a0, x1, a1);
    if (a0 >= b0 && a1 >= b1) return below(plane, floor, x0, b0, x1, b1);
    const share = (a0 - b0) / ((a0 - b0) - (a1 - b1)), x = x0 + share * (x1 - x0), y = a0 + share * (a1 - a0);
    return below(plane, floor, x0, Math.min(a0, b0), x, y) + below(plane, floor, x, y, x1, Math.min(a1, b1));
  }

  /* m² of what two polygons share. */
  function shared(plane, one, other) {
    const a = laid(one), b = laid(other), floor = Math.min(lowest(a), lowest(b));
    let sum = 0, first = 0;
    let longest = 0; // of b: an edge that begins farther west than this cannot reach
    for (const each of b) longest = Math.max(longest, each[2] - each[0]);
    for (const edge of a) {
      while (first < b.length && b[first][0] + longest <= edge[0]) first++;
      for (let k = first; k < b.length && b[k][0] < edge[2]; k++) {
        if (b[k][2] > edge[0]) sum += edge[4] * b[k][4] * lower(plane, floor, edge, b[k]);
      }
    }
    return sum;
  }

  return { area, shared, edges };
})();
if (typeof module !== "undefined") module.exports = LantuAreas;
