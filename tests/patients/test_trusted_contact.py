"""A trusted person is named by what one knows by heart: a name, who they are, a telephone. It opens no access."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.test import Client
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from colloque.kernel.errors import InvalidInputError, NotAllowedError, NotFoundError
from colloque.patients.actions import ask_erasure, carry_out_erasure, name_contact, remove_contact, trust
from colloque.patients.core.trust import Contact, Power, contact_bytes, contact_of, read_contact
from colloque.patients.models import TrustedContact
from colloque.patients.queries import named_by
from tests.patients.conftest import SignIn
from tests.patients.story import Story
from tests.patients.test_views import words

NADIA = Contact(name="Nadia Zorglub", relation="fille", telephone="06 12 34 56 78")


def posted(contact: Contact) -> dict[str, str]:
    return {"name": contact.name, "relation": contact.relation, "telephone": contact.telephone}


@given(st.text(), st.text(), st.text())
def test_whatever_is_typed_is_refused_with_its_place_or_kept_as_one_line(name: str, relation: str, phone: str) -> None:
    try:
        contact = contact_of(name=name, relation=relation, telephone=phone)
    except InvalidInputError as error:
        refused = {error.path, error.code}
    else:
        refused = {"name", "contact-kept"}
        assert read_contact(contact_bytes(contact)) == contact
        assert contact.name == contact.name.strip() != ""
        assert "\n" not in contact.name + contact.relation + contact.telephone
    assert refused & {"name", "relation", "telephone"}
    assert any(word.startswith("contact-") for word in refused)


@pytest.mark.principle("C12")
def test_a_resident_names_somebody_without_any_address_and_the_team_sees_whom_to_call(
    story: Story, sign_in: SignIn
) -> None:
    client = sign_in(story.her_account)
    for wrong, said in (
        ({"name": ""}, "Écrivez le nom de cette personne."),
        ({"name": "Nadia", "telephone": "12"}, "Ce numéro n’est pas complet."),
    ):
        refused = client.post("/my/trust/named/", wrong)
        assert refused.status_code == 400
        assert said in words(refused.content.decode())
    told = words(client.post("/my/trust/named/", posted(NADIA), follow=True).content.decode())
    assert "Nadia Zorglub" in told
    assert "Vous l’avez écrit" in told
    seen = words(sign_in(story.sarah).get(f"/patients/{story.jeanne.id}/").content.decode())
    assert "Nadia Zorglub" in seen
    assert "Écrit par la personne elle-même" in seen
    assert not story.jeanne.trusted_links.exists(), "a name opens an access"
    with pytest.raises(NotAllowedError):
        name_contact(story.jeanne, Contact(name="Paul"), by=story.sarah, at=timezone.now())
    with pytest.raises(NotAllowedError):
        remove_contact(story.jeanne, by=story.sarah, at=timezone.now())
    assert "Retirer ce nom" not in seen
    client.post("/my/trust/named/", {"remove": "1"})
    assert named_by(story.jeanne) is None
    assert client.post("/my/trust/named/", {"remove": "1"}).status_code == 404


def test_a_carer_writes_down_what_is_said_and_the_person_may_change_it(story: Story, sign_in: SignIn) -> None:
    client = sign_in(story.sarah)
    address = f"/patients/{story.jeanne.id}/trusted/"
    assert client.post(address, {"name": " "}).status_code == 400
    assert "Nadia Zorglub" in words(client.post(address, posted(NADIA), follow=True).content.decode())
    own = words(sign_in(story.her_account).get("/my/trust/").content.decode())
    assert "Nadia Zorglub" in own
    assert "Noté par Sarah" in own, "the person reads who wrote it"
    name_contact(story.jeanne, Contact(name="Paul Aubry"), by=story.her_account, at=timezone.now())
    kept = named_by(story.jeanne)
    assert kept is not None
    assert (kept.contact.name, kept.by_themselves) == ("Paul Aubry", True)


def test_nobody_else_reads_or_writes_it_and_it_goes_with_the_person(
    story: Story, sign_in: SignIn, client: Client
) -> None:
    name_contact(story.jeanne, NADIA, by=story.her_account, at=timezone.now())
    for other in (story.daughter, story.officer):
        with pytest.raises(NotFoundError):
            name_contact(story.jeanne, NADIA, by=other, at=timezone.now())
        assert sign_in(other).post(f"/patients/{story.jeanne.id}/trusted/", posted(NADIA)).status_code == 404
    rows = [value for model in apps.get_models() for row in model._default_manager.values_list() for value in row]
    stored = "\n".join(bytes(v).decode("latin-1") if isinstance(v, bytes | memoryview) else str(v) for v in rows)
    assert "Zorglub" not in stored, "the name lies in clear"
    carry_out_erasure(
        ask_erasure(story.jeanne, by=story.her_account, at=timezone.now()), by=story.officer, at=timezone.now()
    )
    assert not TrustedContact.objects.exists()


def test_the_team_reads_whom_the_person_gave_access_to(story: Story, sign_in: SignIn) -> None:
    client, address = sign_in(story.sarah), f"/patients/{story.jeanne.id}/"
    assert "Pas encore nommée" in words(client.get(address).content.decode())
    trust(story.jeanne, story.daughter, {Power.READ_JOURNAL}, by=story.her_account, at=timezone.now())
    page = words(client.get(address).content.decode())
    assert "Pas encore nommée" not in page
    assert story.daughter.full_name in page
