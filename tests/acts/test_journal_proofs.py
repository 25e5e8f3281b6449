"""Each line of a journal finds its entry in the log without opening what is about something else."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.db import transaction
from django.urls import reverse

from colloque.ledger import queries as ledger
from colloque.ledger.actions import record
from colloque.patients.models import Opening
from tests.acts.cytology import Story
from tests.acts.test_views_acts import signed_in
from tests.acts.world import NOW


@pytest.mark.principle("C13")
def test_a_line_of_long_ago_has_its_proof_and_nothing_else_is_opened(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = story.world.person
    with transaction.atomic():
        openings = []
        for days in range(60):
            opening = Opening.objects.create(person=person, account=story.carer, at=NOW - timedelta(days=days + 1))
            openings.append(opening)
            record("person.opened", subject=person.id, payload={"opening": str(opening.id), "by": str(story.carer.id)})
            for _ in range(4):
                record("act.noted", subject=person.id, payload={"opening": str(opening.id)})
    opened: list[str] = []
    open_entry = ledger._told

    def counted(row: tuple[object, ...], *arguments: object) -> ledger.Told:
        told: ledger.Told = open_entry(row, *arguments)  # type: ignore[arg-type]
        opened.append(told.kind)
        return told

    monkeypatch.setattr(ledger, "_told", counted)
    client = signed_in(story.patient)
    first = client.get(reverse("acts:journal")).content.decode()
    older = re.search(r'href="\?before=([^"]+)"', first)
    assert older is not None, "there is more than one page"
    second = client.get(f"{reverse('acts:journal')}?before={older[1]}").content.decode()
    lines = first.count("<time") + second.count("<time")
    assert lines >= 60, "a line is lost between two pages"
    proofs = set(re.findall(r"/my/journal/[0-9a-f-]+/proof/", first + second))
    assert len(proofs) >= 60, f"{60 - len(proofs)} lines have no proof"
    assert "act.noted" not in opened, "entries about something else were opened"
