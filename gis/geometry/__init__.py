"""Vectorised kernels: arrays of shapely geometries in, numpy arrays out; they know nothing of plans.

- `area`       ellipsoidal area, official and edge-true; ellipsoidal length
- `overlay`    which polygons of two layers meet, where, and by how many m²; what lies outside; merged faces
- `edge_pairs` how many m² pairs of polygons share, without building what they share (behind `overlay.areas`)
- `flat`       polygons as flat coordinates, straight from WKB or GeoPackage blobs
- `coverage`   gaps and overlaps of one layer, with the features that make them
- `matching`   lines of two layers that ought to be equal; lower areas that ought to tile the upper one
- `validity`   what is wrong with a polygon and where; a stated repair
- `shape`      width, compactness, spikes, short segments, holes, parts
- `locate`     which polygon holds a feature
- `distance`   how near features of two layers come to each other
- `placement`  where a shape can stand clear of others: smallest shift, turn, nearest places
- `lines`      lines and points against polygons
- `reproject`  from one CRS to another with edges kept where they were drawn
- `raster_…`   slope, criteria, patches and zonal statistics of grids
- `parallel`   chunks of work on threads

What all have in common. Measures are NaN for None and for coordinates that are not finite, and 0 or NaN (each says which) where
there is nothing to measure. Kernels that cut or count ground need valid polygons and refuse others with an AnalysisError that
names them (`validity.checked`), unless told `valid=True`; of collections they take the polygons, and empty features, points and
lines they pass over. Z and M play no part. The input is never changed.
"""

from __future__ import annotations

__all__ = [
    "area",
    "coverage",
    "distance",
    "edge_pairs",
    "flat",
    "lines",
    "locate",
    "matching",
    "overlay",
    "parallel",
    "placement",
    "reproject",
    "shape",
    "validity",
]
