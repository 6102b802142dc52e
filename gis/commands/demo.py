"""`gis demo`: the invented city, the whole chain."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from gis.commands.common import app
from gis.terminal import said, say, steps

__all__ = ["CityKind", "demo"]


class CityKind(StrEnum):
    """Sizes of the invented city."""

    TOWN = "town"
    COUNTY = "county"
    CITY = "city"


@app.command()
def demo(
    folder: Annotated[Path, typer.Argument(help="成果放在哪里 / where the results go", metavar="[DIR]")] = Path("demo"),
    size: Annotated[CityKind, typer.Option("--size", help="城市规模 / size of the city")] = CityKind.TOWN,
    seed: Annotated[int, typer.Option("--seed", min=0, help="随机种子 / which city")] = 0,
    *,
    faults: Annotated[bool, typer.Option("--faults/--no-faults", help="是否埋设问题 / with planted faults")] = True,
) -> None:
    """虚构城市，全流程：生成 → 读取 → 检查 → 测算 → 地图 → 报告 → QGIS / the invented city, the whole chain."""
    import gis
    from gis.present.plan_files import save_plan

    with steps(7) as step:
        step("生成城市 / draw the city")
        made = gis.demo_plan(size.value, faults=faults, seed=seed)
        toml = save_plan(made, folder / "plan")
        step("读取 / read")
        plan = gis.read_plan(toml)
        step("检查 / check")
        found = gis.check(plan)
        step("测算 / measure")
        table = gis.measure(plan)
        step("地图 / map")
        language = said.language
        gis.web_map(plan, found, language=language).save(folder / "map.html")
        step("报告 / report")
        gis.report(plan, found, table, folder / "report.html", language=language)
        step("QGIS")
        gis.save_qgis(plan, found, folder / "qgis.gpkg", language=language)
        gis.save_findings(found, folder / "findings.gpkg", plan=plan)
        gis.save_findings(found, folder / "findings.json", plan=plan)
    say(found.summary(language))
    for name in (
        "plan/plan.toml",
        "map.html",
        "report.html",
        "qgis.qgz",
        "qgis.gpkg",
        "findings.gpkg",
        "findings.json",
    ):
        say(f"  {folder / name}")
