"""Run by QGIS's own Python: opens a project, says what QGIS made of it as JSON on stdout, renders it to a picture.

python3 qgis_probe.py PROJECT.qgz PICTURE.png|- [WIDTH HEIGHT]
"""

import json
import sys
from pathlib import Path

from qgis.core import (
    Qgis,
    QgsApplication,
    QgsLayerTreeGroup,
    QgsLayoutExporter,
    QgsMapRendererParallelJob,
    QgsMapSettings,
    QgsProject,
    QgsRectangle,
    QgsVectorLayer,
    QgsWkbTypes,
)
from qgis.PyQt.QtCore import QSize
from qgis.PyQt.QtGui import QColor


def layer_facts(layer):
    renderer = layer.renderer()
    single = renderer is None or renderer.type() == "singleSymbol"
    return {
        "name": layer.name(),
        "source": layer.source(),
        "valid": layer.isValid(),
        "spatial": layer.isSpatial(),
        "geometry": QgsWkbTypes.displayString(layer.wkbType()) if layer.isValid() else "",
        "crs": layer.crs().authid(),
        "count": layer.featureCount(),
        "renderer": "" if renderer is None else renderer.type(),
        "classes": [] if single else [each.label() for each in renderer.categories()],
        "values": [] if single else [each.value() for each in renderer.categories()],
        "symbol_layers": [] if renderer is None else symbol_layers(renderer),
        "labels": layer.labelsEnabled(),
        "aliases": {each.name(): layer.attributeAlias(n) for n, each in enumerate(layer.fields())},
        "types": {each.name(): each.typeName() for each in layer.fields()},
        "widgets": {each.name(): layer.editorWidgetSetup(n).type() for n, each in enumerate(layer.fields())},
        "abstract": layer.abstract(),
        "metadata": layer.metadata().abstract(),
    }


def symbol_layers(renderer):
    if renderer.type() == "singleSymbol":
        return [each.layerType() for each in renderer.symbol().symbolLayers()]
    categories = renderer.categories()  # kept: QGIS frees what Python forgets
    return [each.layerType() for each in categories[0].symbol().symbolLayers()]


def default_style(layer):
    """What the layer looks like when only the GeoPackage is opened."""
    alone = QgsVectorLayer(layer.source(), "alone", "ogr")
    return {"valid": alone.isValid(), "renderer": alone.renderer().type() if alone.renderer() else ""}


def tree(group):
    return [
        {
            "name": each.name(),
            "checked": each.itemVisibilityChecked(),
            "layers": tree(each) if isinstance(each, QgsLayerTreeGroup) else None,
        }
        for each in group.children()
    ]


def drawn_layers(project):
    """The layers that are on, the topmost first."""
    root = project.layerTreeRoot()
    order = root.customLayerOrder() if root.hasCustomLayerOrder() else root.layerOrder()
    shown = {each.id() for each in root.checkedLayers()}
    return [each for each in order if each.id() in shown]


def render(project, picture, width, height):
    settings = QgsMapSettings()
    layers = drawn_layers(project)
    settings.setLayers(layers)
    settings.setDestinationCrs(project.crs())
    settings.setBackgroundColor(QColor("white"))
    settings.setOutputSize(QSize(width, height))
    settings.setOutputDpi(120)
    settings.setExtent(project.viewSettings().defaultViewExtent())
    job = QgsMapRendererParallelJob(settings)
    job.start()
    job.waitForFinished()
    job.renderedImage().save(picture)
    labels = job.takeLabelingResults().labelsWithinRect(settings.extent())
    return {
        "drawn": [each.name() for each in layers],
        "labels": [each.labelText for each in labels],
        "render_errors": [each.message for each in job.errors()],
    }


def sheet(project, picture):
    """The print sheet as a picture; its texts, and the layers that its legend names."""
    layout = project.layoutManager().layouts()[0]
    settings = QgsLayoutExporter.ImageExportSettings()
    settings.dpi = 100
    settings.generateWorldFile = False
    QgsLayoutExporter(layout).exportToImage(picture, settings)
    legend = layout.itemById("legend")
    return {
        "name": layout.name(),
        "texts": {name: layout.itemById(name).text() for name in ("title", "mark", "footer", "north")},
        "legend": [each.name() for each in legend.model().rootGroup().findLayers()],
        "scale": layout.itemById("map").scale(),
        "bar": layout.itemById("scale").unitsPerSegment(),
    }


def main(project_file, picture, width=1400, height=1000):
    application = QgsApplication([], False)
    application.initQgis()
    project = QgsProject.instance()
    read = project.read(project_file)
    layers = list(project.mapLayers().values())
    facts = {
        "qgis": Qgis.QGIS_VERSION,
        "read": read,
        "error": project.error(),
        "title": project.title(),
        "abstract": project.metadata().abstract(),
        "crs": project.crs().authid(),
        "crs_valid": project.crs().isValid(),
        "proj": project.crs().toProj(),
        "layers": [layer_facts(each) for each in layers],
        "styles": {each.name(): default_style(each) for each in layers},
        "tree": tree(project.layerTreeRoot()),
    }
    if picture != "-":
        view = project.viewSettings().defaultViewExtent()
        facts["extent"] = QgsRectangle(view).asWktCoordinates()
        facts |= render(project, picture, int(width), int(height))
        facts["sheet"] = sheet(project, picture.replace(".png", "_sheet.png"))
    sys.stdout.write(json.dumps(facts, ensure_ascii=False))
    project.clear()
    application.exitQgis()


if __name__ == "__main__":
    main(str(Path(sys.argv[1]).resolve()), *sys.argv[2:])
