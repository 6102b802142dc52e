"""What the tests of gis.read share: small files in every format, and the proof that reading left them alone."""

from __future__ import annotations

import hashlib
import re
import warnings
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pyogrio
import pytest
import shapely

from gis.errors import GisError
from gis.read import read_plan

if TYPE_CHECKING:
    from pathlib import Path

CRS = "EPSG:4549"
X, Y = 500_000.0, 3_400_000.0
DRIVERS = {
    ".gpkg": "GPKG", ".shp": "ESRI Shapefile", ".geojson": "GeoJSON", ".fgb": "FlatGeobuf", ".gdb": "OpenFileGDB",
}  # fmt: skip


def box(x: float = 0, y: float = 0, size: float = 1000) -> shapely.Polygon:
    """A square, in metres from the tests' corner in EPSG:4549."""
    return shapely.box(X + x, Y + y, X + x + size, Y + y + size)


def frame(geometry: Any = None, crs: Any = CRS, **columns: Any) -> gpd.GeoDataFrame:
    """Squares with a key and a name in Chinese."""
    geometry = [box(), box(1000)] if geometry is None else geometry
    columns = columns or {"BSM": [str(n + 1) for n in range(len(geometry))], "XZQMC": ["桐乡市"] * len(geometry)}
    return gpd.GeoDataFrame(columns, geometry=geometry, crs=crs)


def write(path: Path, data: gpd.GeoDataFrame | None = None, layer: str = "", **options: Any) -> Path:
    """`data` as a file of the format that the ending says."""
    data = frame() if data is None else data
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".parquet":
        data.to_parquet(path)
        return path
    if path.suffix == ".shp":
        options.setdefault("encoding", "UTF-8")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        pyogrio.write_dataframe(data, path, layer=layer or path.stem, driver=DRIVERS[path.suffix], **options)
    return path


def listing(folder: Path) -> dict[str, str]:
    """Every file below a folder with the hash of its bytes."""
    return {
        str(each.relative_to(folder)): hashlib.sha256(each.read_bytes()).hexdigest()
        for each in sorted(folder.rglob("*"))
        if each.is_file()
    }


def refused(path: Path | str, **options: Any) -> str:
    """The message with which read_plan refuses; it is in both languages and has its three parts in each."""
    with pytest.raises(GisError) as caught:
        read_plan(path, **options)
    for wording, stop, chinese in ((caught.value.text.zh, "。", True), (caught.value.text.en, ".", False)):
        assert wording
        has_chinese = re.search(r"[\u4e00-\u9fff]", re.sub(r"/\S+|'[^']*'", "", wording)) is not None
        assert has_chinese is chinese
        for line in wording.splitlines()[1:] or wording.splitlines():
            assert line.rstrip().endswith((stop, "：", ":")), line
            assert len([part for part in re.split(rf"{re.escape(stop)}(?:\s|$)|。", line) if part.strip()]) >= 2, line
    return str(caught.value)


def said(plan: Any) -> str:
    """All notices of a plan, in both languages."""
    return "\n".join(each.both() for each in plan.notices)
