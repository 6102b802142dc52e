"""A QGIS project (`.qgz`) beside a GeoPackage: groups, layers, order, CRS and title, written without QGIS.

Data sources are relative, so the pair may be moved or copied together. What a QGIS project must hold to open well was
found by opening it in QGIS 3.22: among other things the full definition of its CRS, not only the code.
"""

from __future__ import annotations

import warnings
import zipfile
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final
from xml.etree import ElementTree as ET

from pyproj import CRS

from gis.present.layout import Sheet, add_sheet
from gis.present.qml import QGIS_VERSION, LayerLook, add, layer_elements, text_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

__all__ = ["Project", "ProjectGroup", "ProjectLayer", "project_xml", "write_project"]

_GEOMETRY: Final = {"point": "Point", "line": "Line", "polygon": "Polygon"}
_OGR_TYPE: Final = {"point": "Point", "line": "LineString", "polygon": "Polygon"}
_WKB_TYPE: Final = {"point": "MultiPoint", "line": "MultiLineString", "polygon": "MultiPolygon"}
_EPOCH: Final = (2000, 1, 1, 0, 0, 0)
"""The time in the archive: the same plan gives the same bytes."""


@dataclass(frozen=True, slots=True)
class ProjectLayer:
    """One layer of the project: its table, title, look, CRS, and whether it is on.

    alone   whether its table holds this kind of geometry only
    z       the order of drawing, the lowest first
    """

    id: str
    table: str
    title: str
    look: LayerLook
    crs: CRS | None
    abstract: str = ""
    show: bool = False
    alone: bool = True
    z: float = 50.0

    @property
    def is_spatial(self) -> bool:
        """Whether it can be drawn."""
        return self.look.kind in _GEOMETRY


@dataclass(frozen=True, slots=True)
class ProjectGroup:
    """A group of the layer tree, in the order from top to bottom."""

    title: str
    layers: tuple[ProjectLayer, ...]
    expanded: bool = False


@dataclass(frozen=True, slots=True)
class Project:
    """A project: title, what is said of it, file of its data, CRS, first view, groups.

    mark   the line that QGIS writes on every map view
    sheet  its print sheet; the first view and the layers that are on go into it
    """

    title: str
    abstract: str
    data: str
    crs: CRS
    bounds: tuple[float, float, float, float]
    groups: tuple[ProjectGroup, ...]
    mark: str = ""
    variables: Mapping[str, str] = field(default_factory=dict)
    sheet: Sheet | None = None

    @property
    def layers(self) -> tuple[ProjectLayer, ...]:
        """All layers, in the order of the tree."""
        return tuple(layer for group in self.groups for layer in group.layers)


