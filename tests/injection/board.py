"""The board on which faults are planted: what may be altered at random, and where there is room for it.

Nothing here calls our own kernels: areas are those of `pyproj.Geod`, places are plain shapely. A fault is kept as the
alterations it makes, so that any subset of the faults can be planted again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.affinity import rotate

from gis.demo.drafting import geodesic_m2
from gis.model.plan import Plan

Cause = tuple[str, str]
Keep = Callable[[gpd.GeoDataFrame], Any]
APART_M: Final = 20.0
TRIES: Final = 400


class NoRoom(Exception):  # noqa: N818 - it is a statement, not a fault
    """The plan has no place left for this fault."""


@dataclass(frozen=True)
class Fault:
    """A planted fault: its family and injector, what it alters, and every (rule, feature) it causes; none for a near miss.

    cells   (layer, id, values): fields of a feature that are set
    rows    (layer, values): features that are added
    whole   functions from plan to plan: targets, tables, systems, fields
    """

    family: str
    name: str
    causes: frozenset[Cause]
    cells: tuple[tuple[str, str, dict[str, Any]], ...]
    rows: tuple[tuple[str, dict[str, Any]], ...]
    whole: tuple[Callable[[Plan], Plan], ...]

    @property
    def features(self) -> frozenset[str]:
        """The features that the fault names or alters, and those of its new rows."""
        altered = {id_ for _, id_, _ in self.cells} | {str(row["feature_id"]) for _, row in self.rows}
        return frozenset(altered | {feature for _, feature in self.causes})


@dataclass
class Board:
    """A clean plan, a random generator, and what earlier faults have taken."""

    plan: Plan
    rng: np.random.Generator
    claimed: set[tuple[str, str]] = field(default_factory=set)
    used: list[Any] = field(default_factory=list)
    cells: list[tuple[str, str, dict[str, Any]]] = field(default_factory=list)
    rows: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    whole: list[Callable[[Plan], Plan]] = field(default_factory=list)
    serial: int = 90_000_000
    trees: dict[str, tuple[shapely.STRtree, Any]] = field(default_factory=dict)

    def planted(self, family: str, injector: Callable[[Board], set[Cause]]) -> Fault | None:
        """The fault of an injector, or None where there is no room for it."""
        try:
            causes = frozenset(injector(self))
            return Fault(family, injector.__name__, causes, tuple(self.cells), tuple(self.rows), tuple(self.whole))
        except NoRoom:
            return None
        finally:
            self.cells, self.rows, self.whole = [], [], []

    # --- what is there

    def __getitem__(self, layer: str) -> gpd.GeoDataFrame:
        if layer not in self.plan:
            raise NoRoom(layer)
        return self.plan[layer]

    def value(self, layer: str, id_: str, name: str) -> Any:
        return self[layer].at[id_, name]

    def tree(self, layer: str) -> tuple[shapely.STRtree, Any]:
        if layer not in self.trees:
            shapes = self[layer].geometry.to_numpy()
            shapely.prepare(shapes)
            self.trees[layer] = (shapely.STRtree(shapes), self[layer].index.to_numpy())
        return self.trees[layer]

    def clear(self, ground: Any, layers: tuple[str, ...], gap_m: float = 5.0) -> bool:
        """Whether no feature of these layers is within `gap_m`."""
        return bool(self.clear_of(np.array([ground]), layers, gap_m)[0])

    def clear_of(self, grounds: Any, layers: tuple[str, ...], gap_m: float) -> Any:
        """The same of many shapes."""
        clear = np.ones(len(grounds), dtype=bool)
        for each in layers:
            if each in self.plan:
                clear[self.tree(each)[0].query(grounds, "dwithin", distance=gap_m)[0]] = False
        return clear

    def holder(self, layer: str, ground: Any) -> str:
        """The one feature of a layer that covers the ground."""
        tree, ids = self.tree(layer)
        found = tree.query(ground, "covered_by")
        if len(found) != 1:
            raise NoRoom(layer)
        return str(ids[found[0]])

    def free(self, ground: Any) -> bool:
        """Whether no other fault is near."""
        return not self.used or float(np.min(shapely.distance(np.array(self.used), ground))) > APART_M

    # --- at random

    def pick(self, *choices: Any) -> Any:
        return choices[int(self.rng.integers(len(choices)))]

    def size(self, least: float, most: float) -> float:
        """A length, small ones as likely as large ones; to 0.1 mm."""
        return round(float(np.exp(self.rng.uniform(np.log(least), np.log(most)))), 4)

    def claim(self, layer: str, id_: str) -> None:
        """Take a feature, that no other fault may name."""
        if (layer, id_) in self.claimed:
            raise NoRoom(id_)
        self.claimed.add((layer, id_))

    def feature(self, layer: str, keep: Keep | None = None) -> str:
        """A feature that no fault has taken, and that `keep` chooses; it is taken."""
        frame = self[layer]
        where = np.ones(len(frame), dtype=bool) if keep is None else np.asarray(keep(frame), dtype=bool)
        ids = frame.index[where]
        for at in self.rng.permutation(len(ids))[:TRIES]:
            if (layer, str(ids[at])) not in self.claimed and self.free(frame.geometry[ids[at]].envelope):
                self.claim(layer, str(ids[at]))
                self.used.append(frame.geometry[ids[at]].envelope)
                return str(ids[at])
        raise NoRoom(layer)

    def record(self, layer: str, keep: Keep | None = None) -> str:
        """The same for a fault in the record alone, which needs no room on the ground."""
        frame = self[layer]
        where = np.ones(len(frame), dtype=bool) if keep is None else np.asarray(keep(frame), dtype=bool)
        ids = [str(each) for each in frame.index[where] if (layer, str(each)) not in self.claimed]
        if not ids:
            raise NoRoom(layer)
        self.claim(layer, id_ := self.pick(*ids))
        return str(id_)

    def square(
        self,
        layer: str,
        keep: Keep,
        size_m: float,
        away: tuple[str, ...] = (),
        *,
        gap_m: float = 5.0,
        own: bool = False,
    ) -> tuple[str, Any]:
        """A turned square well inside one of the chosen features, with that feature; `own`: the feature is taken too."""
        frame = self[layer]
        chosen = np.flatnonzero(np.asarray(keep(frame), dtype=bool) & (frame.geometry.area > 2 * size_m**2).to_numpy())
        if own:
            chosen = np.array([n for n in chosen if (layer, str(frame.index[n])) not in self.claimed], dtype=int)
        if not len(chosen):
            raise NoRoom(layer)
        area = frame.geometry.area.to_numpy()[chosen]
        for at in self.rng.choice(chosen, TRIES, p=area / area.sum()):
            host = frame.geometry.iloc[at]
            x0, y0, x1, y1 = host.bounds
            x, y = np.round([self.rng.uniform(x0, x1), self.rng.uniform(y0, y1)], 2)
            half = round(size_m / 2, 4)
            square = shapely.box(x - half, y - half, x + half, y + half)
            square = shapely.set_precision(rotate(square, float(self.rng.uniform(0, 90))), 0) if size_m > 5 else square
            if host.covers(square.buffer(2.0)) and self.free(square) and self.clear(square, away, gap_m):
                if own:
                    self.claim(layer, str(frame.index[at]))
                self.used.append(square.envelope)
                return str(frame.index[at]), square
        raise NoRoom(layer)

    def lip(self, layer: str, *, inwards: bool, beyond_m: float, away: tuple[str, ...], where: Keep) -> tuple[str, Any]:
        """A block on a straight edge of a feature, on its inner or outer side, that goes beyond the edge by `beyond_m`.

        The block shares both ends of the edge; between them it has one more vertex, beyond the edge.
        """
        frame = self[layer][np.asarray(where(self[layer]), dtype=bool)]
        rings = [(str(id_), part) for id_, shape in frame.geometry.items() for part in shapely.get_parts(shape)]
        for at in self.rng.integers(len(rings), size=TRIES) if rings else ():
            id_, part = rings[at]
            xy = shapely.get_coordinates(shapely.orient_polygons(part).exterior)
            step = np.diff(xy, axis=0)
            length = np.hypot(*step.T)
            long = np.flatnonzero((length > 25) & (length < 400))
            if not len(long):
                continue
            n = int(self.rng.choice(long))
            out = np.array([step[n, 1], -step[n, 0]]) / length[n]
            side = -out if inwards else out
            ends, depth = xy[[n, n + 1]], float(self.rng.uniform(15, 40))
            along = step[n] / length[n] * 2.0
            foot = [ends[1] + side * depth - along, ends[0] + side * depth + along]
            plain = shapely.Polygon([*ends, *foot])
            block = shapely.Polygon([ends[0], ends.mean(axis=0) - side * beyond_m, ends[1], *foot])
            overlap = shapely.area(shapely.intersection(plain, part))
            fits = abs(overlap - shapely.area(plain)) < 1e-6 if inwards else overlap < 1e-6
            if fits and self.free(block) and self.clear(block, away) and (inwards or self.apart(layer, plain)):
                self.used.append(block.envelope)
                return id_, block
        raise NoRoom(layer)

    def apart(self, layer: str, ground: Any) -> bool:
        """Whether the ground shares no more than its edge with the features of a layer."""
        tree, _ = self.tree(layer)
        near = tree.geometries[tree.query(ground, "intersects")]
        return float(shapely.area(shapely.intersection(near, ground)).sum()) < 1e-6

    # --- alterations

    def set(self, layer: str, id_: str, **values: Any) -> None:
        self.cells.append((layer, id_, values))

    def redraw(self, layer: str, id_: str, shape: Any) -> None:
        """Another shape, with the area that goes with it."""
        values = {"geometry": shape}
        if "area_m2" in self[layer]:
            values["area_m2"] = geodesic_m2(shape, self.plan.crs)
        self.set(layer, id_, **values)

    def add(self, layer: str, shape: Any, like: str = "", **values: Any) -> str:
        """The id of a new feature, otherwise as `like` (any feature), stating its own area."""
        frame = self[layer]
        model = frame.loc[like] if like else frame.iloc[int(self.rng.integers(len(frame)))]
        self.serial += 1
        id_ = f"{str(frame['feature_id'].iloc[0])[:10]}{self.serial:08d}"
        row = {**model.to_dict(), "feature_id": id_, "geometry": shape}
        if "area_m2" in row and shape is not None:
            row["area_m2"] = geodesic_m2(shape, self.plan.crs) if shape.geom_type == "Polygon" else float("nan")
        self.rows.append((layer, {**row, **values}))
        return id_

    def alter(self, change: Callable[[Plan], Plan]) -> None:
        """Alter the plan as a whole: a target, a table, a field, a system."""
        self.whole.append(change)


def with_faults(plan: Plan, faults: tuple[Fault, ...]) -> Plan:
    """The plan with these faults."""
    cells: dict[str, list[tuple[str, dict[str, Any]]]] = {}
    rows: dict[str, list[dict[str, Any]]] = {}
    for each in faults:
        for layer, id_, values in each.cells:
            cells.setdefault(layer, []).append((id_, values))
        for layer, row in each.rows:
            rows.setdefault(layer, []).append(row)
    for layer in cells.keys() | rows.keys():
        frame = plan[layer].copy()
        for id_, values in cells.get(layer, []):
            for name, value in values.items():
                frame.at[id_, name] = value
        if layer in rows:
            more = gpd.GeoDataFrame(rows[layer], geometry="geometry", crs=frame.crs)[list(frame.columns)]
            more = more.astype({name: kind for name, kind in frame.dtypes.items() if name != "geometry"})
            frame = pd.concat([frame, more])
        frame = frame.reset_index(drop=True)
        frame.index.name = None
        plan = plan.with_layer(layer, frame, plan.source(layer))
    for each in faults:
        for change in each.whole:
            plan = change(plan)
    return plan
