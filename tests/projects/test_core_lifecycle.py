"""A project goes live once, is suspended by many, is lifted by few; its address is never a way into our own network."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from colloque.kernel.errors import ConflictError, InvalidInputError
from colloque.kernel.vocabulary import ProjectStatus, Role
from colloque.projects.core.endpoint import checked_endpoint
from colloque.projects.core.lifecycle import ALLOWED_ROLES, TRANSITIONS, LiveFacts, Move, after, missing_for_live


def test_each_move_not_in_the_table_is_a_conflict() -> None:
    for status, move in itertools.product(ProjectStatus, Move):
        if (status, move) in TRANSITIONS:
            assert after(status, move) is TRANSITIONS[status, move]
        else:
            with pytest.raises(ConflictError):
                after(status, move)


def test_no_move_leads_back_to_draft_and_only_two_lead_to_live() -> None:
    assert ProjectStatus.DRAFT not in TRANSITIONS.values()
    assert {move for (_, move), end in TRANSITIONS.items() if end is ProjectStatus.LIVE} == {Move.MAKE_LIVE, Move.LIFT}


def test_whoever_may_start_an_ai_may_stop_it() -> None:
    assert ALLOWED_ROLES[Move.MAKE_LIVE] <= ALLOWED_ROLES[Move.SUSPEND]
    assert ALLOWED_ROLES[Move.LIFT] == {Role.DIRECTOR}


@given(st.lists(st.booleans(), min_size=8, max_size=8))
def test_a_project_is_ready_only_when_nothing_is_missing(held: list[bool]) -> None:
    missing = missing_for_live(LiveFacts(*held))
    assert (missing == ()) == all(held)
    assert len(missing) == held.count(False)


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("https://ia.hopital.example/cds/", "https://ia.hopital.example/cds"),
        ("https://IA.hopital.example:8443/cds-services", "https://ia.hopital.example:8443/cds-services"),
        ("https://10.2.3.4/ai", "https://10.2.3.4/ai"),
        ("http://127.0.0.1:8101", "http://127.0.0.1:8101"),
        ("http://localhost:8101/v1", "http://localhost:8101/v1"),
        ("http://[::1]:8101", "http://[::1]:8101"),
    ],
)
def test_an_address_is_kept_in_one_form(url: str, kept: str) -> None:
    assert checked_endpoint(url, loopback_allowed=True) == kept


@pytest.mark.parametrize(
    "url",
    [
        "",
        "ia.hopital.example",
        "http://ia.hopital.example",
        "ftp://ia.hopital.example",
        "file:///etc/passwd",
        "https://user:secret@ia.hopital.example",
        "https://user@ia.hopital.example",
        "https://ia.hopital.example@127.0.0.1",
        "https://ia.hopital.example/?to=http://elsewhere",
        "https://ia.hopital.example/#x",
        "https://ia.hopital.example?",
        "https://ia.hopital.example/../admin",
        "https://ia.hopital.example/%2e%2e/admin",
        "https://ia.hopital.example\\@127.0.0.1",
        "https://ia.hopital.example:99999",
        "https://ia hopital.example",
        "https://ia.hopital.example\n",
        "https://169.254.169.254/latest/meta-data",
        "https://[fe80::1]/",
        "https://0.0.0.0/",
        "https://[::ffff:127.0.0.1]/",
        "https://2130706433/",
        "https://0x7f.1/",
        "https://127.1/",
        "https://intranet/",
        "https://db.internal/",
        "https://printer.local/",
        "https://еxample.org/",
        "https://" + "a" * 500 + ".example/",
    ],
)
def test_what_could_lead_elsewhere_is_refused(url: str) -> None:
    with pytest.raises(InvalidInputError) as refused:
        checked_endpoint(url, loopback_allowed=True)
    assert refused.value.code.startswith("endpoint-")
    assert refused.value.path == "endpoint"


@pytest.mark.parametrize("url", ["http://127.0.0.1:1", "https://localhost", "https://[::1]", "https://127.8.8.8"])
def test_this_machine_is_only_for_demonstration(url: str) -> None:
    with pytest.raises(InvalidInputError, match="demonstration"):
        checked_endpoint(url, loopback_allowed=False)
