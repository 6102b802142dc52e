"""Still maps: a Chinese font that is there, every character drawn, the right places in the right colours."""

from __future__ import annotations

import io

import numpy as np
import pytest
import shapely
from matplotlib import font_manager
from matplotlib.image import imread

from gis.errors import MissingExtra, WriteError
from gis.i18n import Text
from gis.model.drawn import drawn
from gis.model.finding import Finding, Severity, Verdict
from gis.present import print_canvas
from gis.present.print_canvas import FONTS, blank, chinese_font, padded, png_of
from gis.present.print_map import close_up, data_uri, locator, overview
from gis.present.style import finding_style, style_of

LAYERS = {
    "county": [{"box": [0, 0, 4000, 4000], "area_name": "甲县", "area_code": "330101"}],
    "ecological_redline": [[0, 0, 2000, 2000]],
    "permanent_basic_farmland": [
        {
            "polygon": [
                [[2000, 0], [4000, 0], [4000, 4000], [2000, 4000]],
                [[2800, 1800], [3200, 1800], [3200, 2200], [2800, 2200]],
            ]
        }
    ],
}
PLAN = drawn(LAYERS)


def finding(box, severity=Severity.ERROR, verdict=Verdict.VIOLATED):
    x, y = 500_000, 3_400_000
    place = None if box is None else shapely.box(x + box[0], y + box[1], x + box[2], y + box[3])
    return Finding("CL01", severity, verdict, "ecological_redline", "0", Text("重叠", "overlap"), geometry=place)


def pixels(png):
    return np.round(imread(io.BytesIO(png))[..., :3] * 255).astype(int)


def holds(png, rgb, tolerance=6):
    """How many pixels have a colour."""
    return int((np.abs(pixels(png) - np.array(rgb)).max(axis=-1) <= tolerance).sum())


def blended(layer):
    """The colour of a layer's fill on the ground of the map."""
    style, ground = style_of(layer), np.array([0xFB, 0xFB, 0xF8])
    return style.fill_opacity * np.array(style.fill) + (1 - style.fill_opacity) * ground


@pytest.fixture(autouse=True)
def fresh_font(monkeypatch):
    monkeypatch.delenv("LANTU_FONT", raising=False)
    chinese_font.cache_clear()
    yield
    chinese_font.cache_clear()


def test_the_first_font_of_the_list_that_is_installed_is_used():
    installed = {each.name for each in font_manager.fontManager.ttflist}
    assert chinese_font().get_name() == next(name for name in FONTS if name in installed)


def test_a_font_may_be_named_by_family_or_by_file(monkeypatch):
    sans = font_manager.findfont("DejaVu Sans")
    assert chinese_font("DejaVu Sans").get_name() == "DejaVu Sans"
    monkeypatch.setenv("LANTU_FONT", sans)
    assert chinese_font().get_file() == sans


def test_without_a_chinese_font_the_message_says_what_to_install(monkeypatch):
    monkeypatch.setattr(font_manager.fontManager, "ttflist", [])
    with pytest.raises(MissingExtra, match="没有找到中文字体") as raised:
        overview(PLAN)
    assert "fonts-noto-cjk" in str(raised.value)


def test_a_character_that_the_font_lacks_is_an_error_and_never_a_box():
    with pytest.raises(WriteError, match="地图字体缺字"):
        overview(PLAN, font="DejaVu Sans")


def test_the_overview_has_the_size_that_was_asked_for():
    assert pixels(overview(PLAN, size=(4.0, 2.0))).shape[:2] == (300, 600)


def test_the_overview_shows_each_layer_in_its_own_colour_over_its_own_share_of_the_ground():
    png = overview(PLAN)
    red, farm = holds(png, blended("ecological_redline")), holds(png, blended("permanent_basic_farmland"))
    assert farm / red == pytest.approx((8 - 0.16) / 4, rel=0.1)  # km²; the window in the farmland stays open


def test_findings_lie_on_top_in_the_colour_of_their_severity():
    for severity in Severity:
        colour = finding_style(severity).colour
        assert holds(overview(PLAN, [finding([500, 500, 700, 700], severity)]), colour) > 40
        assert holds(overview(PLAN), colour) == 0


def test_a_plan_of_other_layers_shows_what_it_has():
    assert holds(overview(drawn({"protected_area": [[0, 0, 100, 100]]})), (0, 120, 80), 60) > 50


def test_a_plan_without_places_gives_no_picture():
    assert overview(drawn({"county": [{"none": True}]})) == b""


def test_a_broken_geometry_does_not_stop_the_map():
    odd = {
        **LAYERS,
        "urban_development_boundary": [
            {"none": True},
            {"wkt": "POLYGON EMPTY"},
            {"polygon": [[0, 0], [900, 900], [900, 0], [0, 900]]},
        ],
    }
    plan = drawn(odd)
    assert overview(plan)
    assert close_up(plan, finding([0, 0, 900, 900]))


def test_the_same_input_gives_the_same_picture():
    assert overview(PLAN, [finding([0, 0, 10, 10])]) == overview(PLAN, [finding([0, 0, 10, 10])])


def test_a_name_with_a_dollar_sign_is_no_formula():
    named = drawn({"county": [{"box": [0, 0, 100, 100], "area_name": "$\\frac{1}$ 县"}]})
    assert overview(named)


def test_a_locator_marks_findings_however_small_and_shows_nothing_without_any():
    colour = finding_style(Severity.ERROR).colour
    assert holds(locator(PLAN, [finding([1000, 1000, 1000.1, 1000.1])]), colour) > 20
    assert locator(PLAN, [finding(None)]) == b""


def test_a_close_up_shows_the_finding_and_its_layer():
    png = close_up(PLAN, finding([500, 500, 700, 700]))
    assert holds(png, blended("ecological_redline")) > 1000
    assert close_up(PLAN, finding(None)) == b""


def test_an_undecidable_finding_is_fainter_than_a_violated_one():
    sure, open_ = (close_up(PLAN, finding([500, 500, 700, 700], verdict=each)) for each in Verdict)
    ground = blended("ecological_redline")
    middle = (slice(140, 170), slice(160, 200))
    assert np.abs(pixels(open_)[middle] - ground).mean() < np.abs(pixels(sure)[middle] - ground).mean()


def test_drawing_does_not_change_the_plan():
    before = {layer: frame.copy() for layer, frame in PLAN.items()}
    overview(PLAN, [finding([0, 0, 10, 10])])
    assert all(frame.equals(PLAN[layer]) for layer, frame in before.items())


def test_room_is_a_share_of_the_longer_side_and_at_least_what_is_asked():
    assert padded((0, 0, 100, 10), least=1.0, share=0.1) == (-10, -10, 110, 20)
    assert padded((0, 0, 0, 0), least=5.0, share=0.1) == (-5, -5, 5, 5)


def test_a_picture_is_widened_to_its_shape_about_the_middle():
    _, canvas = blank((0.0, 0.0, 100.0, 100.0), (4.0, 2.0), "", "zh")
    assert canvas.bounds == pytest.approx((-50, 0, 150, 100))


def test_a_picture_carries_no_date_and_no_name_of_a_program():
    figure, _ = blank((0.0, 0.0, 1.0, 1.0), (1.0, 1.0), "", "zh")
    assert b"tEXt" not in png_of(figure)


def test_a_picture_stands_in_a_page_as_data():
    assert data_uri(b"\x89PNG") == "data:image/png;base64,iVBORw=="


def test_every_hatch_of_the_styles_can_be_drawn():
    assert set(print_canvas.HATCHES) == {"diagonal", "back_diagonal", "cross", "horizontal", "vertical", "dots"}
