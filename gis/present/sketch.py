"""A small plan drawn in characters, for a terminal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import shapely

from gis.i18n import Text
from gis.model.layers import layer_title

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from gis.i18n import Language
    from gis.model.plan import Plan

__all__ = ["sketch"]

_WIDE: Final = 48
_HIGH: Final = 12
_LEAST: Final = (12, 6)
"""Columns and rows of a sketch, at most and at least."""


def sketch(plan: Plan, language: Language = "zh") -> str:
    """A drawn plan in at most 48 × 12 characters, about to scale, with a key and its extent in metres below.

    Every layer has a letter: capitals are outlines, lines and points (in turn where layers share a line), small letters
    lie inside, `#` is ground that two features cover; ids stand in the middle. What is thinner than a character is drawn one character wide; below 2 mm
    it is left out. A plan without geometry is one line that says so.

    Example:
        >>> from gis.model.drawn import drawn
        >>> print(sketch(drawn({"county": [[0, 0, 1200, 400]], "park": [[900, 0, 1500, 400]]}), "en"))
        AAAAAAAAAAAAAAAAAAAAAAAAAAAAABABABABABBBBBBBBBBB
        A a a a a a a a a a a a a a aB#######Ab b b b bB
        A a a a a a a a a a a a a a aB#######Ab b b b bB
        A a a a a a a 0 a a a a a a aB#######Ab b b0b bB
        A a a a a a a a a a a a a a aB#######Ab b b b bB
        AAAAAAAAAAAAAAAAAAAAAAAAAAAAAABABABABABBBBBBBBBB
        A county-level unit  B development park  # overlap. extent 1500 × 400 m
    """
    letters = {layer: chr(ord("A") + n % 26) for n, layer in enumerate(plan)}
    drawn_ones = [
        (letters[layer], str(id_), shape)
        for layer in plan
        for id_, shape in plan[layer].geometry.make_valid().items()
        if shape is not None and not shape.is_empty
    ]
    if not drawn_ones:
        return Text("（没有图形）", "(nothing is drawn)").render(language)
    shapes = np.array([shape for _, _, shape in drawn_ones], dtype=object)
    canvas = _Canvas.around(shapes)
    _paint(canvas, shapes, [letter for letter, _, _ in drawn_ones])
    _label(canvas, shapes, [id_ for _, id_, _ in drawn_ones])
    stop = "。" if language == "zh" else ". "
    names = [f"{letter} {layer_title(layer).render(language)}" for layer, letter in letters.items()]
    if "#" in "".join(map("".join, canvas.rows)):
        names.append(Text("# 重叠", "# overlap").render(language))
    extent = Text("范围 {wide} × {high} 米", "extent {wide} × {high} m").render(language)
    size = extent.format(wide=f"{canvas.extent[0]:.10g}", high=f"{canvas.extent[1]:.10g}")
    return "\n".join([*("".join(row).rstrip() for row in canvas.rows), "  ".join(names) + stop + size])


@dataclass(frozen=True)
class _Canvas:
    """Cells of characters over a piece of ground: twice as high as wide, unless the ground is very long or very thin."""

    west: float
    north: float
    extent: tuple[float, float]
    rows: list[list[str]]

    @classmethod
    def around(cls, shapes: NDArray[np.object_]) -> _Canvas:
        west, south, east, north = (float(each) for each in shapely.total_bounds(shapes))
        width, height = east - west, north - south
        cell = max(width / _WIDE, height / _HIGH / 2) or 1.0
        columns = int(np.clip(round(width / cell), _LEAST[0], _WIDE))
        rows = int(np.clip(round(height / cell / 2), _LEAST[1], _HIGH))
        return cls(west, north, (width, height), [[" "] * columns for _ in range(rows)])

    @property
    def step(self) -> tuple[float, float]:
        """Width and height of a cell in metres; ground that is a thousand times longer than wide is taken to be wider."""
        least = max(*self.extent, 1e-6) / 1000
        return max(self.extent[0], least) / len(self.rows[0]), max(self.extent[1], least) / len(self.rows)

    def inside(self, shape: Any) -> NDArray[np.bool_]:
        """The cells (rows × columns) whose centres lie in `shape`."""
        dx, dy = self.step
        x = self.west + dx * (np.arange(len(self.rows[0])) + 0.5)
        y = self.north - dy * (np.arange(len(self.rows)) + 0.5)
        return np.asarray(shapely.contains_xy(shape, *np.meshgrid(x, y)))

    def touched(self, shape: Any) -> NDArray[np.bool_]:
        """The cells that the lines and points of `shape` run through."""
        dx, dy = self.step
        cells = np.zeros((len(self.rows), len(self.rows[0])), dtype=bool)
        for x, y in shapely.get_coordinates(shapely.segmentize(shape, min(dx, dy) / 2)):
            cells[self.cell(x, y)] = True
        return cells

    def cell(self, x: float, y: float) -> tuple[int, int]:
        """The row and column of a place, those at the rim counted to the last."""
        dx, dy = self.step
        row, column = int((self.north - y) / dy), int((x - self.west) / dx)
        return min(max(row, 0), len(self.rows) - 1), min(max(column, 0), len(self.rows[0]) - 1)

    def put(self, cells: NDArray[np.bool_], letter: str) -> None:
        """Write `letter` into `cells`."""
        for row, column in np.argwhere(cells):
            self.rows[row][column] = letter


def _paint(canvas: _Canvas, shapes: NDArray[np.object_], letters: Sequence[str]) -> None:
    """Fill, then overlaps, then outlines, then the pieces too thin to hold the middle of a cell."""
    inside = [canvas.inside(each) for each in shapes]
    every_second = np.add.outer(np.zeros(len(canvas.rows), int), np.arange(len(canvas.rows[0]))) % 2 == 0
    for cells, letter in zip(inside, letters, strict=True):
        canvas.put(cells & every_second, letter.lower())
    canvas.put(np.sum(inside, axis=0) > 1, "#")
    _outline(canvas, shapes, inside, letters)
    for n, (shape, letter) in enumerate(zip(shapes, letters, strict=True)):
        rest = shapely.difference(shape, shapely.union_all(np.delete(shapes, n)))
        for piece in _pieces(shape if shape.area == 0 else rest):
            if not canvas.inside(piece).any():
                canvas.put(canvas.touched(piece), letter)
        for other in shapes[n + 1 :]:
            for piece in _pieces(shapely.intersection(shape, other)):
                cells = canvas.inside(piece)
                cells = cells if cells.any() else canvas.touched(piece)
                if piece.area > 0 and not any(canvas.rows[row][column] == "#" for row, column in np.argwhere(cells)):
                    canvas.put(cells, "#")


def _outline(
    canvas: _Canvas, shapes: NDArray[np.object_], inside: Sequence[NDArray[np.bool_]], letters: Sequence[str]
) -> None:
    """The rim of every feature, and its spikes; layers that share a cell take turns, so that all of them are seen."""
    rims: dict[str, NDArray[np.bool_]] = {}
    for shape, cells, letter in zip(shapes, inside, letters, strict=True):
        spikes = canvas.touched(shape) & ~_near(cells) if cells.any() else np.zeros_like(cells)
        rims[letter] = rims.get(letter, np.zeros_like(cells)) | (cells & ~_core(cells)) | spikes
    for row, column in np.argwhere(np.any(list(rims.values()), axis=0)):
        here = [letter for letter, rim in rims.items() if rim[row, column]]
        canvas.rows[row][column] = here[(row + column) % len(here)]


def _near(cells: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """`cells` and the eight neighbours of each."""
    wide = np.pad(cells, 1)
    tall = wide[:-2] | wide[1:-1] | wide[2:]
    return tall[:, :-2] | tall[:, 1:-1] | tall[:, 2:]


def _core(cells: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The cells whose four neighbours are all in `cells`."""
    wide = np.pad(cells, 1)
    return wide[:-2, 1:-1] & wide[2:, 1:-1] & wide[1:-1, :-2] & wide[1:-1, 2:]


