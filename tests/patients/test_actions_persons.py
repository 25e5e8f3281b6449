"""Admission, identity, situations, presence, trust, talk, openings, erasure."""

from __future__ import annotations

import json
import logging
from datetime import date, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from django.db import connection, transaction

from colloque.kernel.errors import ConflictError, InvalidInputError, NotFoundError, TamperedError, UnavailableError
from colloque.kernel.vocabulary import ActKind, ChoiceAnswer, Role, Situation
from colloque.ledger.actions import integrate
from colloque.ledger.core.verification import verify_bundle
from colloque.ledger.export import export_bundle
from colloque.ledger.queries import entries_about, find_subject_key
from colloque.patients.access import person_for
from colloque.patients.actions import (
    admit_from_fhir,
    admit_person,
    ask_erasure,
    ask_to_talk,
    attest_presence,
    carry_out_erasure,
    change_identity,
    close_talk,
    declare_situation,
    decline_erasure,
    discharge_person,
    end_presence,
    end_situation,
    end_trust,
    give_choice,
    link_account,
    move_person,
    open_file,
    set_identifier,
    set_referent,
    trust,
    withdraw_erasure,
)
from colloque.patients.core.identity import Identity, Sex
from colloque.patients.core.trust import Power
from colloque.patients.models import ErasureRequest, Opening, Person, PersonIdentifier
from colloque.patients.models import Identity as SealedIdentity
from colloque.patients.queries import (
    JournalKind,
    current_presences,
    current_situations,
    erasure_requests_for,
    identity,
    journal_of,
    name_of,
    own_talk_requests,
    persons_for,
    talk_requests_for,
)
from colloque.people.access import Viewer, current_memberships
from colloque.people.models import Account, ClientSystem
from tests.ledger.bundles import files_of
from tests.patients.story import JEANNE, Story, everybody_but
from tests.people.houses import NOW, member

LATER = NOW + timedelta(hours=1)


def viewer(account: Account, story: Story) -> Viewer:
    memberships = tuple(current_memberships(LATER).filter(account=account).select_related("establishment", "unit"))
    return Viewer(account, memberships[0].establishment if memberships else None, memberships)


def a_system(story: Story) -> ClientSystem:
    return ClientSystem.objects.create(
        establishment=story.houses.tilleuls, name="DPI", issuer="https://ehr.example", jwks={"keys": []}
    )


def everything_in_the_database() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'")
        tables = [row[0] for row in cursor.fetchall()]
        parts = []
        for table in tables:
            cursor.execute(f"SELECT COALESCE(json_agg(t)::text, '') FROM \"{table}\" t")
            parts.append(cursor.fetchone()[0])
    return "\n".join(parts)


@pytest.mark.principle("G5")
def test_no_name_lies_open_in_the_database(story: Story) -> None:
    Account.objects.update(given_name="", family_name="", email="x") if False else None
    dump = everything_in_the_database()
    assert "Aubry" not in dump
    assert "1939-05-02" not in dump
    assert b"Aubry".hex() not in dump
    assert identity(story.jeanne) == JEANNE


def test_an_identity_moved_to_another_row_does_not_open(story: Story) -> None:
    other = admit_person(
        story.houses.tilleuls, Identity("Marcel", "Lenoir"), unit=story.houses.garden, by=story.sarah, at=NOW
    )
    stolen = SealedIdentity.objects.get(person=story.jeanne).sealed
    SealedIdentity.objects.filter(person=other).update(sealed=stolen)
    with pytest.raises(TamperedError):
        identity(other)


@pytest.mark.principle("G5")
def test_only_the_carers_of_the_unit_find_a_person(story: Story) -> None:
    assert person_for(viewer(story.sarah, story), story.jeanne.id, LATER) == story.jeanne
    assert [line.name for line in persons_for(viewer(story.sarah, story), LATER)] == ["Jeanne Aubry"]
    for account in everybody_but(story, story.sarah):
        with pytest.raises(NotFoundError):
            person_for(viewer(account, story), story.jeanne.id, LATER)
        assert persons_for(viewer(account, story), LATER) == []
    with pytest.raises(NotFoundError):
        person_for(viewer(story.sarah, story), uuid4(), LATER)


