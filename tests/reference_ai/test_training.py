"""The model file comes from our script, bit for bit, and the documents say what it says."""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import sys
from collections import Counter
from importlib.util import find_spec
from pathlib import Path

import pytest

from colloque.reference_ai.features import FEATURES
from colloque.reference_ai.score import Label, Model, Status
from colloque.reference_ai.training.documents import FIGURE, refreshed, value_at
from tests.reference_ai.service import SOURCE

ROOT = SOURCE.parent
MODEL_FILE = SOURCE / "colloque" / "reference_ai" / "breast_cytology.json"
FOLDER = ROOT / "docs" / "reference-ai"
DOCUMENTS = [*sorted(FOLDER.glob("*.md")), ROOT / "docs" / "adr" / "0009-reference-ai.md"]


@pytest.mark.skipif(
    find_spec("sklearn") is None, reason="Training needs scikit-learn (the `train` extra), which is not installed."
)
def test_training_again_makes_the_same_file(tmp_path: Path) -> None:
    made = tmp_path / "model.json"
    subprocess.run(
        [sys.executable, "-m", "colloque.reference_ai.training", "--output", str(made)],
        check=True,
        timeout=280,
        env={**os.environ, "PYTHONPATH": str(SOURCE)},
    )
    assert made.read_bytes() == MODEL_FILE.read_bytes()


@pytest.mark.skipif(find_spec("sklearn") is None, reason="The data come with scikit-learn, which is not installed.")
def test_the_service_scores_the_real_cases_as_training_did(model: Model) -> None:
    from sklearn.datasets import load_breast_cancer

    data = load_breast_cancer()
    rows, labels = data.data, 1 - data.target
    digest = hashlib.sha256(rows.astype("<f8").tobytes() + labels.astype("<i8").tobytes()).hexdigest()
    assert digest == model.document["data"]["sha256"]
    cases = [dict(zip((feature.code for feature in FEATURES), map(float, row), strict=True)) for row in rows]
    answers = [model.answer(values) for values in cases]
    seen = Counter(answer.status for answer in answers)
    figures = model.document["figures"]["answers"]
    for status in Status:
        assert seen[status] / len(rows) == pytest.approx(figures[f"share_{status}"], abs=0.03), status
    wrong = sum(
        (answer.label is Label.MALIGNANT) != bool(label)
        for answer, label in zip(answers, labels, strict=True)
        if answer.label is not None
    )
    assert wrong / seen[Status.ANSWERED] <= figures["answered_wrong_share"] + 0.005


def test_the_measured_figures_are_what_the_aid_claims(model: Model) -> None:
    figures = model.document["figures"]
    points, regression = figures["points_score"], figures["logistic_regression_30"]
    assert figures["protocol"] == {"folds": 10, "repeats": 5, "cases": 569, "seed": model.document["seed"]}
    assert points["auc"] >= 0.992
    assert regression["auc"] - points["auc"] <= 0.004, "the score costs more than it says"
    coverage = figures["answers"]["coverage"]
    assert min(coverage.values()) >= model.level - 0.01, "the declared level does not hold"
    assert figures["answers"]["answered_wrong_share"] <= 0.03
    shares = [figures["answers"][f"share_{name}"] for name in ("answered", "abstained", "outside")]
    assert sum(shares) == pytest.approx(1, abs=0.0002)
    for scale in ("0.1", "2", "10"):
        assert figures["scale_errors"][scale]["refused"] >= 0.99
    assert figures["scale_errors"]["1.3"]["refused"] > figures["scale_refused_without_controls"]["1.3"]


def test_bands_add_up_to_the_answers(model: Model) -> None:
    answers = model.document["figures"]["answers"]
    assert sum(band.measured_on for band in model.bands) == pytest.approx(answers["answered_cases"], abs=4)
    assert sum(band.errors for band in model.bands) == pytest.approx(answers["answered_wrong_cases"], abs=0.2)
    for band in model.bands:
        assert band.wrong_per_100 >= 100 * band.errors / (band.measured_on + 1) - 0.5
        assert band.at_most_per_100 >= band.wrong_per_100


def test_the_two_weakest_slips_are_the_ones_told(model: Model) -> None:
    by_measurement = model.document["figures"]["typing_slips_by_measurement"]
    asked = {feature.code for feature in model.measured}
    slips = sorted(
        (share, code, slip) for code, one in by_measurement.items() if code in asked for slip, share in one.items()
    )
    assert {(code, slip) for _, code, slip in slips[:2]} == {("concave-points-largest", "0.1"), ("area-spread", "10")}


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_the_documents_say_the_figures_of_the_model(path: Path, model: Model) -> None:
    text = path.read_text(encoding="utf-8")
    assert refreshed(text, model.document) == text, (
        f"{path.name}: run python -m colloque.reference_ai.training.documents {path.relative_to(ROOT)}"
    )


@pytest.mark.parametrize("name", ["model-card", "data-sheet"])
def test_both_languages_tell_the_same_figures(name: str) -> None:
    told = [
        Counter(match["path"] for match in FIGURE.finditer((FOLDER / file).read_text(encoding="utf-8")))
        for file in (f"{name}.md", f"{name}.fr.md")
    ]
    assert told[0] == told[1]
    assert sum(told[0].values()) >= 3
    for file in (f"{name}.md", f"{name}.fr.md"):
        comments = len(re.findall("<!--", (FOLDER / file).read_text(encoding="utf-8")))
        assert comments == sum(told[0].values()), f"{file}: a figure is marked in a way that is not understood"


def test_a_changed_figure_is_put_right_in_the_way_it_was_written() -> None:
    document = {"a": {"b": [0.98765]}}
    assert refreshed("0,5 %<!-- a/b/0 -->", document) == "98,8 %<!-- a/b/0 -->"
    assert refreshed("0.00<!-- !a/b/0 -->", document) == "0.01<!-- !a/b/0 -->"
    assert refreshed("3%<!-- a/b/0 -->", document) == "99%<!-- a/b/0 -->"
    with pytest.raises(KeyError):
        value_at(document, "a/b")


def test_no_row_of_the_data_is_in_the_repository() -> None:
    text = MODEL_FILE.read_text(encoding="utf-8")
    assert len(text) < 20_000
    lists = [entry for entry in re.findall(r"\[[^\[\]]*\]", text) if len(json.loads(entry)) == 30]
    assert lists == [], "a list as long as a row of the data"