def _pieces(shape: Any) -> list[Any]:
    """The parts of a shape, less polygons thinner than 2 mm."""
    parts = shapely.get_parts(shape, return_index=False)
    return [each for each in parts if each.geom_type != "Polygon" or not each.buffer(-0.001).is_empty]


def _label(canvas: _Canvas, shapes: NDArray[np.object_], ids: Sequence[str]) -> None:
    """Each id in the middle of its feature, or of what it covers alone; beside what is small; never on another id."""
    taken: set[tuple[int, int]] = set()
    for n, (shape, id_) in enumerate(zip(shapes, ids, strict=True)):
        alone = shapely.difference(shape, shapely.union_all(np.delete(shapes, n)))
        row, column = canvas.cell(*_middle(alone if alone.area > shape.area / 10 else shape))
        small = np.ptp(shapely.bounds(shape)[[0, 2]]) < canvas.step[0] * (len(id_) + 2)
        column += 1 if small else -(len(id_) // 2)
        column = min(max(column, 0), max(len(canvas.rows[0]) - len(id_), 0))
        for _, near in sorted((abs(each - row), each) for each in range(len(canvas.rows))):
            if not taken & {(near, column + k) for k in range(-1, len(id_) + 1)}:
                row = near
                break
        taken |= {(row, column + k) for k in range(len(id_))}
        canvas.rows[row][column : column + len(id_)] = id_


def _middle(shape: Any) -> tuple[float, float]:
    """The centroid, or a point on the shape where the centroid lies outside it."""
    place = shapely.centroid(shape)
    if not shapely.intersects(shape, place):
        place = shapely.point_on_surface(shape)
    return place.x, place.y
