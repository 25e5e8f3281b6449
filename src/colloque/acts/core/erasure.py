"""What the facts of an act keep once the person it was about is erased."""

from __future__ import annotations

import msgspec

from colloque.charter.core.facts import Facts, PersonFacts
from colloque.kernel.canonical import canonical_json


def without_person(facts: bytes) -> bytes:
    """The same facts, in which nothing describes the person any more: age, situations, choice and what they said are unknown.

    What remains is the house's own: the project, the kind of act, the carer, the moment. A charter replayed on these facts
    meets the unknown, as it did the day when it knew nothing of somebody.
    """
    read = msgspec.json.decode(facts, type=Facts)
    nobody = PersonFacts(id=read.person.id)
    return canonical_json(msgspec.structs.replace(read, person=nobody, explicit_yes=type(read.explicit_yes)()))