def write_project(project: Project, path: Path, stem: str) -> None:
    """Write the project as an archive at `path`, with `<stem>.qgs` inside."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        entry = zipfile.ZipInfo(f"{stem}.qgs", _EPOCH)
        entry.compress_type = zipfile.ZIP_DEFLATED
        archive.writestr(entry, project_xml(project).encode("utf-8"))


def project_xml(project: Project) -> str:
    """The project as QGIS reads it."""
    root = ET.Element("qgis", {"version": QGIS_VERSION, "projectname": text_of(project.title)})
    add(root, "homePath", path="")
    add(root, "title", project.title)
    _crs(add(root, "projectCrs"), project.crs)
    _tree(root, project)
    _canvas(root, project)
    layers = add(root, "projectlayers")
    for each in project.layers:
        _layer(layers, each, project.data)
    _order(root, project.layers)
    _properties(root, project)
    _metadata(root, project)
    if project.sheet is not None:
        shown = tuple((each.id, each.title) for each in project.layers if each.show and each.is_spatial)
        add_sheet(root, replace(project.sheet, bounds=project.bounds, layers=shown))
    return "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n" + ET.tostring(root, encoding="unicode")


def _crs(parent: ET.Element, crs: CRS | None) -> None:
    made = add(parent, "spatialrefsys", nativeFormat="Wkt")
    if crs is None:
        return
    code = crs.to_authority()
    add(made, "wkt", crs.to_wkt("WKT2_2019"))
    add(made, "proj4", _proj4(crs))
    add(made, "srsid", 0)
    add(made, "srid", code[1] if code and code[0] == "EPSG" else 0)
    add(made, "authid", ":".join(code) if code else "")
    add(made, "description", crs.name)
    add(made, "projectionacronym", "longlat" if crs.is_geographic else "tmerc")
    add(made, "ellipsoidacronym", _ellipsoid(crs))
    add(made, "geographicflag", str(bool(crs.is_geographic)).lower())


def _proj4(crs: CRS) -> str:
    """The PROJ string, which QGIS reads where it knows neither code nor WKT."""
    with warnings.catch_warnings():  # pyproj warns that a PROJ string says less than WKT, which is written too
        warnings.simplefilter("ignore", UserWarning)
        return str(crs.to_proj4())


def _ellipsoid(crs: CRS) -> str:
    known = crs.ellipsoid.to_json_dict().get("id") if crs.ellipsoid is not None else None
    return f"{known['authority']}:{known['code']}" if known else "NONE"


def _tree(root: ET.Element, project: Project) -> None:
    tree = add(root, "layer-tree-group")
    for group in project.groups:
        on = any(each.show for each in group.layers)
        branch = add(tree, "layer-tree-group", name=group.title, checked=_check(on), expanded=int(group.expanded))
        for each in group.layers:
            add(
                branch,
                "layer-tree-layer",
                id=each.id,
                name=each.title,
                source=_source(each, project.data),
                providerKey="ogr",
                checked=_check(each.show),
                expanded=0,
            )
    drawn = sorted((each for each in project.layers if each.is_spatial), key=lambda each: -each.z)
    order = add(tree, "custom-order", enabled=1)
    for each in drawn:
        add(order, "item", each.id)


def _order(root: ET.Element, layers: Sequence[ProjectLayer]) -> None:
    order = add(root, "layerorder")
    for each in sorted((one for one in layers if one.is_spatial), key=lambda one: -one.z):
        add(order, "layer", id=each.id)


def _check(on: bool) -> str:
    return "Qt::Checked" if on else "Qt::Unchecked"


def _source(layer: ProjectLayer, data: str) -> str:
    kind = "" if layer.alone or not layer.is_spatial else f"|geometrytype={_OGR_TYPE[layer.look.kind]}"
    return f"./{data}|layername={layer.table}{kind}"


def _canvas(root: ET.Element, project: Project) -> None:
    canvas = add(root, "mapcanvas", name="theMapCanvas", annotationsVisible=1)
    add(canvas, "units", "degrees" if project.crs.is_geographic else "meters")
    sides = dict(zip(("xmin", "ymin", "xmax", "ymax"), (f"{each:.3f}" for each in project.bounds), strict=True))
    extent = add(canvas, "extent")
    for name, each in sides.items():
        add(extent, name, each)
    add(canvas, "rotation", 0)
    _crs(add(canvas, "destinationsrs"), project.crs)
    add(canvas, "rendermaptile", 0)
    view = add(root, "ProjectViewSettings", UseProjectScales=0)
    _crs(add(view, "DefaultViewExtent", **sides), project.crs)


def _layer(parent: ET.Element, layer: ProjectLayer, data: str) -> None:
    made = add(parent, "maplayer", type="vector", hasScaleBasedVisibilityFlag=0, labelsEnabled=0, readOnly=0)
    made.set("geometry", _GEOMETRY.get(layer.look.kind, "No geometry"))
    made.set("wkbType", _WKB_TYPE.get(layer.look.kind, "NoGeometry"))
    made.set("labelsEnabled", str(int(bool(layer.look.style.label))))
    made.set("simplifyDrawingHints", "1")
    add(made, "id", layer.id)
    add(made, "datasource", _source(layer, data))
    add(made, "layername", layer.title)
    add(made, "abstract", layer.abstract)
    _crs(add(made, "srs"), layer.crs)
    said = add(made, "resourceMetadata")
    for name, text in (("identifier", layer.table), ("title", layer.title), ("abstract", layer.abstract)):
        add(said, name, text)
    add(made, "provider", "ogr", encoding="UTF-8")
    made.extend(layer_elements(layer.look))


def _metadata(root: ET.Element, project: Project) -> None:
    said = add(root, "projectMetadata")
    for name, text in (
        ("identifier", ""),
        ("type", "dataset"),
        ("title", project.title),
        ("abstract", project.abstract),
    ):
        add(said, name, text)


def _properties(root: ET.Element, project: Project) -> None:
    made = add(root, "properties")
    add(add(made, "SpatialRefSys"), "ProjectionsEnabled", 1, type="int")
    add(add(made, "Paths"), "Absolute", "false", type="bool")
    add(add(made, "Measure"), "Ellipsoid", _ellipsoid(project.crs), type="QString")
    units = add(made, "Measurement")
    add(units, "DistanceUnits", "meters", type="QString")
    add(units, "AreaUnits", "ha", type="QString")
    for name, text, place in (("TitleLabel", project.title, 3), ("CopyrightLabel", project.mark, 1)):
        label = add(made, name)
        add(label, "Enabled", "true", type="bool")
        add(label, "Label", text, type="QString")
        add(label, "Placement", place, type="int")
    known = add(made, "Variables")
    for tag, values in (("variableNames", project.variables), ("variableValues", project.variables.values())):
        listed = add(known, tag, type="QStringList")
        for each in values:
            add(listed, "value", each)
