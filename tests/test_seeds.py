"""Packaged data: sources, concepts, code tables, styles, profiles."""

from __future__ import annotations

import re
import tomllib
from itertools import chain
from pathlib import Path

import pandas as pd
import pytest
import yaml

from gis.read.profile import read_profile

ROOT = Path(__file__).resolve().parents[1]
STANDARDS = ROOT / "data" / "standards"
CONCEPT_FILES = sorted((ROOT / "seeds" / "concepts").glob("*.toml"))
PROFILE_FILES = sorted((STANDARDS / "profiles").glob("*.yaml"))
CSV_FILES = sorted(STANDARDS.glob("*.csv"))
SPEECH = ROOT.parent / "shared" / "seeds" / "speech.txt"

FAMILIES = {"DL", "CR", "DQ", "TP", "CL", "UB", "FP", "ER", "ZN", "CD", "US", "GR", "TR", "LO", "SV", "SF", "ST"}
SECTIONS = {"一（一）", "一（二）", "一（三）", "二（一）"}
MARKERS = {"circle", "square", "diamond", "triangle", "star"}
HATCHES = {"none", "diagonal", "back_diagonal", "cross", "horizontal", "vertical", "dots"}
CODE_TABLES = ["land_use_classes", "land_use_classes_2020", "survey_land_classes", "planning_zones", "settlement_codes"]
COLOURED = ["land_use_classes", "land_use_classes_2020", "survey_land_classes", "planning_zones"]
KEYED = [*CODE_TABLES, "base_conversion", "limited_activities", "competence", "protective_distances"]
SHOWN_AT_FIRST = {
    *("municipality", "county", "township", "central_district", "county_town", "settlement"),
    *("permanent_basic_farmland", "ecological_redline", "urban_development_boundary"),
}
PARTIAL_DATE = re.compile(r"\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?")
HAN = re.compile(r"[\u4e00-\u9fff]+")
LONGEST_QUOTE = 11


def table(name):
    return pd.read_csv(STANDARDS / f"{name}.csv", dtype=str, keep_default_na=False, encoding="utf-8")


def read_yaml(path):
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def read_toml(path):
    return tomllib.loads(path.read_text(encoding="utf-8"))


def han(text):
    """The Chinese characters of a text, punctuation left out, so that a comma does not hide a copied sentence."""
    return "".join(HAN.findall(text))


def is_rgb(value):
    return len(value) == 3 and all(type(part) is int and 0 <= part <= 255 for part in value)


SOURCES = read_toml(ROOT / "seeds" / "sources.toml")["sources"]
CONCEPTS = {path.stem: read_toml(path) for path in CONCEPT_FILES}
LAYER_FILE = read_yaml(STANDARDS / "layers.yaml")
LAYERS = LAYER_FILE["layers"]
STYLE_FILE = read_yaml(STANDARDS / "styles.yaml")
STYLES = STYLE_FILE["layers"]
SEVERITY_STYLES = STYLE_FILE["findings"]["severity"]


def fields(layer):
    spec = LAYERS[layer]
    common = LAYER_FILE["common"] if spec.get("common", True) else {}
    return {**common, **spec["fields"]}


def class_rows(style):
    return style["classes"]["rows"] if style["classes"] else []


# --- files


@pytest.mark.parametrize("folder", ["data/standards", "seeds"])
def test_no_packaged_text_has_a_byte_order_mark_or_a_carriage_return(folder):
    for path in (each for each in (ROOT / folder).rglob("*") if each.suffix in {".csv", ".toml", ".yaml"}):
        content = path.read_bytes()
        assert not content.startswith(b"\xef\xbb\xbf"), path
        assert b"\r" not in content, path
        assert content.endswith(b"\n"), path


@pytest.mark.parametrize("path", CSV_FILES, ids=lambda path: path.stem)
def test_every_csv_has_rows_and_says_how_certain_each_is(path):
    assert (table(path.stem)["certainty"] != "").all()