def test_a_person_who_moved_or_left_is_found_by_others_or_nobody(story: Story) -> None:
    move_person(story.jeanne, story.houses.river, by=story.sarah, at=NOW)
    with pytest.raises(NotFoundError):
        person_for(viewer(story.sarah, story), story.jeanne.id, LATER)
    assert person_for(viewer(story.river_nurse, story), story.jeanne.id, LATER) == story.jeanne
    discharge_person(story.jeanne, by=story.river_nurse, at=NOW)
    with pytest.raises(NotFoundError):
        person_for(viewer(story.river_nurse, story), story.jeanne.id, LATER)


def test_whoever_may_not_admit_does_not(story: Story) -> None:
    for account in everybody_but(story, story.sarah, story.administrator):
        with pytest.raises(NotFoundError):
            admit_person(story.houses.tilleuls, JEANNE, unit=story.houses.garden, by=account, at=LATER)
    garden = story.houses.garden
    with pytest.raises(InvalidInputError):
        admit_person(story.houses.saint_roch, JEANNE, unit=garden, by=story.stranger, at=LATER)
    assert Person.objects.count() == 1


def test_an_identity_is_corrected_by_carers_alone(story: Story) -> None:
    right = Identity("Jeanne", "Aubry", date(1938, 5, 2), Sex.FEMALE)
    for account in everybody_but(story, story.sarah):
        with pytest.raises(NotFoundError):
            change_identity(story.jeanne, right, by=account, at=LATER)
    change_identity(story.jeanne, right, by=story.sarah, at=LATER)
    story.jeanne.refresh_from_db()
    assert identity(story.jeanne) == right
    assert story.jeanne.birth_month == date(1938, 5, 1)


def test_who_is_known_here_and_has_died_is_asked_of_no_ai_any_more(story: Story) -> None:
    system = a_system(story)
    resource = {"resourceType": "Patient", "id": "p9", "name": [{"family": "Roux", "given": ["Odette"]}]}

    def told(**more: object) -> Person:
        return admit_from_fhir(
            story.houses.tilleuls, {**resource, **more}, system=system, unit=story.houses.garden, by=story.sarah, at=NOW
        )

    person = told()
    assert person.left_at is None
    assert told(deceasedDateTime="2026-03-01").left_at == NOW
    assert told(deceasedBoolean=True).id == person.id


def test_each_synthetic_patient_is_admitted_once(story: Story, shared_data: Path) -> None:
    system = a_system(story)
    for file in sorted((shared_data / "fhir" / "synthea").glob("*.json")):
        resources = [entry["resource"] for entry in json.loads(file.read_text(encoding="utf-8"))["entry"]]
        resource = next(r for r in resources if r["resourceType"] == "Patient")

        def admit(resource: object = resource) -> Person:
            return admit_from_fhir(
                story.houses.tilleuls, resource, system=system, unit=story.houses.garden, by=story.sarah, at=LATER
            )

        if "deceasedDateTime" in resource:
            with pytest.raises(InvalidInputError) as refused:
                admit()
            assert refused.value.code == "deceased"
            continue
        person = admit()
        assert admit() == person, "the same id finds the same person"
        assert file.name.startswith(identity(person).full_name.replace(" ", "_"))
        assert person.birth_month is not None
        assert person.birth_month.day == 1
        assert resource["id"] not in everything_in_the_database()


def test_an_id_means_one_person(story: Story) -> None:
    system = a_system(story)
    marcel = admit_person(
        story.houses.tilleuls, Identity("Marcel", "Lenoir"), unit=story.houses.garden, by=story.sarah, at=NOW
    )
    set_identifier(story.jeanne, system, "Patient/p1", by=story.sarah, at=LATER)
    set_identifier(story.jeanne, system, "p1", by=story.administrator, at=LATER)
    assert PersonIdentifier.objects.count() == 1
    with pytest.raises(ConflictError):
        set_identifier(marcel, system, "p1", by=story.sarah, at=LATER)
    with pytest.raises(NotFoundError):
        set_identifier(marcel, system, "p2", by=story.river_nurse, at=LATER)


def test_an_account_is_one_person(story: Story) -> None:
    marcel = admit_person(
        story.houses.tilleuls, Identity("Marcel", "Lenoir"), unit=story.houses.garden, by=story.sarah, at=NOW
    )
    with pytest.raises(ConflictError):
        link_account(marcel, story.her_account, by=story.administrator, at=LATER)
    with pytest.raises(NotFoundError):
        link_account(marcel, story.daughter, by=story.sarah, at=LATER)
    link_account(marcel, story.daughter, by=story.administrator, at=LATER)
    marcel.refresh_from_db()
    assert marcel.account == story.daughter


