"""Vectorised kernels: arrays of shapely geometries in, numpy arrays out; they know nothing of plans.

- `area`       ellipsoidal area, official and edge-true; ellipsoidal length
- `overlay`    which polygons of two layers meet, where, and by how many m²; what lies outside; merged faces
- `edge_pairs` how many m² pairs of polygons share, without building what they share (behind `overlay.areas`)
- `flat`       polygons as flat coordinates, straight from WKB or GeoPackage blobs
- `coverage`   gaps and overlaps of one layer, with the features that make them
- `validity`   what is wrong with a polygon and where; a stated repair
- `shape`      width, compactness, spikes, short segments, holes, parts
- `locate`     which polygon holds a feature
- `lines`      lines and points against polygons
- `reproject`  from one CRS to another with edges kept where they were drawn
- `parallel`   chunks of work on threads
"""

from __future__ import annotations

__all__ = [
    "area",
    "coverage",
    "edge_pairs",
    "flat",
    "lines",
    "locate",
    "overlay",
    "parallel",
    "reproject",
    "shape",
    "validity",
]
