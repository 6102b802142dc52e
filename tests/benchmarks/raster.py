"""Raster kernels against numpy on whole arrays, xarray-spatial, scipy.ndimage and exactextract.

`python -m tests.benchmarks.raster [--side 10000] [--runs 5] [--only NAME ...]`. Each case gives what is compared: ours first,
then its peers by name, all taking the same input from memory unless the name says "file".
"""

from __future__ import annotations

import argparse
import importlib.util
import multiprocessing
import os
import sys
import time
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import rasterio
from rasterio.windows import Window
from scipy import ndimage

from gis.geometry import parallel
from gis.geometry.raster_criteria import overlaid, reclassified
from gis.geometry.raster_patches import distance, patch_filter
from gis.geometry.raster_terrain import slope
from gis.geometry.raster_zonal import merged, zonal_centre, zonal_exact
from gis.grid import Grid

from . import data

if TYPE_CHECKING:
    from collections.abc import Callable

SLOPES = [2, 6, 15, 25], [5, 4, 3, 2, 1]
LEVELS = [300, 600], [3, 2, 1]
WEIGHTS = [0.6, 0.4]
CELL = 10.0

Runs = dict[str, "Callable[[], Any]"]


def heights(side: int) -> Path:
    """A GeoTIFF of hills with a metre of noise, 10 m cells, 32 bits, deflate, tiled; made once."""
    target = data.path(f"heights_{side}").with_suffix(".tif")
    if not target.exists():
        hills = ndimage.gaussian_filter(np.random.default_rng(0).normal(size=(side // 20, side // 20)), 4)
        z = ndimage.zoom(hills.astype("f4"), 20, order=1) * 2000 + 500
        z += np.random.default_rng(1).normal(size=z.shape).astype("f4")
        target.parent.mkdir(parents=True, exist_ok=True)
        profile = {"driver": "GTiff", "dtype": "float32", "count": 1, "width": side, "height": side, "crs": data.CRS}
        packed = {
            "tiled": True,
            "blockxsize": 512,
            "blockysize": 512,
            "compress": "deflate",
            "predictor": 3,
            "zlevel": 1,
        }
        partial = target.with_suffix(f".{os.getpid()}")
        with rasterio.open(partial, "w", transform=_transform(side), **profile, **packed) as out:
            out.write(z, 1)
        partial.replace(target)
    return target


def _transform(side: int) -> rasterio.Affine:
    west, south = data.ORIGIN
    return rasterio.Affine(CELL, 0, west, 0, -CELL, south + side * CELL)


def grid(side: int) -> Grid:
    """The heights in memory."""
    with rasterio.open(heights(side)) as source:
        return Grid.of(source.read(1), _transform(side), data.CRS)


def criteria(side: int) -> Runs:
    """Slope, classes of slope and height, weighted overlay."""
    terrain = grid(side)

    def ours() -> float:
        grades = [reclassified(slope(terrain), *SLOPES), reclassified(terrain, *LEVELS)]
        return float(np.nanmean(overlaid(grades, WEIGHTS).values[::50, ::50]))

    def whole(steep: Any) -> float:
        z = terrain.values
        grades = [
            np.take(v, np.digitize(a, b, right=True)).astype("f4") for a, (b, v) in ((steep, SLOPES), (z, LEVELS))
        ]
        result = WEIGHTS[0] * grades[0] + WEIGHTS[1] * grades[1]
        result[np.isnan(steep)] = np.nan
        return float(np.nanmean(result[::50, ::50]))

    peers: Runs = {"ours": ours, "numpy whole": lambda: whole(_numpy_slope(terrain.values))}
    if importlib.util.find_spec("xrspatial"):
        peers["xarray-spatial"] = lambda: _xarray_criteria(terrain.values)
    return peers


def terrain_only(side: int) -> Runs:
    """Slope alone."""
    terrain = grid(side)
    peers: Runs = {
        "ours": lambda: float(np.nanmean(slope(terrain).values[::50, ::50])),
        "numpy whole": lambda: float(np.nanmean(_numpy_slope(terrain.values)[::50, ::50])),
    }
    if importlib.util.find_spec("xrspatial"):
        peers["xarray-spatial"] = lambda: float(np.nanmean(_xarray_slope(terrain.values).values[::50, ::50]))
    return peers


def _numpy_slope(z: Any) -> Any:
    p = np.pad(z, 1, mode="constant", constant_values=np.nan)
    east = ((p[:-2, 2:] + 2 * p[1:-1, 2:] + p[2:, 2:]) - (p[:-2, :-2] + 2 * p[1:-1, :-2] + p[2:, :-2])) / (8 * CELL)
    south = ((p[2:, :-2] + 2 * p[2:, 1:-1] + p[2:, 2:]) - (p[:-2, :-2] + 2 * p[:-2, 1:-1] + p[:-2, 2:])) / (8 * CELL)
    return np.degrees(np.arctan(np.hypot(east, south)))


def _xarray_slope(z: Any) -> Any:
    import xarray
    import xrspatial

    return xrspatial.slope(xarray.DataArray(z, dims=("y", "x"), attrs={"res": (CELL, CELL)}))


def _xarray_criteria(z: Any) -> float:
    import xarray
    from xrspatial.classify import reclassify

    steep = _xarray_slope(z)
    levels = xarray.DataArray(z, dims=("y", "x"), attrs={"res": (CELL, CELL)})
    one = reclassify(steep, bins=[*SLOPES[0], 1e9], new_values=SLOPES[1])
    two = reclassify(levels, bins=[*LEVELS[0], 1e9], new_values=LEVELS[1])
    return float(np.nanmean((WEIGHTS[0] * one + WEIGHTS[1] * two).values[::50, ::50]))


def zones_file(side: int) -> Runs:
    """Count and mean of 10 k parcels, raster read from its file."""
    file, parcels = heights(side), data.parcels("10k" if side >= 10_000 else "tiny")

    def window(rows: slice) -> Any:
        with rasterio.open(file) as source:
            values = source.read(1, window=Window(0, rows.start, side, rows.stop - rows.start))
        place = (CELL, 0, data.ORIGIN[0], 0, -CELL, data.ORIGIN[1] + (side - rows.start) * CELL)
        return zonal_centre(Grid.of(values, place, data.CRS), parcels.geometry)

    def ours() -> float:
        return float(np.nanmean(merged(parallel.run(window, parallel.slices(side, chunk=1024))).mean))

    return {"ours": ours, "exactextract raster-sequential": lambda: _exactextract(file, parcels, "raster-sequential")}


def zones_memory(side: int) -> Runs:
    """Count and mean of 10 k parcels, raster in memory."""
    terrain, parcels = grid(side), data.parcels("10k" if side >= 10_000 else "tiny")
    return {
        "ours": lambda: float(np.nanmean(zonal_centre(terrain, parcels.geometry).mean)),
        "exactextract (zonal_exact)": lambda: float(np.nanmean(zonal_exact(terrain, parcels.geometry).mean)),
    }


def _exactextract(source: Any, parcels: Any, strategy: str) -> float:
    from exactextract import exact_extract

    table = exact_extract(str(source), parcels, ["mean", "count"], output="pandas", strategy=strategy)
    return float(table["mean"].mean())


def _high(side: int) -> Any:
    z = grid(side).values
    return z > np.float32(np.percentile(z[::20, ::20], 60))


def distances(side: int) -> Runs:
    """Distance to the nearest high cell."""
    high = _high(side)
    return {
        "ours": lambda: float(distance(high).sum(dtype="f8")),
        "scipy.ndimage": lambda: float(ndimage.distance_transform_edt(~high).sum()),
    }


def patches(side: int) -> Runs:
    """High cells in patches of at least 50."""
    high = _high(side)

    def scipy() -> int:
        labels, _ = ndimage.label(high)
        keep = np.bincount(labels.ravel()) >= 50
        keep[0] = False
        return int(keep[labels].sum())

    return {"ours": lambda: int(patch_filter(high, 50).sum()), "scipy.ndimage": scipy}


CASES: dict[str, Callable[[int], Runs]] = {
    "slope + classes + overlay": criteria,
    "slope": terrain_only,
    "zones, centres, from file": zones_file,
    "zones, centres, from memory": zones_memory,
    "distance": distances,
    "patches": patches,
}


def run(side: int = 10_000, runs: int = 5, only: list[str] | None = None) -> list[dict[str, Any]]:
    """One row per case and peer: medians of alternated runs, peak memory above the input in fresh processes."""
    rows = []
    for name in only or CASES:
        timed = CASES[name](side)
        answers = {who: call() for who, call in timed.items()}  # warm, and seen to agree
        seconds: dict[str, list[float]] = {who: [] for who in timed}
        for _ in range(runs):
            for who, call in timed.items():
                start = time.perf_counter()
                call()
                seconds[who].append(time.perf_counter() - start)
        del timed
        memory = {who: _peak(name, who, side) for who in answers}
        ours = float(np.median(seconds["ours"]))
        for who in [each for each in answers if each != "ours"]:
            theirs = float(np.median(seconds[who]))
            rows.append(
                {"name": name, "size": side, "ours_s": ours, "peer": who, "peer_s": theirs, "ratio": theirs / ours}
                | {"ours_rss_mb": memory["ours"], "peer_rss_mb": memory[who], "runs": runs}
                | {"ours_all": seconds["ours"], "peer_all": seconds[who], "answers": (answers["ours"], answers[who])}
            )
    return rows


def _peak(name: str, who: str, side: int) -> float:
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(_peak_here, (name, who, side, list(sys.path)))


def _peak_here(name: str, who: str, side: int, path: list[str]) -> float:
    sys.path[:] = path
    call = CASES[name](side)[who]
    Path("/proc/self/clear_refs").write_text("5", "ascii")  # Linux: the peak starts anew
    before = _status("VmRSS")
    call()
    return (_status("VmHWM") - before) / 1024


def _status(field: str) -> float:
    lines = Path("/proc/self/status").read_text("utf-8").splitlines()
    return next(float(line.split()[1]) for line in lines if line.startswith(field))


def main() -> None:
    """The table on the terminal."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--side", type=int, default=10_000)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--only", nargs="*", choices=list(CASES))
    asked = parser.parse_args()
    warnings.simplefilter("ignore")
    for each in run(asked.side, asked.runs, asked.only):
        spread = [f"{min(each[key]):.2f}–{max(each[key]):.2f}" for key in ("ours_all", "peer_all")]
        print(
            f"{each['name']} | {each['ours_s']:.2f} s ({spread[0]}) +{each['ours_rss_mb']:.0f} MB | {each['peer']} "
            f"{each['peer_s']:.2f} s ({spread[1]}) +{each['peer_rss_mb']:.0f} MB | {each['ratio']:.1f}× | {each['answers']}"
        )


if __name__ == "__main__":
    main()