def test_situations_are_declared_and_ended_by_carers_with_names(story: Story) -> None:
    declared = declare_situation(story.jeanne, Situation.PALLIATIVE_CARE, by=story.sarah, at=NOW)
    assert current_situations(story.jeanne, LATER) == {Situation.PALLIATIVE_CARE}
    assert current_situations(story.jeanne, NOW - timedelta(seconds=1)) == frozenset()
    with pytest.raises(ConflictError):
        declare_situation(story.jeanne, Situation.PALLIATIVE_CARE, by=story.sarah, at=LATER)
    with pytest.raises(InvalidInputError):
        declare_situation(story.jeanne, Situation.BIRTH, by=story.sarah, at=NOW, since=LATER)
    for account in everybody_but(story, story.sarah):
        with pytest.raises(NotFoundError):
            declare_situation(story.jeanne, Situation.ISOLATED, by=account, at=LATER)
        with pytest.raises(NotFoundError):
            end_situation(declared, by=account, at=LATER)
    end_situation(declared, by=story.sarah, at=LATER)
    assert current_situations(story.jeanne, LATER) == frozenset()
    with pytest.raises(ConflictError):
        end_situation(declared, by=story.sarah, at=LATER)


def test_presence_is_attested_by_a_carer_for_a_time_and_ends(story: Story) -> None:
    attest_presence(story.jeanne, by=story.sarah, at=NOW, minutes=30)
    assert [p.carer for p in current_presences(story.jeanne, NOW + timedelta(minutes=29))] == [story.sarah]
    assert not current_presences(story.jeanne, NOW + timedelta(minutes=30)), "it ends by itself"
    attest_presence(story.jeanne, by=story.sarah, at=NOW + timedelta(minutes=10), minutes=60)
    assert current_presences(story.jeanne, NOW + timedelta(minutes=69)).count() == 1
    end_presence(story.jeanne, by=story.sarah, at=NOW + timedelta(minutes=20))
    assert not current_presences(story.jeanne, NOW + timedelta(minutes=20))
    with pytest.raises(NotFoundError):
        end_presence(story.jeanne, by=story.sarah, at=LATER)
    for minutes in (0, 241, -5):
        with pytest.raises(InvalidInputError):
            attest_presence(story.jeanne, by=story.sarah, at=NOW, minutes=minutes)
    for account in everybody_but(story, story.sarah):
        with pytest.raises(NotFoundError):
            attest_presence(story.jeanne, by=account, at=NOW)


@pytest.mark.principle("C12")
def test_trust_is_given_and_taken_back_by_the_person_alone(story: Story) -> None:
    powers = {Power.SEE_CHOICES, Power.READ_JOURNAL}
    for account in everybody_but(story, story.her_account):
        with pytest.raises(NotFoundError):
            trust(story.jeanne, story.daughter, powers, by=account, at=NOW)
    with pytest.raises(InvalidInputError):
        trust(story.jeanne, story.her_account, powers, by=story.her_account, at=NOW)
    with pytest.raises(InvalidInputError):
        trust(story.jeanne, story.daughter, set(), by=story.her_account, at=NOW)
    trust(story.jeanne, story.daughter, {Power.GIVE_CHOICES, Power.SEE_CHOICES}, by=story.her_account, at=NOW)
    link = trust(story.jeanne, story.daughter, powers, by=story.her_account, at=NOW)
    with pytest.raises(NotFoundError):
        give_choice(story.jeanne, ChoiceAnswer.NO, by=story.daughter, at=LATER)
    end_trust(link, by=story.daughter, at=LATER)
    with pytest.raises(NotFoundError):
        end_trust(link, by=story.her_account, at=LATER + timedelta(minutes=1))


