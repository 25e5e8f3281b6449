"""What acts forget of a person who is erased."""

from __future__ import annotations

from typing import Any

from colloque.acts.actions.keeping import forget_kept_about
from colloque.acts.core.erasure import without_person
from colloque.acts.models import Act
from colloque.patients.models import Person

BATCH = 500


def after_erasure(*, person: Person, **_extra: Any) -> None:
    """Receiver of `person_erased`: the facts of their acts describe nobody, and what waited to be sent is gone.

    Verdict, rules and project stay: the house answers for what its AI did. The sealed rest is unreadable without the key.
    """
    forget_kept_about(person.id, person.establishment_id)
    changed: list[Act] = []
    for act in Act.objects.filter(person=person).only("id", "facts", "sealed_input").iterator(BATCH):
        act.facts, act.sealed_input = without_person(bytes(act.facts)), None
        changed.append(act)
    Act.objects.bulk_update(changed, ["facts", "sealed_input"], batch_size=BATCH)