@pytest.mark.parametrize("path", CSV_FILES, ids=lambda path: path.stem)
def test_no_csv_cell_has_space_around_it(path):
    rows = table(path.stem)
    assert rows.equals(rows.apply(lambda column: column.str.strip()))


# --- sources


def test_source_ids_are_lower_case_with_hyphens():
    assert [key for key in SOURCES if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", key)] == []


def test_every_source_has_titles_in_both_languages_a_kind_and_a_certainty():
    for key, source in SOURCES.items():
        assert {"title", "title_en", "kind", "certainty"} <= set(source), key
        assert not HAN.search(source["title_en"]), key


def test_no_source_has_an_empty_key():
    assert [(key, name) for key, source in SOURCES.items() for name, value in source.items() if not value] == []


def test_source_dates_are_a_year_a_month_or_a_day():
    dates = [
        source[name]
        for source in SOURCES.values()
        for name in source
        if name in {"issued", "in_force_from", "in_force_to"}
    ]
    assert [each for each in dates if not PARTIAL_DATE.fullmatch(each)] == []


def test_no_source_ends_before_it_begins():
    ended = {key: each for key, each in SOURCES.items() if "in_force_to" in each and "in_force_from" in each}
    assert ended
    assert [key for key, each in ended.items() if each["in_force_to"] < each["in_force_from"]] == []


def test_every_successor_is_a_known_source():
    successors = {key: each["superseded_by"] for key, each in SOURCES.items() if "superseded_by" in each}
    assert successors
    assert [key for key, to in successors.items() if to not in SOURCES or to == key] == []


def test_a_successor_begins_in_the_year_its_predecessor_ends_or_the_next_at_the_latest():
    for key, source in SOURCES.items():
        if "superseded_by" in source and "in_force_to" in source:
            start = SOURCES[source["superseded_by"]]["in_force_from"]
            assert start[:4] <= str(int(source["in_force_to"][:4]) + 1), key


def test_third_party_code_is_never_called_a_law():
    kinds = {
        key: SOURCES[key]["kind"]
        for key in ("ghbox", "cctool", "spj", "field-contract", "city-workflow-gd", "siting-report")
    }
    assert set(kinds.values()) == {"public code", "public sample"}


@pytest.mark.parametrize(
    "path", [path for path in CSV_FILES if "cites" in table(path.stem)], ids=lambda path: path.stem
)
def test_every_source_that_a_table_cites_is_known(path):
    cited = set(chain.from_iterable(table(path.stem)["cites"].str.split()))
    assert cited
    assert cited - set(SOURCES) == set()


# --- concepts


@pytest.mark.parametrize("path", CONCEPT_FILES, ids=lambda path: path.stem)
def test_a_concept_is_named_as_its_file_and_is_said_in_a_known_section(path):
    concept = CONCEPTS[path.stem]
    assert concept["id"] == path.stem
    assert concept["section"] in SECTIONS
    assert concept["status"] in {"modelled", "later"}


@pytest.mark.parametrize("path", CONCEPT_FILES, ids=lambda path: path.stem)
def test_a_concept_speaks_both_languages(path):
    concept = CONCEPTS[path.stem]
    for key in ("zh", "says_zh", "asks_zh"):
        assert HAN.search(concept[key]), key
    for key in ("en", "says_en", "asks_en"):
        assert re.search(r"[a-z]", concept[key]), key
        assert not HAN.search(concept[key]), key


def test_concepts_name_only_known_layers_and_rule_families():
    for key, concept in CONCEPTS.items():
        assert set(concept["layers"]) <= set(LAYERS), key
        assert {rule[:2] for rule in concept["rules"]} <= FAMILIES, key


def test_every_concept_names_at_least_one_layer_and_none_twice():
    assert [
        key for key, each in CONCEPTS.items() if not each["layers"] or len(set(each["layers"])) < len(each["layers"])
    ] == []


def test_every_layer_has_a_concept_that_names_it():
    unnamed = {layer for layer, spec in LAYERS.items() if layer not in CONCEPTS[spec["concept"]]["layers"]}
    assert unnamed == set()


def test_a_concept_is_modelled_exactly_when_a_rule_or_an_indicator_serves_it():
    for key, concept in CONCEPTS.items():
        assert (concept["status"] == "modelled") == bool(concept["rules"] or concept["indicators"]), key


def test_terms_of_art_are_at_most_ten_characters():
    assert [term for concept in CONCEPTS.values() for term in concept["terms"] if not 0 < len(han(term)) <= 10] == []


@pytest.fixture(scope="module")
def speech():
    if not SPEECH.is_file():
        pytest.skip("the speech is not here")
    return han(SPEECH.read_text(encoding="utf-8"))


def test_every_quoted_term_is_in_the_speech(speech):
    assert [term for concept in CONCEPTS.values() for term in concept["terms"] if han(term) not in speech] == []


@pytest.mark.parametrize("path", CONCEPT_FILES, ids=lambda path: path.stem)
def test_no_run_of_twelve_characters_is_copied_from_the_speech(path, speech):
    run = LONGEST_QUOTE + 1
    for value in CONCEPTS[path.stem].values():
        text = han("".join(value) if isinstance(value, list) else value)
        assert [text[i : i + run] for i in range(len(text) - run + 1) if text[i : i + run] in speech] == []


# --- code tables


@pytest.mark.parametrize("name", KEYED)
def test_codes_are_unique_and_every_row_has_a_chinese_name(name):
    rows = table(name)
    assert rows["code"].is_unique
    assert rows["name_zh"].str.contains(HAN.pattern).all()


@pytest.mark.parametrize("name", CODE_TABLES)
def test_a_parent_is_a_row_one_level_up(name):
    rows = table(name).set_index("code")
    level = rows["level"].astype(int)
    top = rows["parent"] == ""
    assert (level[top] == 1).all()
    assert (level[~top] == rows.loc[~top, "parent"].map(level) + 1).all()


@pytest.mark.parametrize("name", ["land_use_classes", "land_use_classes_2020"])
def test_a_land_use_code_has_two_digits_a_level_and_begins_with_its_parent(name):
    rows = table(name)
    assert (rows["code"].str.len() == 2 * rows["level"].astype(int)).all()
    assert (rows["parent"] == rows["code"].str[:-2]).all()


@pytest.mark.parametrize(
    ("name", "counts"), [("land_use_classes", (24, 111, 40)), ("land_use_classes_2020", (24, 106, 39))]
)
def test_land_use_classes_count_as_the_guide_of_their_year(name, counts):
    levels = table(name)["level"].value_counts()
    assert tuple(int(levels[level]) for level in "123") == counts


@pytest.mark.parametrize("name", COLOURED)
def test_every_class_has_a_colour(name):
    for text in table(name)["rgb"]:
        assert is_rgb([int(part) for part in text.split(" ")])


def test_every_2020_code_goes_to_a_2023_code_under_the_names_of_both_tables():
    pairs = table("land_use_2020_to_2023")
    old, new = (table(name).set_index("code")["name_zh"] for name in ("land_use_classes_2020", "land_use_classes"))
    assert set(pairs["code_2020"]) == set(old.index)
    assert (pairs["code_2020"].map(old) == pairs["name_2020_zh"]).all()
    assert (pairs["code_2023"].map(new) == pairs["name_2023_zh"]).all()


def test_an_old_code_with_several_successors_is_a_split_with_a_rule_for_each():
    pairs = table("land_use_2020_to_2023")
    many = pairs["code_2020"].duplicated(keep=False)
    assert (many == (pairs["kind"] == "split")).all()
    assert (pairs.loc[many, "rule"] != "").all()


def test_survey_classes_map_to_2023_codes_or_are_groups_or_tolerated():
    rows = table("survey_land_classes")
    known = rows["plan_code_2023"].isin(table("land_use_classes")["code"])
    unmapped = rows.loc[~known]
    assert (unmapped["plan_code_2023"] == "").all()
    assert set(unmapped["mapping"]) == {"group", "tolerated"}


def test_three_classes_are_the_three_of_the_law_and_sea_has_none():
    rows = table("land_use_classes")
    three = {"农用地", "建设用地", "未利用地"}
    assert set(rows["three_class"]) == three | {""}
    assert (rows.loc[rows["group"] == "sea", "three_class"] == "").all()
    assert set(table("survey_land_classes")["three_class"]) == three | {""}


def test_land_that_is_built_on_is_construction_land_in_the_three_classes():
    rows = table("land_use_classes")
    assert set(rows.loc[rows["group"] == "construction", "three_class"]) == {"建设用地"}
    assert "建设用地" not in set(rows.loc[rows["group"] != "construction", "three_class"])


def test_the_zone_matrix_names_known_zones_and_classes_once():
    matrix = table("zone_land_use_matrix")
    assert set(matrix["zone_code"]) <= set(table("planning_zones")["code"])
    assert set(matrix["class_code"]) <= set(table("land_use_classes")["code"])
    assert set(matrix["admission"]) == {"admitted", "conditional", "forbidden"}
    assert not matrix.duplicated(["zone_code", "class_code"]).any()


def test_a_conditional_admission_states_its_condition():
    matrix = table("zone_land_use_matrix")
    assert ((matrix["condition"] != "") == (matrix["admission"] == "conditional")).all()


def test_the_increment_schedule_has_no_gap_and_uses_all_by_the_end():
    schedule = table("increment_schedule").astype(
        {"period_from": int, "period_to": int, "cumulative_max": float, "left_at_least": float}
    )
    assert (schedule["period_from"].iloc[1:].to_numpy() == schedule["period_to"].iloc[:-1].to_numpy() + 1).all()
    assert schedule["cumulative_max"].is_monotonic_increasing
    assert (schedule["cumulative_max"] + schedule["left_at_least"]).to_numpy() == pytest.approx(1.0)
    assert schedule["cumulative_max"].iloc[-1] == pytest.approx(1.0)


def test_a_protective_distance_is_a_length_or_left_to_the_place():
    rows = table("protective_distances")
    stated = rows["distance_m"] != ""
    assert (rows.loc[stated, "distance_m"].astype(float) > 0).all()
    assert (rows.loc[~stated, "measured_from"] != "").sum() >= 2


def test_every_code_table_that_a_layer_names_is_packaged():
    named = {field[5] for layer in LAYERS for field in fields(layer).values() if len(field) > 5 and field[5]}
    assert {name for name in named if not (STANDARDS / f"{name}.csv").is_file()} == set()


# --- styles


def test_styles_cover_exactly_the_layers():
    assert set(STYLES) == set(LAYERS)


def test_rasters_have_exactly_the_styles_of_the_rasters():
    assert set(STYLE_FILE["rasters"]) == set(LAYER_FILE["rasters"])


def test_every_style_has_every_key_and_no_other():
    keys = set(STYLE_FILE["defaults"])
    for name, style in {**STYLES, **SEVERITY_STYLES}.items():
        assert set(style) == keys, name


def test_every_class_row_replaces_known_keys_only():
    allowed = set(STYLE_FILE["defaults"]) - {"by", "classes", "show", "z", "basis"} | {"values", "zh", "en"}
    for name, style in STYLES.items():
        for row in class_rows(style):
            assert set(row) <= allowed, name
            assert HAN.search(row["zh"]) and row["en"], name


def test_colours_widths_and_opacities_are_in_range():
    styles = [*STYLES.values(), *SEVERITY_STYLES.values()]
    for style in chain(styles, *([{**each, **row} for row in class_rows(each)] for each in styles)):
        assert all(style[key] is None or is_rgb(style[key]) for key in ("fill", "line", "hatch_rgb", "label_rgb"))
        assert all(0 <= style[key] <= 1 for key in ("fill_opacity", "line_opacity"))
        assert 0 < style["width_pt"] <= 5
        assert style["dash"] is None or (len(style["dash"]) % 2 == 0 and min(style["dash"]) > 0)
        assert style["hatch"] in HATCHES
        assert (style["hatch"] == "none") == (style["hatch_rgb"] is None)


def test_layers_that_may_hold_points_have_a_marker_and_the_others_none():
    for name, style in STYLES.items():
        wants = LAYERS[name]["geometry"] in {"point", "any"}
        assert (style["marker"] in MARKERS) == wants, name
        assert (style["size_pt"] is not None) == wants, name


def test_a_colour_by_code_uses_a_field_with_a_coloured_table():
    by = {name: style["by"] for name, style in STYLES.items() if style["by"]}
    assert by
    assert {name: fields(name)[field][5] for name, field in by.items() if fields(name)[field][5] not in COLOURED} == {}


def test_labels_and_classes_use_fields_of_their_layer():
    for name, style in STYLES.items():
        used = {style["label"], (style["classes"] or {}).get("field")} - {None}
        assert used <= set(fields(name)), name


def test_a_class_value_stands_in_one_row_only():
    for name, style in STYLES.items():
        values = [value for row in class_rows(style) for value in row["values"]]
        assert len(values) == len(set(values)), name
        assert all(isinstance(value, str) for value in values), name


def test_classes_by_zone_use_zone_codes():
    codes = set(table("planning_zones")["code"])
    rows = class_rows(STYLES["urban_development_boundary"])
    assert {value for row in rows for value in row["values"]} <= codes


def test_only_the_key_layers_are_visible_at_first():
    assert {name for name, style in STYLES.items() if style["show"]} == SHOWN_AT_FIRST


def test_findings_lie_above_every_layer():
    assert min(style["z"] for style in SEVERITY_STYLES.values()) > max(style["z"] for style in STYLES.values())


def test_a_higher_tier_of_settlement_is_drawn_larger():
    sizes = [row["size_pt"] for row in class_rows(STYLES["settlement"])]
    assert sizes == sorted(sizes, reverse=True)
    assert len(set(sizes)) == len(sizes)


def test_every_colour_says_where_it_comes_from_in_both_languages():
    for key, basis in STYLE_FILE["basis"].items():
        assert isinstance(basis["official"], bool), key
        assert HAN.search(basis["zh"]) and not HAN.search(basis["en"]), key
    used = [style["basis"] for style in (*STYLES.values(), *SEVERITY_STYLES.values(), *STYLE_FILE["rasters"].values())]
    assert set(used) == set(STYLE_FILE["basis"])


def test_no_plan_layer_is_drawn_in_colours_called_official():
    assert not any(STYLE_FILE["basis"][style["basis"]]["official"] for style in STYLES.values())


# --- profiles


@pytest.mark.parametrize("path", PROFILE_FILES, ids=lambda path: path.stem)
def test_a_profile_names_known_layers_once_and_known_sources(path):
    profile = read_profile(path)
    layers = [*profile.mandatory, *profile.conditional]
    assert profile.id == path.stem
    assert set(layers) <= set(LAYERS)
    assert len(layers) == len(set(layers))
    assert set(profile.cites) <= set(SOURCES)


@pytest.mark.parametrize("path", PROFILE_FILES, ids=lambda path: path.stem)
def test_a_profile_speaks_both_languages_and_demands_the_three_lines(path):
    profile = read_profile(path)
    assert HAN.search(profile.name.zh) and profile.name.en
    assert {"permanent_basic_farmland", "ecological_redline", "urban_development_boundary"} <= set(profile.mandatory)


def test_both_national_profiles_are_there():
    assert {path.stem for path in PROFILE_FILES} >= {"national_city", "national_county"}