def test_asking_to_talk_names_somebody_and_a_time(story: Story) -> None:
    second = member("second@example.org", story.houses.tilleuls, Role.CARER, unit=story.houses.garden)
    request = ask_to_talk(story.jeanne, act_kind=ActKind.FALL_RISK, by=story.her_account, at=NOW)
    assert ask_to_talk(story.jeanne, act_kind=ActKind.FALL_RISK, by=story.her_account, at=LATER) == request
    other = ask_to_talk(story.jeanne, by=story.her_account, at=NOW)
    assert {request.carer, other.carer} == {story.sarah, second}, "the load is shared"
    assert (request.deadline - NOW) < timedelta(hours=9)
    assert own_talk_requests(story.jeanne, NOW)[0].deadline == request.deadline
    mine = talk_requests_for(viewer(request.carer, story), NOW)
    assert [(line.name, line.act_kind, line.is_mine) for line in mine] == [("Jeanne Aubry", ActKind.FALL_RISK, True)]
    late = talk_requests_for(viewer(request.carer, story), NOW + timedelta(days=2))
    assert len(late) == 2, "a late request shows at every carer of the person"
    for account in everybody_but(story, story.sarah):
        if account != second:
            with pytest.raises(NotFoundError):
                close_talk(request, by=account, at=LATER)
    close_talk(request, by=story.sarah, at=LATER)
    with pytest.raises(ConflictError):
        close_talk(request, by=second, at=LATER)


def test_the_referent_is_asked_first_and_must_be_a_carer(story: Story) -> None:
    second = member("second@example.org", story.houses.tilleuls, Role.CARER, unit=story.houses.garden)
    with pytest.raises(InvalidInputError):
        set_referent(story.jeanne, story.river_nurse, by=story.sarah, at=NOW)
    set_referent(story.jeanne, second, by=story.sarah, at=NOW)
    assert ask_to_talk(story.jeanne, by=story.her_account, at=NOW).carer == second


def test_with_nobody_to_talk_to_the_person_is_told_so(story: Story) -> None:
    story.sarah.memberships.all().delete()
    story.river_nurse.memberships.all().delete()
    with pytest.raises(UnavailableError):
        ask_to_talk(story.jeanne, by=story.her_account, at=NOW)


@pytest.mark.principle("G5")
def test_who_opened_my_file_is_traced_and_told_to_me(story: Story) -> None:
    for minute in (0, 5, 10):
        assert open_file(story.jeanne, by=story.sarah, at=NOW + timedelta(minutes=minute)) == JEANNE
    assert Opening.objects.count() == 1
    open_file(story.jeanne, by=story.sarah, at=LATER)
    told = [line for line in journal_of(story.jeanne) if line.kind is JournalKind.OPENING]
    assert [line.at for line in told] == [LATER, NOW]
    assert [entry.kind for entry in entries_about(story.jeanne.id)].count("person.opened") == 2
    for account in everybody_but(story, story.sarah):
        with pytest.raises(NotFoundError):
            open_file(story.jeanne, by=account, at=LATER)


@pytest.mark.principle("C13")
def test_my_journal_tells_who_did_what_and_spares_what_is_said_in_person(story: Story) -> None:
    give_choice(story.jeanne, ChoiceAnswer.YES, act_kind=ActKind.WEIGHT, by=story.sarah, at=NOW)
    give_choice(story.jeanne, ChoiceAnswer.NO, act_kind=ActKind.WEIGHT, by=story.her_account, at=LATER)
    declare_situation(story.jeanne, Situation.END_OF_LIFE, by=story.sarah, at=NOW)
    declare_situation(story.jeanne, Situation.ISOLATED, by=story.sarah, at=NOW)
    attest_presence(story.jeanne, by=story.sarah, at=NOW)
    trust(story.jeanne, story.daughter, {Power.READ_JOURNAL}, by=story.her_account, at=NOW)
    ask_to_talk(story.jeanne, by=story.her_account, at=NOW)
    lines = journal_of(story.jeanne)
    assert [line.at for line in lines] == sorted((line.at for line in lines), reverse=True)
    choices = [line for line in lines if line.kind is JournalKind.CHOICE]
    assert [(line.answer, line.in_person) for line in choices] == [(ChoiceAnswer.NO, True), (ChoiceAnswer.YES, False)]
    situations = {line.situation: line.needs_exchange for line in lines if line.kind is JournalKind.SITUATION}
    assert situations == {None: True, Situation.ISOLATED: False}
    assert {line.kind for line in lines} >= {JournalKind.PRESENCE, JournalKind.TRUST, JournalKind.TALK_ASKED}


