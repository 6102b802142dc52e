"""A small plan drawn as SVG: its layers in their colours, what a rule finds in red, ids and a scale bar."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import shapely

from gis.geometry.locate import placed
from gis.model.finding import Verdict
from gis.present.style import finding_style, hex_colour, style_of

if TYPE_CHECKING:
    from gis.model.finding import Finding
    from gis.model.plan import Plan
    from gis.present.style import Style

__all__ = ["drawing", "found_swatch", "swatch"]

_WIDE: Final = 560
_HIGH: Final = (90, 300)
_MARGIN: Final = 26
_SMALL: Final = 14
"""In pixels: a place smaller than this gets a ring around it."""
_MOST_IDS: Final = 16


def drawing(plan: Plan, findings: Sequence[Finding] = ()) -> str:
    """The layers of a drawn plan as one SVG element, the places of findings in red; "" where nothing has a place.

    A place that cannot be decided is dashed; one too small to be seen has a ring around it.
    To scale, unless the ground is more than 6 times as long as wide: then the short side is stretched, and a mark says so.

    Example:
        >>> from gis.model.drawn import drawn
        >>> drawing(drawn({"county": [[0, 0, 1200, 400]]})).startswith("<svg")
        True
    """
    shapes = {layer: _placed(frame.geometry.to_numpy()) for layer, frame in plan.items()}
    everything = np.concatenate([np.empty(0, dtype=object), *shapes.values()])
    if not len(everything):
        return ""
    view = _View.around(everything)
    order = sorted(shapes, key=lambda layer: style_of(layer).z)
    parts = [_shape(view, shape, style_of(layer)) for layer in order for shape in shapes[layer]]
    parts += [_witness(view, each) for each in findings if each.geometry is not None]
    labels = [(id_, shape) for layer in order for id_, shape in plan[layer].geometry.items()]
    if len(labels) <= _MOST_IDS:
        parts += _ids(view, labels)
    height = view.height + 2 * _MARGIN + 18
    head = f'<svg class="drawing" viewBox="0 0 {_WIDE} {height:.0f}" role="img" xmlns="http://www.w3.org/2000/svg">'
    return "".join([head, *parts, view.scale_bar(), "</svg>"])


def swatch(layer: str) -> str:
    """A small square in the colours of a layer, as an SVG element."""
    return (
        '<svg class="swatch" viewBox="0 0 18 12" xmlns="http://www.w3.org/2000/svg">'
        f'<rect x="1" y="1" width="16" height="10" {_paint(style_of(layer))}/></svg>'
    )


def found_swatch(findings: Sequence[Finding]) -> str:
    """A small square in the colours in which the places of findings are drawn; "" where none has a place."""
    shown = [each for each in findings if each.geometry is not None and placed([each.geometry])[0]]
    if not shown:
        return ""
    colour, dash = _look(shown[0])
    return (
        '<svg class="swatch" viewBox="0 0 18 12" xmlns="http://www.w3.org/2000/svg">'
        f'<rect x="1" y="1" width="16" height="10" fill="{colour}" fill-opacity="0.35" stroke="{colour}" stroke-width="2"{dash}/></svg>'
    )


def _look(finding: Finding) -> tuple[str, str]:
    """The colour of a finding and, where it is undecidable, its dashes."""
    undecidable = finding.verdict is Verdict.UNDECIDABLE
    look = finding_style(finding.severity, undecidable=undecidable)
    return hex_colour(look.line or look.colour), ' stroke-dasharray="5 3"' if undecidable else ""


@dataclass(frozen=True)
class _View:
    """How ground becomes pixels."""

    west: float
    north: float
    x_scale: float
    y_scale: float
    left: float
    height: float

    @classmethod
    def around(cls, shapes: Any) -> _View:
        west, south, east, north = (float(each) for each in shapely.total_bounds(shapes))
        wide, high = max(east - west, 1e-6), max(north - south, 1e-6)
        if east - west < 1e-6 and north - south < 1e-6:  # a single point
            west, north, wide, high = west - 50, north + 50, 100.0, 100.0
        room = _WIDE - 2 * _MARGIN
        scale = min(room / wide, (_HIGH[1] - 2 * _MARGIN) / high)
        height = float(np.clip(high * scale, _HIGH[0], _HIGH[1]))
        width = max(wide * scale, 90.0)
        return cls(west, north, width / wide, height / high, _MARGIN + (room - width) / 2, height)

    @property
    def is_stretched(self) -> bool:
        return not math.isclose(self.x_scale, self.y_scale, rel_tol=0.01)

    def pixels(self, xy: Any) -> Any:
        x = self.left + (xy[:, 0] - self.west) * self.x_scale
        y = _MARGIN + (self.north - xy[:, 1]) * self.y_scale
        return np.column_stack([x, y]).round(1)

    def scale_bar(self) -> str:
        """A bar of a round length, with "≠" where one side is stretched."""
        room = 120 / self.x_scale
        power = 10.0 ** math.floor(math.log10(room))
        length = max(step * power for step in (1, 2, 5) if step * power <= room)
        pixels, y = length * self.x_scale, self.height + 2 * _MARGIN + 4
        said = f"{length / 1000:g} km" if length >= 1000 else f"{length:g} m"
        note = " · x ≠ y" if self.is_stretched else ""
        return (
            f'<path class="bar" d="M{_MARGIN} {y - 5}V{y}H{_MARGIN + pixels:.1f}V{y - 5}"/>'
            f'<text class="scale" x="{_MARGIN + pixels + 8:.1f}" y="{y + 1}">{said}{note}</text>'
        )


def _placed(shapes: Any) -> Any:
    return shapes[placed(shapes)]


def _path(view: _View, shape: Any) -> str:
    """The outlines and lines of a geometry as a path, points as small circles."""
    said = []
    for part in shapely.get_parts(shapely.get_parts(shape)):
        kind = part.geom_type
        if kind == "Point":
            ((x, y),) = view.pixels(shapely.get_coordinates(part))
            said.append(f"M{x - 4} {y}a4 4 0 1 0 8 0a4 4 0 1 0 -8 0Z")
            continue
        for line in shapely.get_rings(part) if kind == "Polygon" else [part]:
            points = [f"{x:g} {y:g}" for x, y in view.pixels(shapely.get_coordinates(line))]
            said.append("M" + "L".join(points) + ("Z" if kind == "Polygon" else ""))
    return "".join(said)


def _paint(style: Style) -> str:
    fill = "none" if style.fill is None else hex_colour(style.fill)
    line = hex_colour(style.line or style.colour)
    dash = f' stroke-dasharray="{" ".join(f"{each:g}" for each in style.dash)}"' if style.dash else ""
    width = max(1.2, style.width_pt * 1.2)
    opacity = min(style.fill_opacity, 0.55)
    return f'fill="{fill}" fill-opacity="{opacity:g}" stroke="{line}" stroke-width="{width:g}"{dash}'


def _shape(view: _View, shape: Any, style: Style) -> str:
    kind = int(shapely.get_dimensions(shape))
    paint = _paint(style)
    if kind == 0:
        paint = f'fill="{hex_colour(style.colour)}" stroke="#fff" stroke-width="1"'
    elif kind == 1:
        paint = f'fill="none" stroke="{hex_colour(style.line or style.colour)}" stroke-width="2.5"'
    return f'<path fill-rule="evenodd" d="{_path(view, shape)}" {paint}/>'


def _witness(view: _View, finding: Finding) -> str:
    """The place of a finding; what is too small to be seen has a ring around it."""
    shape = finding.geometry
    if not placed([shape])[0]:
        return ""
    colour, dash = _look(finding)
    kind = int(shapely.get_dimensions(shape))
    fill = f'fill="{colour}" fill-opacity="{0.35 if kind == 2 else 0}"'
    said = f'<path fill-rule="evenodd" d="{_path(view, shape)}" {fill} stroke="{colour}" stroke-width="2.2"{dash}/>'
    west, south, east, north = shapely.bounds(shape)
    (left, top), (right, low) = view.pixels(np.array([[west, north], [east, south]]))
    if min(right - left, low - top) < _SMALL and max(right - left, low - top) < 8 * _SMALL:
        x, y = (left + right) / 2, (top + low) / 2
        radius = max(12.0, max(right - left, low - top) / 2 + 5)
        said += (
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:.1f}" fill="none" stroke="{colour}" stroke-width="2"{dash}/>'
        )
    return said


def _ids(view: _View, labels: Sequence[tuple[Any, Any]]) -> list[str]:
    """The id of each feature on it; where two would stand on each other the second goes below the first."""
    taken: list[tuple[float, float]] = []
    said = []
    for id_, shape in labels:
        if shape is None or not placed([shape])[0]:
            continue
        point = shapely.centroid(shape)
        if not shapely.is_valid(shape) or not shapely.intersects(shape, point):
            point = shapely.point_on_surface(shapely.make_valid(shape))
        ((x, y),) = view.pixels(shapely.get_coordinates(point))
        while any(abs(x - a) < 34 and abs(y - b) < 12 for a, b in taken):
            y += 13
        taken.append((x, y))
        said.append(f'<text class="id" x="{x:g}" y="{y + 4:g}">{escape(str(id_))}</text>')
    return said
