"""The verbs: the only way a rule reaches geometry. Each has a stated reach and an answer that knows no order.

rows          features whose attributes offend                       reach: the feature itself
shapes        places given by a measure of each feature's shape      reach: the feature itself
overlaps      faces where two layers cover the same ground           reach: what touches
overlaps_of   the same, of what is left of features (`rest`)         reach: what touches
stacked       faces that two features of one layer cover             reach: what touches
outside       faces of a layer that no other layer covers            reach: what touches
gaps          faces enclosed by a coverage that nothing covers       reach: the layer
uncovered     faces of a mask that a coverage leaves open            reach: what touches
inside        parts of lines, and points, that polygons hold         reach: what touches
near          pairs of features within a distance                    reach: the distance
nearer        features of a layer too near to those of another         reach: the distance
astray        lines and points that polygons do not hold               reach: what touches
faults        features whose geometry is not valid                   reach: the feature itself
spikes        vertices where a boundary turns back on itself         reach: the feature itself
holes         holes of polygons                                      reach: the feature itself
crowded       features with repeated or nearly repeated vertices     reach: the feature itself
total         one figure for a whole layer against its target        reach: sums
entries       rows of a table that offend                            reach: the row

Beside them the quantities that rules sum up or compare: areas (official, drawn, stated), widths, lengths, compactness, parts,
shares, targets.
"""

from gis.analysis.quantities import covered_share, drawn_m2, official_m2, stated_m2, usable
from gis.rules.verbs.distance import astray, nearer
from gis.rules.verbs.drawing import (
    compactness,
    crowded,
    drawn_geometry,
    extent,
    faults,
    filled,
    holes,
    length_m,
    mean_width_m,
    part_count,
    spikes,
)  # fmt: skip
from gis.rules.verbs.ground import (
    gaps,
    inside,
    lengths_inside,
    located_in,
    near,
    outside,
    outside_of,
    overlaps,
    overlaps_of,
    rest,
    stacked,
    uncovered,
)  # fmt: skip
from gis.rules.verbs.places import (
    faces,
    ids,
    polygon_layers,
    rows,
    shapes,
    short_of_task,
    target_in_base,
    total,
)  # fmt: skip
from gis.rules.verbs.tables import entries, table

__all__ = [
    "astray", "compactness", "covered_share", "crowded", "drawn_geometry", "drawn_m2", "entries", "extent", "faces", "faults", "filled", "gaps", "holes", "ids", "inside",
    "length_m", "lengths_inside", "located_in", "mean_width_m", "near", "nearer", "official_m2", "outside", "outside_of", "overlaps", "overlaps_of",
    "part_count", "polygon_layers", "rest", "rows", "shapes", "short_of_task", "spikes", "stacked", "stated_m2",
    "table", "target_in_base", "total", "uncovered", "usable",
]  # fmt: skip
