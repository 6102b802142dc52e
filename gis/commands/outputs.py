"""Commands that write what others use: `measure`, `map`, `report`, `qgis`."""

from __future__ import annotations

import json as json_
from pathlib import Path
from typing import Annotated

import typer

from gis.commands.common import Audience, Crs, For, PlanPath, app, checked, read
from gis.terminal import said, say

__all__ = ["map_", "measure", "qgis", "report"]


@app.command()
def measure(
    plan: PlanPath,
    out: Annotated[Path | None, typer.Option("--out", help="表格 .xlsx .csv / where the table goes")] = None,
    crs: Crs = "",
    *,
    json: Annotated[bool, typer.Option("--json", help="输出 JSON / print JSON")] = False,
) -> None:
    """测算指标：全市与各县，目标与差距 / measure the indicators, whole and by county, with target and gap."""
    import gis
    from gis.present.tables import measures_json, save_measures

    table = gis.measure(read(plan, crs, out))
    if out is not None:
        save_measures(table, out)
    if json:
        typer.echo(json_.dumps(measures_json(table), ensure_ascii=False, allow_nan=False))
    else:
        say(table.summary(said.language))


@app.command("map")
def map_(
    plan: PlanPath,
    out: Annotated[Path, typer.Option("--out")] = Path("map.html"),
    crs: Crs = "",
    audience: For = Audience.INTERNAL,
    *,
    siting: Annotated[
        bool,
        typer.Option(
            "--siting", help="可在图上画出或粘贴地块，离线核对选址 / judge a drawn or pasted site in the page"
        ),
    ] = False,
) -> None:
    """离线网页地图 / one web map that works with no network."""
    import gis

    made = read(plan, crs, out)
    found = checked(made) if audience is Audience.INTERNAL else None
    gis.web_map(made, found, language=said.language, audience=audience.value, siting=siting).save(out)
    say(str(out))


@app.command()
def report(
    plan: PlanPath,
    out: Annotated[Path, typer.Option("--out")] = Path("report.html"),
    crs: Crs = "",
    audience: For = Audience.INTERNAL,
    against: Annotated[
        Path | None, typer.Option("--against", help="上次的检查结果 .gpkg .geojson .json / earlier findings")
    ] = None,
) -> None:
    """检查与测算报告 / the report of check and measurement."""
    import gis
    from gis.decide.findings_since import findings_since
    from gis.read.findings import read_findings

    earlier = read_findings(against) if against is not None else None
    made = read(plan, crs, out)
    found = checked(made)
    since = findings_since(found, earlier) if earlier is not None else None
    measures = gis.measure(made)
    gis.report(made, found, measures, out, since=since, language=said.language, audience=audience.value)
    say(str(out))


@app.command()
def qgis(
    plan: PlanPath,
    out: Annotated[Path, typer.Option("--out")] = Path("plan.gpkg"),
    crs: Crs = "",
    audience: For = Audience.INTERNAL,
) -> None:
    """带样式的 GeoPackage 与 QGIS 工程 / a styled GeoPackage and a QGIS project."""
    import gis

    made = read(plan, crs, out)
    found = checked(made) if audience is Audience.INTERNAL else None
    say(str(gis.save_qgis(made, found, out, language=said.language, audience=audience.value)))
