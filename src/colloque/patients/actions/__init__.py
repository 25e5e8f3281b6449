"""Everything that changes about a person, one file per subject."""

from __future__ import annotations

from colloque.patients.actions.admission import (
    admit_from_fhir,
    admit_person,
    change_identity,
    discharge_person,
    link_account,
    move_person,
    set_identifier,
    set_referent,
)
from colloque.patients.actions.choices import (
    accept_consent,
    answer_question,
    give_choice,
    give_training_choice,
    withdraw_choice,
)
from colloque.patients.actions.erasure import ask_erasure, carry_out_erasure, decline_erasure, withdraw_erasure
from colloque.patients.actions.openings import note_list_opened, note_opening, open_file
from colloque.patients.actions.presence import attest_presence, end_presence
from colloque.patients.actions.situations import declare_situation, end_situation
from colloque.patients.actions.talk import ask_to_talk, close_talk
from colloque.patients.actions.trust import end_trust, name_contact, remove_contact, trust

__all__ = [
    "accept_consent",
    "admit_from_fhir",
    "admit_person",
    "answer_question",
    "ask_erasure",
    "ask_to_talk",
    "attest_presence",
    "carry_out_erasure",
    "change_identity",
    "close_talk",
    "declare_situation",
    "decline_erasure",
    "discharge_person",
    "end_presence",
    "end_situation",
    "end_trust",
    "give_choice",
    "give_training_choice",
    "link_account",
    "move_person",
    "name_contact",
    "note_list_opened",
    "note_opening",
    "open_file",
    "remove_contact",
    "set_identifier",
    "set_referent",
    "trust",
    "withdraw_choice",
    "withdraw_erasure",
]
