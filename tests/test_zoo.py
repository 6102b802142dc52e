"""Every kernel on arrays of geometries meets every specimen of the zoo.

What it gives is what its docstring says, or it refuses with an error of ours that names the feature; never an error of
another package, and never a warning. The specimen is the second feature, so that numbers that slip show.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import shapely
import zoo
from zoo import CRS, array, box

import gis.geometry
from gis.errors import AnalysisError
from gis.geometry import (
    area,
    coverage,
    distance,
    edge_pairs,
    flat,
    lines,
    locate,
    matching,
    overlay,
    placement,
    raster_zonal,
    reproject,
    shape,
    validity,
)
from gis.grid import Grid

if TYPE_CHECKING:
    from collections.abc import Callable

SPECIMENS = zoo.specimens()
FIRST = box(5000, 5000, 5100, 5100)
"""10 000 m² far from all but the country; in front of every specimen."""
POLYGONAL = (3, 6)
GRID = Grid.of(np.ones((20, 20)), (10, 0, zoo.X - 50, 0, -10, zoo.Y + 150), CRS)


# what a specimen is, asked of plain shapely


def opened(geometry: Any) -> list[Any]:
    """All single geometries that are not empty."""
    if geometry is None or geometry.is_empty:
        return []
    several = hasattr(geometry, "geoms")
    return [one for each in geometry.geoms for one in opened(each)] if several else [geometry]


def polygons(geometry: Any) -> list[Any]:
    return [each for each in opened(geometry) if each.geom_type == "Polygon"]


def finite(geometry: Any) -> bool:
    return bool(np.isfinite(shapely.get_coordinates(geometry)).all())


def invalid(geometry: Any) -> bool:
    return not shapely.MultiPolygon(polygons(geometry)).is_valid


def infinite(geometry: Any) -> bool:
    return not finite(geometry)


def never(geometry: Any) -> bool:
    return False


def drawn_as_polygon(geometry: Any) -> bool:
    return shapely.get_dimensions(geometry) == 2


def several(geometry: Any) -> bool:
    """Of several parts, empty ones too."""
    return invalid(geometry) or len(polygons(geometry)) > 1


# what is stated of a result


def measure(geometry: Any, found: Any, *, nothing: float, zero: float = 0.0) -> None:
    """One number per feature: NaN for None and what is not finite, `nothing` for no polygons, `zero` for no area."""
    assert found.dtype == float
    assert found.shape == (2,)
    assert 0 < found[0] < np.inf
    if geometry is None or (polygons(geometry) and not finite(geometry)):
        assert np.isnan(found[1])
    elif not polygons(geometry) or shapely.length(geometry) == 0:
        assert found[1] == nothing or (np.isnan(found[1]) and np.isnan(nothing))
    elif shapely.area(geometry) == 0:
        assert found[1] == pytest.approx(zero, abs=0.01, nan_ok=True)  # a straight edge bends in another system
    else:
        assert 0 < found[1] < np.inf


def length(geometry: Any, found: Any) -> None:
    assert found.shape == (2,)
    thin = [each for each in opened(geometry) if each.geom_type != "Point"]
    if geometry is None or (thin and not finite(geometry)):
        assert np.isnan(found[1])
    else:
        assert (found[1] > 0) == (sum(each.length for each in thin) > 0)


def flags(geometry: Any, found: Any, *, says: Callable[[Any], bool]) -> None:
    assert found.dtype == bool
    assert found[1] == says(geometry)


def there(geometry: Any) -> bool:
    return bool(opened(geometry)) and finite(geometry)


def only_there(geometry: Any, found: Any) -> None:
    """Per feature whether, or in which polygon, it lies: neither for what has no place."""
    assert found.shape == (2,)
    assert there(geometry) or found[1] == (False if found.dtype == bool else -1)


def by_pairs(geometry: Any, found: Any) -> None:
    """Feature numbers in order, and what each pair has: areas, or polygons with an area; no polygons, nothing."""
    i, j, what = found
    assert len(i) == len(j) == len(what)
    assert sorted(zip(i, j, strict=True)) == list(zip(i, j, strict=True))
    assert set(i) | set(j) <= {0, 1}
    size = what if what.dtype == float else shapely.area(what)
    assert (size > 0).all()
    if what.dtype == object:
        assert np.isin(shapely.get_type_id(what), POLYGONAL).all()


def linked(geometry: Any, found: Any) -> None:
    i, j, metres, links = found
    assert len(i) == len(j) == len(metres) == len(links)
    assert set(i) | set(j) <= ({0, 1} if there(geometry) else {0})
    assert (metres >= 0).all()
    assert (shapely.get_type_id(links) == shapely.GeometryType.LINESTRING).all()


def by_feature(geometry: Any, found: Any, *, kinds: tuple[int, ...]) -> None:
    """Feature numbers, and geometry of stated types that is not empty."""
    index, what = found[:2]
    assert index.dtype.kind == "i"
    assert set(index) <= {0, 1}
    assert (np.diff(index) >= 0).all()
    assert all(len(each) == len(index) for each in found)
    assert np.isin(shapely.get_type_id(what), kinds).all()
    assert not shapely.is_empty(what).any()


def counted(geometry: Any, found: Any) -> None:
    assert found.tolist() == [1, len(polygons(geometry))]


def layer(geometry: Any, found: Any) -> None:
    """One polygon or multipolygon per feature, or None."""
    assert found.shape == (2,)
    assert found[0].equals(FIRST)
    expected = sum(each.area for each in polygons(geometry))
    assert found[1] is None or found[1].geom_type in ("Polygon", "MultiPolygon")
    assert shapely.area(array(found[1] or zoo.EMPTY))[0] == pytest.approx(expected, nan_ok=True)


def faces(geometry: Any, found: Any, *, last: int = 1) -> None:
    assert len(found.geometry) == len(found.count) == len(found.members)
    assert (shapely.get_type_id(found.geometry) == shapely.GeometryType.POLYGON).all()
    assert (found.count != 1).all()
    assert all(set(each) <= set(range(last + 1)) for each in found.members)
    assert all(len(who) == count for who, count in zip(found.members, found.count, strict=True) if count)


def reasoned(geometry: Any, found: Any) -> None:
    codes, texts, places = found
    assert texts[1] == validity.FAULTS[codes[1]]
    sound = shapely.get_type_id(geometry) in POLYGONAL and there(geometry) and not invalid(geometry)
    assert (codes[1] == "") == sound
    assert places[1] is None or places[1].geom_type == "Point"


def mended(geometry: Any, found: Any) -> None:
    fit, changed = found
    assert fit[1] is None or (fit[1].is_valid and fit[1].geom_type in ("Polygon", "MultiPolygon"))
    assert (fit[1] is geometry) == (not changed[1])


def moved(geometry: Any, found: Any) -> None:
    """The same type, and a flag for each coordinate of all."""
    out, added = found
    assert len(added) == shapely.get_num_coordinates(out).sum()
    assert shapely.get_type_id(out[1]) == shapely.get_type_id(geometry)
    assert finite(out[1]) == finite(geometry) or out[1].equals(zoo.EMPTY_POINT)


def zones(geometry: Any, found: Any) -> None:
    for each in (found.cells, found.count, found.total, found.minimum, found.maximum):
        assert each.shape == (2,)
    assert found.count[1] == 0 or polygons(geometry)
    assert np.isnan(found.minimum[1]) == (found.count[1] == 0)
    assert not found.cells[1] > 0 or (polygons(geometry) and finite(geometry))


def flattened(geometry: Any, found: Any) -> None:
    assert found.missing.tolist() == [False, geometry is None]
    assert np.diff(found.features)[1] == len(polygons(geometry))
    assert len(found.xy) == found.rings[-1]


def left(geometry: Any, found: Any) -> None:
    assert set(found.feature) <= {0, 1}
    assert (found.length > 0).all()
    assert shapely.length(found.geometry()) == pytest.approx(found.length)


def cleared(geometry: Any, found: Any) -> None:
    """Moves of the first specimen, of which none meets it or a polygon of the other; none out of a wide one."""
    if found is None:
        assert shapely.union_all(polygons(geometry)).covers(FIRST.buffer(500))
        return
    shifts = found[1:] if isinstance(found, tuple) else np.reshape(found, (-1, 2))
    turn = found[0] if isinstance(found, tuple) else 0.0
    for dx, dy in shifts:
        ground = shapely.affinity.translate(shapely.affinity.rotate(FIRST, turn, "centroid"), dx, dy)
        assert all(shapely.intersection(ground, each).area <= 1e-6 for each in (FIRST, *polygons(geometry)))


def tiled(geometry: Any, found: Any) -> None:
    assert len(found.geometry) == len(found.parent) == len(found.kind) == len(found.children)
    assert set(found.kind) <= {matching.GAP, matching.OVERLAP, matching.OUTSIDE}
    assert (shapely.area(found.geometry) > 0).all()


@dataclass(frozen=True)
class Kernel:
    """How a kernel is called with an array of geometries, what is stated of its result, and what it refuses."""

    call: Callable[[np.ndarray], Any]
    stated: Callable[[Any, Any], None]
    refuses: Callable[[Any], bool] = never


SQUARE = array(zoo.SQUARE)
AREA, WIDTH = partial(measure, nothing=0.0), partial(measure, nothing=np.nan)
NO_WIDTH = partial(measure, nothing=np.nan, zero=np.nan)

PIECES, POINTS = partial(by_feature, kinds=POLYGONAL), partial(by_feature, kinds=(0, 4))
DRAWN = partial(by_feature, kinds=(0, 1, 4, 5))


def is_collection(geometry: Any) -> bool:
    return getattr(geometry, "geom_type", "") in ("GeometryCollection", "LinearRing")


def no_polygon(geometry: Any) -> bool:
    return geometry is not None and shapely.get_type_id(geometry) not in POLYGONAL


KERNELS = {
    "area.official": Kernel(lambda g: area.official(g, CRS), AREA),
    "area.official of another system": Kernel(lambda g: area.official(g, "EPSG:3857"), AREA),
    "area.authalic_closed": Kernel(lambda g: area.authalic_closed(g, CRS), AREA),
    "area.edge_true": Kernel(lambda g: area.edge_true(g, CRS), AREA),
    "area.edge_true of another system": Kernel(lambda g: area.edge_true(g, "EPSG:3857"), AREA),
    "area.lengths": Kernel(lambda g: area.lengths(g, CRS), length),
    "coverage.faces": Kernel(coverage.faces, faces, invalid),
    "coverage.faces_of_flat": Kernel(
        lambda g: coverage.faces_of_flat(flat.from_wkb(shapely.to_wkb(validity.checked(g)))), faces, invalid
    ),
    "coverage.faces_within": Kernel(
        lambda g: coverage.faces_within(g, SQUARE, around=10), partial(faces, last=2), invalid
    ),
    "coverage.faces_within as ground": Kernel(lambda g: coverage.faces_within(SQUARE, g, around=10), faces, invalid),
    "distance.dimension": Kernel(lambda g: distance.dimension(g) == 2, partial(flags, says=drawn_as_polygon)),
    "distance.nearer": Kernel(lambda g: distance.nearer(g, SQUARE, 1e4, crs=CRS), linked),
    "distance.nearer of": Kernel(lambda g: distance.nearer(SQUARE, g, 1e4, crs=CRS), linked),
    "edge_pairs.areas": Kernel(lambda g: edge_pairs.areas(validity.repaired(g)[0], SQUARE, crs=CRS), by_pairs),
    "flat.from_wkb": Kernel(lambda g: flat.from_wkb(shapely.to_wkb(g)), flattened, no_polygon),
    "lines.inside": Kernel(lambda g: lines.inside(g, SQUARE), DRAWN),
    "lines.inside as polygons": Kernel(lambda g: lines.inside([zoo.LINE, zoo.POINT], g), DRAWN, invalid),
    "lines.near": Kernel(lambda g: (*lines.near(g, 1e5), np.ones(len(lines.near(g, 1e5)[0]))), by_pairs),
    "locate.placed": Kernel(locate.placed, partial(flags, says=there)),
    "locate.inner_points": Kernel(lambda g: np.where(shapely.is_missing(locate.inner_points(g)), -1, 0), only_there),
    "locate.containing": Kernel(lambda g: locate.containing(g, SQUARE), only_there),
    "locate.containing as polygons": Kernel(
        lambda g: locate.containing(array(None, zoo.POINT), g), lambda _, found: only_there(zoo.POINT, found)
    ),
    "locate.covered": Kernel(lambda g: locate.covered(g, SQUARE), only_there),
    "locate.covered as polygons": Kernel(
        lambda g: locate.covered(array(None, zoo.LINE), g), lambda _, found: only_there(zoo.LINE, found)
    ),
    "matching.unmatched": Kernel(lambda g: matching.unmatched(g, SQUARE), left, infinite),
    "matching.unmatched from": Kernel(lambda g: matching.unmatched(SQUARE, g), left, infinite),
    "matching.unmatched on ground": Kernel(lambda g: matching.unmatched(SQUARE, [zoo.SLIVER], ground=g), left, invalid),
    "matching.tiling": Kernel(lambda g: matching.tiling(g, SQUARE), tiled, invalid),
    "matching.tiling as parents": Kernel(lambda g: matching.tiling(SQUARE, g), tiled, invalid),
    "placement.smallest_shift": Kernel(lambda g: placement.smallest_shift(FIRST, g, reach_m=500), cleared, invalid),
    "placement.rotated_shift": Kernel(
        lambda g: placement.rotated_shift(FIRST, g, reach_m=500, step_deg=90), cleared, invalid
    ),
    "placement.nearest_places": Kernel(
        lambda g: placement.nearest_places(FIRST, g, reach_m=500, step_m=5, most=2), cleared, invalid
    ),
    "overlay.areas": Kernel(lambda g: overlay.areas(g, SQUARE, crs=CRS), by_pairs, invalid),
    "overlay.areas as second": Kernel(lambda g: overlay.areas(SQUARE, g, crs=CRS), by_pairs, invalid),
    "overlay.covered_share": Kernel(
        lambda g: overlay.covered_share(g, [box(-1e4, -1e4, 1e4, 1e4)], crs=CRS), NO_WIDTH, invalid
    ),
    "overlay.covered_share by": Kernel(
        lambda g: overlay.covered_share(array(zoo.SQUARE, None), g, crs=CRS), lambda _, found: None, invalid
    ),
    "overlay.exploded": Kernel(overlay.exploded, PIECES),
    "overlay.measured": Kernel(lambda g: overlay.measured(g, CRS), AREA),
    "overlay.merged": Kernel(
        lambda g: overlay.merged(g)[0],
        lambda g, found: flags(g, found >= 0, says=lambda g: shapely.area(g) > 0),
        several,
    ),
    "overlay.outside": Kernel(lambda g: overlay.outside(g, [zoo.HOLE_FILLER]), PIECES, invalid),
    "overlay.outside of": Kernel(lambda g: overlay.outside(SQUARE, g), PIECES, invalid),
    "overlay.pieces": Kernel(lambda g: overlay.pieces(g, SQUARE), by_pairs, invalid),
    "overlay.pieces as second": Kernel(lambda g: overlay.pieces(SQUARE, g), by_pairs, invalid),
    "overlay.polygonal": Kernel(overlay.polygonal, layer),
    "overlay.within_layer": Kernel(overlay.within_layer, by_pairs, invalid),
    "raster_zonal.zonal_centre": Kernel(lambda g: raster_zonal.zonal_centre(GRID, g), zones),
    "raster_zonal.zonal_exact": Kernel(lambda g: raster_zonal.zonal_exact(GRID, g), zones, invalid),
    "reproject.to_crs": Kernel(lambda g: reproject.to_crs(g, CRS, "EPSG:4490"), moved, is_collection),
    "shape.compactness": Kernel(shape.compactness, WIDTH),
    "shape.crowded": Kernel(lambda g: shape.crowded(g, 0.1), POINTS),
    "shape.holes": Kernel(shape.holes, PIECES),
    "shape.inscribed_width": Kernel(shape.inscribed_width, NO_WIDTH),
    "shape.mean_width": Kernel(shape.mean_width, WIDTH),
    "shape.parts": Kernel(shape.parts, counted),
    "shape.repeated_vertices": Kernel(shape.repeated_vertices, POINTS),
    "shape.short_segments": Kernel(lambda g: shape.short_segments(g, 0.1), POINTS),
    "shape.spikes": Kernel(lambda g: shape.spikes(g, 5.0), POINTS),
    "shape.tip_angles": Kernel(
        lambda g: shape.tip_angles(g, [shapely.Point(zoo.X + 5000, zoo.Y + 5000)] * 2), lambda _, found: None
    ),
    "shape.width": Kernel(lambda g: shape.width(g, at_least=1.0), NO_WIDTH),
    "validity.checked": Kernel(validity.checked, layer, invalid),
    "validity.finite": Kernel(validity.finite, partial(flags, says=finite)),
    "validity.reasons": Kernel(validity.reasons, reasoned),
    "validity.repaired": Kernel(validity.repaired, mended),
}
WITHOUT_GEOMETRIES = {"parallel", "raster_criteria", "raster_patches", "raster_terrain", "shifted_datums"}
OF_OTHER_THINGS = {"area.areal_scale", "flat.from_geoparquet", "reproject.transformed", "raster_zonal.merged"}


@pytest.mark.parametrize("specimen", SPECIMENS)
@pytest.mark.parametrize("name", KERNELS)
def test_a_kernel_does_with_a_specimen_what_it_states(name, specimen):
    kernel, geometry = KERNELS[name], SPECIMENS[specimen]
    given = array(FIRST, geometry)
    before = shapely.to_wkb(given).tolist()
    if kernel.refuses(geometry):
        with pytest.raises(AnalysisError, match=r"[一-鿿](.|\n)*[a-z]"):
            kernel.call(given)
    else:
        kernel.stated(geometry, kernel.call(given))
    assert shapely.to_wkb(given).tolist() == before


@pytest.mark.parametrize("name", KERNELS)
def test_a_kernel_without_features_finds_nothing(name):
    if name == "coverage.faces_within as ground":
        with pytest.raises(AnalysisError, match="no area"):
            KERNELS[name].call(array())
    else:
        KERNELS[name].call(array()[:0] if name != "shape.tip_angles" else array(FIRST, None))


def isfunction(module: Any, name: str) -> bool:
    return inspect.isfunction(getattr(module, name))


def test_every_public_kernel_on_geometries_is_in_the_table():
    modules = {each.name for each in pkgutil.iter_modules(gis.geometry.__path__) if not each.name.startswith("_")}
    loaded = {name: importlib.import_module(f"gis.geometry.{name}") for name in modules - WITHOUT_GEOMETRIES}
    public = {f"{module}.{name}" for module, code in loaded.items() for name in code.__all__ if isfunction(code, name)}
    assert public - OF_OTHER_THINGS == {name.split(" ")[0] for name in KERNELS}
