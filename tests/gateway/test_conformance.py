"""The page on conformance is true: complete against the requirement set, each line with a test that exists or a reason."""

from __future__ import annotations

import csv
from pathlib import Path

from tools.conformance import PAGE, faults, page, requirements, shown_by

SETS = {"cds-hooks_2.0": "2.0", "cds-hooks-library_1.0.1": "lib"}


def test_every_line_has_a_test_or_a_reason() -> None:
    assert faults(requirements(), shown_by()) == []


def test_the_page_is_up_to_date() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(requirements(), shown_by())


def test_no_requirement_for_a_service_is_left_out(shared_data: Path) -> None:
    with (shared_data / "cds-hooks" / "cds-hooks-2.0-requirements.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 313
    ours = {
        f"{SETS[row['Req Set']]}-{row['ID']}"
        for row in rows
        if row["Conformance"] in ("SHALL", "SHALL NOT") and {"Service", "Server"} & set(row["Actors"].split(", "))
    }
    assert set(requirements()) == ours
