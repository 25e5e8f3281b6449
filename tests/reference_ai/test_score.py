"""The points score: it never falls when a measurement worsens, abstains, and refuses what it does not know."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from colloque.reference_ai.features import BY_CODE, FEATURES
from colloque.reference_ai.score import Label, Model, Status, inverse, load
from colloque.reference_ai.synthetic import case, draw, lower_triangle

MODEL = load()
CASES = st.fixed_dictionaries(
    {
        feature.code: st.floats(low, high, allow_nan=False)
        for feature, low, high in zip(MODEL.measured, MODEL.lowest, MODEL.highest, strict=True)
    }
)


@given(CASES, st.sampled_from([table.feature.code for table in MODEL.tables]), st.floats(1.0, 3.0))
def test_a_worse_measurement_never_lowers_the_score(values: dict[str, float], code: str, worse: float) -> None:
    worsened = {**values, code: values[code] * worse}
    assert MODEL.total(worsened) >= MODEL.total(values)


@given(CASES)
def test_a_total_is_the_sum_of_its_contributions_and_lies_in_the_table(values: dict[str, float]) -> None:
    total = MODEL.total(values)
    assert 0 <= total <= MODEL.maximum
    assert len(MODEL.malignant_probability) == MODEL.maximum + 1
    answer = MODEL.answer(values)
    if answer.status is Status.ANSWERED:
        assert answer.total == total == sum(one.points for one in answer.contributions)
        assert answer.band is not None
        assert answer.probability is not None
        assert answer.probability > 0.5, "an answer it holds for less likely than the other one"


@given(CASES)
def test_without_one_possible_label_nothing_of_the_answer_is_told(values: dict[str, float]) -> None:
    answer = MODEL.answer(values)
    if answer.status is not Status.ANSWERED:
        assert (answer.label, answer.total, answer.probability, answer.band) == (None, None, None, None)
        assert answer.contributions == ()


def test_points_and_probabilities_rise_and_bands_cover_every_answer() -> None:
    for table in MODEL.tables:
        assert list(table.cuts) == sorted(set(table.cuts)), table.feature.code
        assert list(table.points) == sorted(table.points), table.feature.code
        assert len(table.points) == len(table.cuts) + 1
        assert table.points[0] == 0
        assert table.reference == table.points_for(table.typical_benign)
    assert list(MODEL.malignant_probability) == sorted(MODEL.malignant_probability)
    for total in range(MODEL.maximum + 1):
        possible = MODEL.possible(total)
        bands = [band for band in MODEL.bands if band.from_total <= total <= band.to_total]
        assert [band.label for band in bands] == (list(possible) if len(possible) == 1 else []), total


def test_few_enough_measurements_to_be_typed() -> None:
    assert 6 <= len(MODEL.measured) <= 9
    assert {table.feature for table in MODEL.tables} <= set(MODEL.measured)


def test_some_totals_make_it_abstain() -> None:
    totals = [total for total in range(MODEL.maximum + 1) if len(MODEL.possible(total)) != 1]
    assert totals, "a model that never abstains"
    chances = [MODEL.malignant_probability[total] for total in totals]
    assert min(chances) < 0.5 < max(chances), "it abstains elsewhere than where it doubts"


@pytest.mark.parametrize("label", list(Label))
def test_a_case_of_ten_times_the_scale_is_refused(label: Label, model: Model) -> None:
    chance = random.Random(11)
    for _ in range(50):
        values = draw(model, label, chance)
        for factor in (0.1, 10.0):
            scaled = {code: value * factor ** BY_CODE[code].length_power for code, value in values.items()}
            answer = model.answer(scaled)
            assert answer.status is Status.OUTSIDE
            assert answer.possible == ()


def test_a_value_alone_far_beyond_is_named(model: Model) -> None:
    values = case(model, Label.BENIGN, Status.ANSWERED, random.Random(3)).values
    code = model.measured[0].code
    answer = model.answer({**values, code: values[code] * 100})
    assert answer.status is Status.OUTSIDE
    assert [feature.code for feature in answer.beyond] == [code]


def test_one_value_beyond_is_enough_even_where_the_whole_looks_usual(model: Model) -> None:
    values = case(model, Label.BENIGN, Status.ANSWERED, random.Random(3)).values
    code = model.measured[0].code
    narrower = replace(model, highest=(values[code] * 0.99, *model.highest[1:]))
    assert narrower.looks_like(values, Label.BENIGN)
    assert narrower.answer(values).status is Status.OUTSIDE


@pytest.mark.principle("A8")
@pytest.mark.parametrize("scale", ["0.5", "0.7692", "1.3", "1.5"])
def test_a_wrong_scale_is_refused_as_often_as_measured(model: Model, scale: str) -> None:
    chance, refused, drawn = random.Random(2), Counter[Label](), 400
    for label in Label:
        for _ in range(drawn):
            values = draw(model, label, chance)
            scaled = {code: value * float(scale) ** BY_CODE[code].length_power for code, value in values.items()}
            refused[label] += model.answer(scaled).status is Status.OUTSIDE
    measured = model.document["figures"]["scale_errors"][scale]
    for label in Label:
        assert refused[label] / drawn == pytest.approx(measured[f"{label}_refused"], abs=0.12), label


def test_zeros_everywhere_are_refused_not_computed(model: Model) -> None:
    assert model.answer({feature.code: 0.0 for feature in model.measured}).status is Status.OUTSIDE


def test_an_undented_outline_is_an_ordinary_value(model: Model) -> None:
    values = dict(case(model, Label.BENIGN, Status.ANSWERED, random.Random(5)).values)
    for code in values:
        if code.startswith("conca"):
            values[code] = 0.0
    assert model.beyond(values) == ()
    assert all(distance < float("inf") for label in Label for distance in model.distances(values, label))


def test_made_up_cases_fare_about_like_the_held_out_ones(model: Model) -> None:
    chance, seen, right = random.Random(1), Counter[str](), 0
    for label in Label:
        for _ in range(400):
            answer = model.answer(draw(model, label, chance))
            seen[answer.status] += 1
            right += answer.label is label
    answered = model.document["figures"]["answers"]["share_answered"]
    assert seen[Status.ANSWERED] / 800 == pytest.approx(answered, abs=0.06)
    assert right / seen[Status.ANSWERED] > 0.95


def test_the_inverse_of_a_covariance_undoes_it(model: Model) -> None:
    for likeness in model.likeness.values():
        size = len(likeness.mean)
        product = [
            [
                sum(likeness.covariance[row][k] * inverse(likeness.covariance)[k][column] for k in range(size))
                for column in range(size)
            ]
            for row in range(size)
        ]
        for row in range(size):
            assert product[row] == pytest.approx([float(row == column) for column in range(size)], abs=1e-6)
        lower = lower_triangle(likeness.covariance)
        assert all(lower[number][number] > 0 for number in range(size))


def test_the_thirty_measurements_have_names_in_two_languages() -> None:
    assert len(FEATURES) == 30
    assert len({feature.fr for feature in FEATURES}) == 30
    assert len({feature.en for feature in FEATURES}) == 30
