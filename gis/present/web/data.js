// From the packed lists of a layer to features with coordinates; each layer is unpacked when it is first needed.
(function (Lantu) {
  "use strict";

  const unpacked = new Map();

  const nth = (list, n) => (Array.isArray(list) ? list[n] : list);

  function embeddedJson(id) {
    return JSON.parse(document.getElementById(id).textContent);
  }

  // [{kind, rings: [[[lat, lon], …], …]}, …] per feature
  function geometries(packed, count) {
    const { xy, ring, part, scale } = packed;
    let at = 0, x = 0, y = 0, r = 0, p = 0;
    const features = [];
    for (let f = 0; f < count; f++) {
      const parts = [];
      for (let k = nth(packed.feature, f); k > 0; k--, p++) {
        const rings = [];
        for (let j = nth(part, p); j > 0; j--, r++) {
          const vertices = new Array(ring[r]);
          for (let v = 0; v < ring[r]; v++) {
            x += xy[at++];
            y += xy[at++];
            vertices[v] = [y / scale, x / scale];
          }
          rings.push(vertices);
        }
        parts.push({ kind: nth(packed.kind, p), rings });
      }
      features.push(parts);
    }
    return features;
  }

  function extent(parts) {
    const bounds = L.latLngBounds([]);
    for (const { rings } of parts) for (const vertex of rings[0] || []) bounds.extend(vertex);
    return bounds;
  }

  function labelPoint(packed, n) {
    if (!packed.label || packed.label[2 * n] === null) return null;
    return [packed.label[2 * n + 1] / packed.scale, packed.label[2 * n] / packed.scale];
  }

  // The layer's features: {layer, n, id, look, parts, at (of its label)}; attributes are read through Lantu.value.
  Lantu.features = function (id) {
    if (!unpacked.has(id)) {
      const packed = embeddedJson(`lantu-data-${Lantu.meta.layers[id].data}`);
      const parts = geometries(packed, packed.id.length);
      const features = packed.id.map((key, n) => ({
        layer: id, n, id: key, look: nth(packed.look, n), parts: parts[n], at: labelPoint(packed, n),
      }));
      unpacked.set(id, { features, columns: packed.columns });
    }
    return unpacked.get(id).features;
  };

  Lantu.value = function (feature, name) {
    Lantu.features(feature.layer);
    const column = unpacked.get(feature.layer).columns[name];
    if (column === undefined) return null;
    if (Array.isArray(column)) return column[feature.n];
    const at = column.at[feature.n];
    return at < 0 ? null : column.of[at];
  };

  Lantu.extent = (feature) => (feature.extent = feature.extent || extent(feature.parts));

  Lantu.readMeta = () => (Lantu.meta = embeddedJson("lantu-meta"));

  // Findings as features of a layer of their own, each with its columns.
  Lantu.readFindings = function () {
    const packed = Lantu.meta.findings;
    if (!packed) return [];
    const parts = geometries(packed.geometry, packed.items.length);
    return packed.items.map((item, n) => ({ ...item, n, parts: parts[n] }));
  };
})(window.Lantu);
