"""From lists of boundary points (界址点) to areas: rings by their number, closed or not, holes by what lies in what."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import shapely

from gis.errors import ReadError
from gis.i18n import Text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

__all__ = [
    "MAX_POINTS",
    "MAX_RINGS",
    "Draft",
    "Faults",
    "Point",
    "areas_of",
    "drawn",
    "number",
    "plain_cells",
    "too_many",
]

MAX_POINTS: Final = 1_000_000
"""Boundary points of one site; a province's motorway has some ten thousand."""
MAX_RINGS: Final = 5_000
_LARGEST: Final = 1e10
_NUMBER: Final = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Point:
    """A boundary point: line of the file, number of its ring (圈号), and its numbers, easting or longitude first."""

    line: int
    ring: str
    east: float
    north: float


@dataclass(slots=True)
class Draft:
    """A parcel as its lines say, from `line` on; `count` is how many points it states, None where it states none."""

    line: int
    parcel: str = ""
    name: str = ""
    use: str = ""
    class_code: str = ""
    stated_ha: float = float("nan")
    is_line: bool = False
    count: int | None = None
    points: list[Point] = field(default_factory=list)


@dataclass(slots=True)
class Faults:
    """The faults of the lines of one file, gathered so that it is mended in one go."""

    where: str
    unit: Text = Text("行", "line")  # noqa: RUF009 - a frozen value
    listed: list[Text] = field(default_factory=list)
    most: int = 20

    def add(self, line: int, zh: str, en: str) -> None:
        """One fault; after `most` of them the rest is not looked at.

        Raises: ReadError with all, where there are too many.
        """
        self.listed.append(
            Text(f"文件 {self.where} 第 {line} {self.unit.zh}：{zh}", f"File {self.where}, {self.unit.en} {line}: {en}")
        )
        if len(self.listed) >= self.most:
            self.stop()

    def stop(self) -> None:
        """Nothing, if there is no fault.

        Raises: ReadError with all of them.
        """
        if self.listed:
            raise ReadError.of(self.listed)


def number(text: str) -> float | None:
    """The plain decimal number that a text is; None for all else: empty, words, NaN, infinite, or too large for a coordinate.

    Example:
        >>> number(" 39500000.125 "), number("nan"), number("1_0"), number("１２.5")
        (39500000.125, None, None, 12.5)
    """
    plain = text.strip() if text.isascii() else unicodedata.normalize("NFKC", text).strip()
    if len(plain) > 40 or not _NUMBER.fullmatch(plain):
        return None
    value = float(plain)
    return value if abs(value) < _LARGEST else None


@dataclass(slots=True)
class _Ring:
    line: int
    label: str
    xy: list[tuple[float, float]]
    closed: bool = False


def drawn(draft: Draft, faults: Faults) -> tuple[Any, int]:
    """The polygon, multipolygon or line of a parcel, and how many of its rings were left open in the file.

    A ring ends where its first point comes again, or where the number of the ring changes; a ring inside another is a hole, one
    inside a hole an island, others are parts. Vertices keep their order and numbers. None if the parcel has faults, which
    are added to `faults`: a ring of fewer than three places, a ring number that comes again, another count of points than stated.
    """
    found = _rings(draft, faults)
    before = len(faults.listed)
    _count_agrees(draft, found, faults)
    least = 2 if draft.is_line else 3
    for each in found:
        if len(set(each.xy)) < least:
            faults.add(
                each.line,
                f"地块 {draft.parcel or '—'} 第 {each.label} 圈只有 {len(set(each.xy))} 个不同的点，不能构成图形。请补全界址点。",
                f"ring {each.label} of parcel {draft.parcel or '—'} has {len(set(each.xy))} distinct points, too few for a shape. "
                "Add the missing points.",
            )
    if not found:
        faults.add(
            draft.line,
            f"地块 {draft.parcel or '—'} 没有界址点。请补全坐标，或删去该地块。",
            f"parcel {draft.parcel or '—'} has no points. Add its coordinates, or delete the parcel.",
        )
    if len(found) > MAX_RINGS:
        faults.add(
            draft.line,
            f"地块 {draft.parcel or '—'} 有 {len(found)} 个圈，超过 {MAX_RINGS} 个。请拆分地块。",
            f"parcel {draft.parcel or '—'} has {len(found)} rings, more than {MAX_RINGS}. Divide the parcel.",
        )
    if len(faults.listed) > before:
        return None, 0
    if draft.is_line:
        lines = [shapely.LineString(each.xy) for each in found]
        return (lines[0] if len(lines) == 1 else shapely.MultiLineString(lines)), 0
    return areas_of([each.xy for each in found]), sum(not each.closed for each in found)


