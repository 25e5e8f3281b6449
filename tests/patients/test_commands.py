"""Bringing in patients and consents at the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from colloque.cli import build_parser
from colloque.kernel.errors import ColloqueError, InvalidInputError, NotFoundError
from colloque.kernel.vocabulary import ActKind, ChoiceAnswer, ProjectStatus
from colloque.patients.actions import set_identifier
from colloque.patients.core.choices import choice_that_holds
from colloque.patients.models import Person
from colloque.patients.queries import standing_choices
from colloque.people.models import ClientSystem
from colloque.projects.models import Project
from tests.patients.story import Story
from tests.people.houses import NOW

ISSUER = "https://ehr.example"


@pytest.fixture
def system(story: Story) -> ClientSystem:
    return ClientSystem.objects.create(
        establishment=story.houses.tilleuls, name="DPI", issuer=ISSUER, jwks={"keys": []}
    )


def run(*words: str, by: str = "sarah@example.org", issuer: str = ISSUER) -> int:
    common = ["--establishment", "tilleuls", "--issuer", issuer, "--by", by]
    options = build_parser().parse_args(["patients", *words, *common])
    assert options.needs_django
    return int(options.run(options))


def test_the_synthetic_patients_are_admitted_once_and_nobody_is_named(
    system: ClientSystem, shared_data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = Person.objects.count()
    files = sorted((shared_data / "fhir" / "synthea").glob("*.json"))
    for file in [*files, files[0]]:
        assert run("import", str(file), "--unit", "jardin") == 0
    dead = [file for file in files if "deceasedDateTime" in file.read_text(encoding="utf-8")]
    assert len(dead) == 1
    assert Person.objects.count() == before + len(files) - len(dead)
    printed = capsys.readouterr()
    assert "1 read, 1 persons here.\n" in printed.out
    assert "1 read, 0 persons here. 1 had died and were not admitted.\n" in printed.out
    assert not [file for file in files if file.name.split("_")[1] in printed.out + printed.err]


def test_a_consent_reaches_the_person_it_speaks_of(
    story: Story, system: ClientSystem, shared_data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    project = Project.objects.create(
        establishment=story.houses.tilleuls, slug="tri", name="Tri", intention="…", track="bedside",
        autonomy="suggests", status=ProjectStatus.LIVE.value, lead=story.director,
    )  # fmt: skip
    set_identifier(story.jeanne, system, "Patient/p1", by=story.sarah, at=NOW)
    example = "https://example.org/fhir/CodeSystem/ai-act"
    codes = tmp_path / "codes.json"
    codes.write_text(
        json.dumps(
            {
                "acts": {f"{example}|imaging-read": "imaging-reading", f"{example}|triage": "clinical-diagnosis-aid"},
                "devices": {"Device/ai-y": "tri"},
            }
        )
    )
    for name in ("refuse-all-ai-for-act-x.json", "accept-ai-y-only-with-human.json", "no-training.json"):
        assert run("consent", str(shared_data / "fhir" / "consent" / name), "--codes", str(codes)) == 0
    held = standing_choices(story.jeanne)
    assert choice_that_holds(held, ActKind.CLINICAL_DIAGNOSIS_AID, project.id) is ChoiceAnswer.WITH_HUMAN
    assert choice_that_holds(held, ActKind.IMAGING_READING, project.id) is ChoiceAnswer.NO
    assert "1 consents read" in capsys.readouterr().out


def test_mistakes_are_said_and_nothing_is_kept(story: Story, system: ClientSystem, tmp_path: Path) -> None:
    patient, broken, empty = tmp_path / "patient.json", tmp_path / "broken.json", tmp_path / "empty.json"
    patient.write_text(json.dumps({"resourceType": "Patient", "id": "p1", "name": [{"family": "Lenoir"}]}))
    broken.write_text("{")
    empty.write_text('{"resourceType": "Bundle"}')
    before = Person.objects.count()
    mistakes: list[tuple[type[ColloqueError], str, dict[str, str]]] = [
        (InvalidInputError, str(broken), {}),
        (InvalidInputError, str(empty), {}),
        (InvalidInputError, str(tmp_path / "absent.json"), {}),
        (NotFoundError, str(patient), {"by": "nobody@example.org"}),
        (NotFoundError, str(patient), {"by": "river@example.org"}),
        (NotFoundError, str(patient), {"issuer": "https://elsewhere.example"}),
    ]
    for error, file, more in mistakes:
        with pytest.raises(error) as refused:
            run("import", file, "--unit", "jardin", **more)
        assert "Lenoir" not in refused.value.message
    with pytest.raises(NotFoundError):
        run("import", str(patient), "--unit", "nowhere")
    assert Person.objects.count() == before
