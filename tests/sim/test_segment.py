"""Segments: the tree, value classes, products that suit them, and priorities."""

from __future__ import annotations

import numpy as np
import pytest

from sim.names import CLASSES, DECISIONS, LOCATIONS
from sim.segment import PATHS, PRODUCT_CLASSES, SegmentSettings, segment_path, suits, value_class
from sim.segment_priority import CRITERIA, Judged, Known, PrioritySettings, Weights, priority_table, score
from sim.segment_table import book_segments, known_spend, segment_table

OWNER, GROUP = DECISIONS.index("owner"), DECISIONS.index("group")


def name_of(ours=True, decision=OWNER, spend=100.0, location="own_premises"):
    """Return the path of one customer."""
    where = np.array([LOCATIONS.index(location)])
    lines = np.array([[ours], [False]])
    return segment_path(lines, np.array([decision]), np.array([spend]), where, SegmentSettings()).names[0]


def known(**changes):
    """Return what a book knows of two customers in two segments that differ in nothing."""
    same = {
        "path": np.array([0, 6], dtype=np.int16),
        "own_spend": np.array([100.0, 100.0]),
        "spend": np.array([100.0, 100.0]),
        "growth": np.array([0.0, 0.0]),
        "rival_lines": np.array([0.5, 0.5]),
    }
    return Known(**{**same, **{name: np.array(values) for name, values in changes.items()}})


def attractiveness(book, settings=None):
    """Return the attractiveness of the first segment less that of the second."""
    table = priority_table(book, PATHS, settings or PrioritySettings(judged={})).set_index("segment")
    first, second = (table.loc[" / ".join(PATHS[leaf]), "attractiveness"] for leaf in book.path)
    return first - second


def test_the_tree_has_a_leaf_for_every_path():
    assert len(PATHS) == len(set(PATHS)) == 2 * 2 * len(LOCATIONS)


def test_a_customer_without_a_line_of_ours_is_a_potential_one():
    assert name_of(ours=False).startswith("potential / ")


def test_a_small_customer_whose_owner_decides_is_a_sole_trader():
    assert name_of() == "existing / sole_trader / own_premises"


@pytest.mark.parametrize("changed", [{"decision": GROUP}, {"spend": 800.0}])
def test_who_has_others_decide_or_spends_more_is_an_organisation(changed):
    assert name_of(**changed) == "existing / organisation / own_premises"


@pytest.mark.parametrize("location", LOCATIONS)
def test_the_last_level_is_where_the_customer_is(location):
    assert name_of(location=location).endswith(f" / {location}")


def test_the_tree_of_a_book_follows_the_book_alone(tiny_start):
    book = tiny_start.book
    names = book_segments(book, SegmentSettings()).names
    assert [name.startswith("existing") for name in names] == book.ours.any(axis=0).tolist()


def test_rival_spend_that_is_not_known_counts_as_nil(tiny_start):
    unseen = tiny_start.book._replace(rival_spend=np.full_like(tiny_start.book.rival_spend, np.nan))
    np.testing.assert_allclose(known_spend(unseen), unseen.own_spend)


@pytest.mark.parametrize("product", ["plain_line", "isdn"])
def test_plain_and_isdn_lines_suit_every_class(product):
    assert all(suits(product, value) for value in CLASSES)


@pytest.mark.parametrize(
    ("product", "classes"),
    [
        ("centrex", "ABCX"),
        ("shared_line", "ABCX"),
        ("number_800", "ABX"),
        ("conference_call", "ABX"),
        ("video", "AX"),
        ("group_mobile", "AX"),
    ],
)
def test_other_products_suit_the_classes_of_the_domain(product, classes):
    assert "".join(value for value in CLASSES if suits(product, value)) == classes


def test_all_products_are_those_of_the_domain():
    assert len(PRODUCT_CLASSES) == 8


@pytest.mark.parametrize(("product", "value"), [("telex", "A"), ("isdn", "E")])
def test_a_word_outside_the_vocabulary_is_refused(product, value):
    with pytest.raises(ValueError, match="give one of"):
        suits(product, value)


def test_classes_are_ranks_of_spend():
    classes = value_class(np.arange(101.0), SegmentSettings())
    assert [int((classes == index).sum()) for index in range(5)] == [5, 15, 30, 50, 1]


@pytest.mark.parametrize(
    "better",
    [
        {"spend": [200.0, 100.0]},
        {"growth": [0.1, 0.0]},
        {"own_spend": [200.0, 100.0]},
        {"rival_lines": [0.2, 0.5]},
    ],
)
def test_a_segment_is_more_attractive_by_what_the_book_says(better):
    assert attractiveness(known(**better)) > 0


@pytest.mark.parametrize("criterion", ["consumption", "fit"])
def test_a_segment_is_more_attractive_by_what_is_judged(criterion):
    leaf = " / ".join(PATHS[0])
    settings = PrioritySettings(judged={leaf: Judged(**{criterion: 0.9})})
    assert attractiveness(known(), settings) == pytest.approx(0.4 / 8)


def test_segments_that_differ_in_nothing_are_equally_attractive():
    assert attractiveness(known()) == 0


def test_a_criterion_without_weight_does_not_count():
    weights = Weights(**{name: float(name != "size") for name in CRITERIA})
    settings = PrioritySettings(weights=weights, judged={})
    assert attractiveness(known(spend=[200.0, 100.0]), settings) == 0


def test_weights_that_are_all_nil_are_refused():
    weights = Weights(**dict.fromkeys(CRITERIA, 0.0))
    with pytest.raises(ValueError, match="at least one above 0"):
        attractiveness(known(), PrioritySettings(weights=weights))


def test_capability_is_the_mean_of_sales_and_network():
    settings = PrioritySettings(judged={LOCATIONS[0]: Judged(sales=0, network=1), LOCATIONS[1]: Judged(sales=2)})
    table = priority_table(known(), PATHS, settings).set_index("segment")["capability"]
    assert [table[" / ".join(PATHS[leaf])] for leaf in (0, 6)] == [0.25, 1.0]


def test_an_ability_outside_the_scale_is_refused():
    with pytest.raises(ValueError, match="0, 1 or 2"):
        Judged(sales=3)


def test_a_judgement_of_no_segment_is_refused_with_what_was_perhaps_meant():
    with pytest.raises(ValueError, match="unknown segment; did you mean 'own_premises'"):
        SegmentSettings(priority=PrioritySettings(judged={"own_premise": Judged()}))


def test_scores_lie_between_the_least_and_the_most():
    values = np.array([1.0, 10.0, 1000.0])
    assert score("size", values)[[0, 2]].tolist() == [0.0, 1.0]
    assert 0 < score("size", values)[1] < 1


def test_segments_are_ranked_by_attractiveness_times_capability(tiny_start):
    table = segment_table(tiny_start.book, SegmentSettings())
    product = table["attractiveness"] * table["capability"]
    assert product.is_monotonic_decreasing
    assert table["rank"].tolist() == list(range(1, len(table) + 1))


def test_the_table_of_segments_counts_every_customer_once(tiny_start):
    table = segment_table(tiny_start.book, SegmentSettings())
    assert table["customers"].sum() == tiny_start.book.key.size
    assert table["size"].sum() == pytest.approx(known_spend(tiny_start.book).sum())