def _rings(draft: Draft, faults: Faults) -> list[_Ring]:
    """The rings in their order; one that comes back to its first point is closed, and what follows is another."""
    found: list[_Ring] = []
    done: set[str] = set()
    for each in draft.points:
        place, last = (each.east, each.north), found[-1] if found else None
        if last is None or each.ring != last.label:
            if each.ring in done:
                faults.add(
                    each.line,
                    f"第 {each.ring} 圈在其他圈之后再次出现。请把同一圈的点排在一起，或改正圈号。",
                    f"ring {each.ring} comes again after another ring. Put the points of a ring together, or mend the ring number.",
                )
            done.add(each.ring)
            found.append(_Ring(each.line, each.ring, [place]))
        elif last.closed and not draft.is_line:
            found.append(_Ring(each.line, each.ring, [place]))
        else:
            last.xy.append(place)
            last.closed = place == last.xy[0] and len(last.xy) > 3
    return found


def _count_agrees(draft: Draft, found: list[_Ring], faults: Faults) -> None:
    """Points are counted with or without the one that closes a ring, written or not."""
    written, closed = len(draft.points), sum(each.closed for each in found)
    if draft.count is not None and draft.count not in {written, written - closed, written - closed + len(found)}:
        faults.add(
            draft.line,
            f"地块 {draft.parcel or '—'} 写明 {draft.count} 个界址点，实有 {written} 个。请核对是否漏行或多行。",
            f"parcel {draft.parcel or '—'} states {draft.count} points and has {written}. See whether lines are missing or too many.",
        )


def areas_of(rings: list[Any]) -> Any:
    """The polygon or multipolygon of some rings: one inside an even number of others is a shell, else a hole of the smallest.

    Rings are lists of (east, north), closed or not. Vertices and their order stay; nothing is repaired.

    Example:
        >>> areas_of([[(0, 0), (9, 0), (9, 9), (0, 9)], [(1, 1), (2, 1), (2, 2)]]).area
        80.5
    """
    made = np.array([shapely.Polygon(np.asarray(each, float)) for each in rings], dtype=object)
    if len(made) == 1:
        return made[0]
    parent = _parents(made)
    depth = np.zeros(len(made), np.int64)
    for each in np.argsort(-shapely.area(made), kind="stable"):  # a ring's parent is larger, so it comes before
        depth[each] = depth[parent[each]] + 1 if parent[each] >= 0 else 0
    polygons = [
        shapely.Polygon(
            made[shell].exterior,
            [made[hole].exterior for hole in np.flatnonzero((parent == shell) & (depth % 2 == 1))],
        )
        for shell in np.flatnonzero(depth % 2 == 0)
    ]
    return polygons[0] if len(polygons) == 1 else shapely.MultiPolygon(polygons)


def _parents(rings: NDArray[np.object_]) -> NDArray[np.int64]:
    """For each ring the smallest of those that hold a point in it and are larger; −1 for none."""
    area = shapely.area(rings)
    outer, inner = shapely.STRtree(shapely.point_on_surface(rings)).query(rings, predicate="contains")
    held = area[outer] > area[inner]
    outer, inner = outer[held], inner[held]
    order = np.lexsort((area[outer], inner))
    first, at = np.unique(inner[order], return_index=True)
    parent = np.full(len(rings), -1, np.int64)
    parent[first] = outer[order][at]
    return parent


def too_many(count: int, where: str) -> None:
    """Nothing, if a site may have so many points.

    Raises: ReadError if it may not.
    """
    if count > MAX_POINTS:
        raise ReadError(
            f"文件 {where} 的界址点超过 {MAX_POINTS} 个，不是一个项目的用地范围。请只保留本项目的地块。",
            f"File {where} has more than {MAX_POINTS} points, which is no site. Keep the parcels of the project only.",
        )


def plain_cells(cells: Iterable[str]) -> list[str]:
    """Cells without blanks around them, full-width ones too."""
    return [each.strip(" \t　\ufeff\xa0") for each in cells]