@pytest.mark.principle("C13", "G5")
def test_an_erased_person_is_readable_by_nobody_and_the_log_still_verifies(story: Story, tmp_path: Path) -> None:
    system = a_system(story)
    set_identifier(story.jeanne, system, "p1", by=story.sarah, at=NOW)
    give_choice(story.jeanne, ChoiceAnswer.NO, by=story.her_account, at=NOW)
    declare_situation(story.jeanne, Situation.ISOLATED, by=story.sarah, at=NOW)
    sealed = bytes(SealedIdentity.objects.get(person=story.jeanne).sealed)
    for account in everybody_but(story, story.her_account):
        with pytest.raises(NotFoundError):
            ask_erasure(story.jeanne, by=account, at=NOW)
    request = ask_erasure(story.jeanne, by=story.her_account, at=NOW)
    assert ask_erasure(story.jeanne, by=story.her_account, at=LATER) == request
    waiting = erasure_requests_for(viewer(story.officer, story))
    assert [line.name for line in waiting] == ["Jeanne Aubry"]
    assert erasure_requests_for(viewer(story.director, story)) == []
    for account in everybody_but(story, story.officer):
        with pytest.raises(NotFoundError):
            carry_out_erasure(request, by=account, at=LATER)
    integrate(LATER)
    carry_out_erasure(request, by=story.officer, at=LATER)
    integrate(LATER)

    story.jeanne.refresh_from_db()
    assert find_subject_key(story.jeanne.id) is None
    assert name_of(story.jeanne) == "Personne effacée"
    with pytest.raises(NotFoundError):
        identity(story.jeanne)
    with pytest.raises(NotFoundError):
        give_choice(story.jeanne, ChoiceAnswer.YES, by=story.her_account, at=LATER)
    assert (story.jeanne.account, story.jeanne.birth_month, story.jeanne.unit) == (None, None, None)
    assert all(entry.event is None for entry in entries_about(story.jeanne.id)), "what was written opens no more"
    assert sealed.hex() not in everything_in_the_database()
    assert journal_of(story.jeanne) == []
    assert [line.name for line in erasure_requests_for(viewer(story.officer, story))] == [""]
    assert find_subject_key(story.jeanne.id) is None, "reading does not make a new key"
    with pytest.raises(ConflictError):
        carry_out_erasure(request, by=story.officer, at=LATER)
    the_log_verifies(tmp_path)


def the_log_verifies(folder: Path) -> None:
    export_bundle(folder / "bundle", made=LATER)
    report = verify_bundle(files_of(folder / "bundle").get)
    assert report.is_intact, report.faults
    assert report.kinds["subject-erased"] == 1


def test_a_request_may_be_withdrawn_or_declined_with_words(story: Story) -> None:
    request = ask_erasure(story.jeanne, by=story.her_account, at=NOW)
    with pytest.raises(NotFoundError):
        withdraw_erasure(request, by=story.daughter, at=LATER)
    withdraw_erasure(request, by=story.her_account, at=LATER)
    again = ask_erasure(story.jeanne, by=story.her_account, at=LATER)
    with pytest.raises(InvalidInputError):
        decline_erasure(again, "  ", by=story.officer, at=LATER)
    decline_erasure(again, "La loi nous demande de garder cette trace.", by=story.officer, at=LATER)
    with pytest.raises(ConflictError):
        carry_out_erasure(again, by=story.officer, at=LATER)
    assert ErasureRequest.objects.filter(person=story.jeanne).count() == 2
    assert identity(story.jeanne) == JEANNE


def test_a_person_and_their_ledger_entry_roll_back_together(story: Story) -> None:
    with transaction.atomic():
        marcel = admit_person(
            story.houses.tilleuls, Identity("Marcel", "Lenoir"), unit=story.houses.garden, by=story.sarah, at=NOW
        )
        transaction.set_rollback(True)
    assert not Person.objects.filter(id=marcel.id).exists()
    assert find_subject_key(marcel.id) is None


@pytest.mark.principle("G5")
def test_no_log_line_names_anybody(story: Story, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        open_file(story.jeanne, by=story.sarah, at=NOW)
        give_choice(story.jeanne, ChoiceAnswer.NO, by=story.her_account, at=NOW)
        for account in everybody_but(story, story.sarah):
            with pytest.raises(NotFoundError) as refused:
                open_file(story.jeanne, by=account, at=LATER)
            assert "Aubry" not in str(refused.value)
    assert "Aubry" not in caplog.text
