"""Pages of whoever manages access: what they show, what they do, what they say of mistakes."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from html import unescape

import pytest
from django.conf import LazySettings
from django.core import mail
from django.test import Client
from django.utils import timezone
from joserfc.jwk import ECKey

from colloque.kernel.vocabulary import Profession, Role
from colloque.ledger.models import Entry
from colloque.people import actions
from colloque.people.actions import OPERATOR, Offer
from colloque.people.models import Account, ClientSystem, Invitation, Membership, PractitionerIdentifier, Unit
from tests.people.houses import Houses, member

pytestmark = pytest.mark.django_db
KEY = ECKey.generate_key("P-384", {"kid": "k-1"})
JWKS = json.dumps({"keys": [KEY.as_dict(private=False)]})
PASSWORD = "une phrase qui se retient"


@pytest.fixture
def administrator(houses: Houses) -> Account:
    return member("anne@example.org", houses.tilleuls, Role.ADMINISTRATOR)


@pytest.fixture
def admin(administrator: Account) -> Client:
    client = Client()
    client.force_login(administrator)
    return client


def day(days: int) -> str:
    return (timezone.localdate() + timedelta(days=days)).isoformat()


def text(client: Client, path: str) -> str:
    response = client.get(path)
    assert response.status_code == 200, f"{path}: {response.status_code}"
    return unescape(response.content.decode())


def test_the_team_is_found_by_name_role_and_invitation(admin: Client, houses: Houses) -> None:
    nurse = member("sarah@example.org", houses.tilleuls, Role.CARER, unit=houses.garden)
    member("former@example.org", houses.tilleuls, Role.CARER, until=timezone.now() - timedelta(days=1))
    member("stranger@example.org", houses.saint_roch, Role.CARER)
    actions.invite(
        houses.tilleuls, Offer("new@example.org", Role.AUDITOR, "Nour", "Neuf"), by=OPERATOR, at=timezone.now()
    )
    page = text(admin, "/people/")
    assert "Sarah" in page
    assert "Infirmier ou infirmière · Jardin" in page
    assert "Nour Neuf" in page
    for hidden in ("Former", "Stranger"):
        assert hidden not in page
    assert "Sarah" in text(admin, "/people/?q=sar")
    assert "Personne ne correspond" in text(admin, "/people/?q=zzz&role=carer")
    assert "Sarah" not in text(admin, "/people/?role=auditor")
    assert "n’a pas encore de seconde preuve" in text(admin, "/people/").lower()
    assert "sarah@example.org" in text(admin, f"/people/accounts/{nurse.id}/")


def test_the_direction_sees_and_changes_nothing(houses: Houses) -> None:
    nurse = member("sarah@example.org", houses.tilleuls, Role.CARER)
    client = Client()
    client.force_login(member("director@example.org", houses.tilleuls, Role.DIRECTOR))
    assert "Inviter" not in text(client, "/people/")
    page = text(client, f"/people/accounts/{nurse.id}/")
    for verb in ("Donner un rôle", "Y mettre fin", "Fermer le compte"):
        assert verb not in page


def test_an_invitation_shows_its_link_once_and_sends_no_mail_without_a_server(admin: Client, houses: Houses) -> None:
    sent = {
        "given_name": "Claire",
        "family_name": "Morel",
        "email": "claire@example.org",
        "role": "carer",
        "profession": "doctor",
        "unit": str(houses.garden.id),
        "valid_until": day(30),
    }
    response = admin.post("/people/invite/", sent)
    page = unescape(response.content.decode())
    found = re.search(r"http://testserver(/people/invitation/[\w-]{43}/)", page)
    assert found
    assert "no-store" in response.headers["Cache-Control"]
    assert mail.outbox == []
    invitation = Invitation.objects.get()
    assert (invitation.unit, invitation.profession) == (houses.garden, Profession.DOCTOR)
    assert timezone.localtime(invitation.valid_until).hour == 0, "the last day is not whole"
    Client().post(found[1], {"password1": PASSWORD, "password2": PASSWORD})
    held = Membership.objects.get(account__email="claire@example.org")
    assert held.valid_until == invitation.valid_until


def test_with_a_server_the_invitation_is_mailed_too(admin: Client, settings: LazySettings, houses: Houses) -> None:
    settings.COLLOQUE_SENDS_MAIL = True
    sent = {"given_name": "A", "family_name": "B", "email": "ab@example.org", "role": "auditor"}
    admin.post("/people/invite/", sent)
    assert mail.outbox[0].to == ["ab@example.org"]
    assert "/people/invitation/" in mail.outbox[0].body
    nurse = member("sarah@example.org", houses.tilleuls, Role.CARER)
    admin.post(f"/people/accounts/{nurse.id}/access/")
    assert mail.outbox[1].to == ["sarah@example.org"]
    assert "/people/access/" not in mail.outbox[1].body, "a link meant for the hand went by mail"


def test_mistakes_in_an_invitation_are_said_beside_the_field(admin: Client) -> None:
    sent = {"given_name": "A", "family_name": "B", "email": "not an address", "role": "carer", "valid_until": day(-1)}
    page = unescape(admin.post("/people/invite/", {**sent, "national_identifier": "12345678901"}).content.decode())
    for words in (
        "data-errors",
        "Indiquez la profession",
        "Cette date est passée",
        "onze chiffres",
        'value="not an address"',
    ):
        assert words in page
    assert not Invitation.objects.exists()


def test_an_invitation_is_taken_back(admin: Client, houses: Houses) -> None:
    sent = actions.invite(houses.tilleuls, Offer("n@example.org", Role.AUDITOR), by=OPERATOR, at=timezone.now())
    assert admin.post(f"/people/invitations/{sent.invitation.id}/withdraw/").status_code == 302
    assert Client().get(f"/people/invitation/{sent.secret}/").status_code == 404
    assert admin.post(f"/people/invitations/{sent.invitation.id}/withdraw/").status_code == 409


def test_a_role_is_given_and_ended(admin: Client, houses: Houses) -> None:
    nurse = member("sarah@example.org", houses.tilleuls, Role.CARER)
    path = f"/people/accounts/{nurse.id}/roles/"
    sent = {"role": "facilitator", "unit": "", "valid_from": day(1), "valid_until": day(2)}
    assert admin.post(path, sent).status_code == 302
    given = Membership.objects.get(role=Role.FACILITATOR)
    assert given.valid_from > timezone.now()
    assert "déjà ce rôle" in unescape(admin.post(path, sent).content.decode())
    held = Membership.objects.get(account=nurse, role=Role.CARER)
    assert "passée" in unescape(admin.post(f"/people/roles/{held.id}/end/", {"until": day(-1)}).content.decode())
    assert admin.post(f"/people/roles/{held.id}/end/", {"until": day(0)}).status_code == 302
    held.refresh_from_db()
    assert held.valid_until is not None
    assert timezone.localtime(held.valid_until).date() == timezone.localdate() + timedelta(days=1)
    assert "Sarah" in text(admin, f"/people/accounts/{nurse.id}/")


def test_an_administrator_does_not_serve_themselves(admin: Client, administrator: Account) -> None:
    mine = f"/people/accounts/{administrator.id}/"
    assert "Donner un rôle" not in text(admin, mine)
    assert admin.post(f"{mine}roles/", {"role": "ethics-member"}).status_code == 403
    for verb in ("access", "second-factor", "deactivate"):
        assert admin.post(f"{mine}{verb}/").status_code == 403
    last = Membership.objects.get(account=administrator)
    assert "dernier administrateur" in unescape(admin.post(f"/people/roles/{last.id}/end/").content.decode())


def test_lost_access_is_given_back_by_hand(admin: Client, houses: Houses) -> None:
    nurse = member("sarah@example.org", houses.tilleuls, Role.CARER)
    path = f"/people/accounts/{nurse.id}/access/"
    assert "Un lien de nouveau mot de passe pour Sarah" in text(admin, path)
    found = re.search(r"http://testserver(/people/access/[\w-]{43}/)", admin.post(path).content.decode())
    assert found
    assert Client().get(found[1]).status_code == 200
    assert admin.post(f"/people/accounts/{nurse.id}/second-factor/").status_code == 302
    assert admin.post(f"/people/accounts/{nurse.id}/deactivate/").status_code == 302
    assert Client().get(found[1]).status_code == 404
    assert "Sarah" not in text(admin, "/people/")


def test_units_are_added_and_renamed(admin: Client, houses: Houses) -> None:
    assert admin.post("/people/units/", {"name": "Patio"}).status_code == 302
    added = Unit.objects.get(name="Patio")
    assert "porte déjà ce nom" in unescape(admin.post("/people/units/", {"name": "patio"}).content.decode())
    assert admin.post(f"/people/units/{added.id}/", {"name": "Grand patio"}).status_code == 302
    assert "Grand patio" in text(admin, "/people/units/")


def test_a_software_is_registered_changed_and_stopped(admin: Client, houses: Houses) -> None:
    sent = {"name": "Dossier", "issuer": "https://ehr.example", "jwks": JWKS, "origins": "https://ehr.example"}
    path = admin.post("/people/systems/new/", sent).headers["Location"]
    system = ClientSystem.objects.get()
    assert (system.origins, system.jwks["keys"][0]["kid"]) == (["https://ehr.example"], "k-1")
    page = text(admin, path)
    assert '"kid": "k-1"' in page
    assert admin.post(path, {**sent, "name": "Dossier 2", "origins": ""}).status_code == 302
    assert "a déjà cet émetteur" in unescape(admin.post("/people/systems/new/", sent).content.decode())
    entries = Entry.objects.count()
    admin.post(f"{path}active/", {"active": "no"})
    system.refresh_from_db()
    assert (system.name, system.is_active, Entry.objects.count()) == ("Dossier 2", False, entries + 1)
    assert "arrêté" in text(admin, "/people/systems/")


def test_a_private_key_is_refused_and_not_sent_back(admin: Client) -> None:
    private = json.dumps({"keys": [KEY.as_dict(private=True)]})
    response = admin.post("/people/systems/new/", {"name": "D", "issuer": "https://e.example", "jwks": private})
    page = unescape(response.content.decode())
    assert "Cette clé est privée" in page
    assert str(KEY.as_dict(private=True)["d"]) not in page
    assert "https://e.example" in page, "what was typed elsewhere is lost"
    assert not ClientSystem.objects.exists()


def test_a_professional_is_known_to_a_software(admin: Client, houses: Houses) -> None:
    nurse = member("sarah@example.org", houses.tilleuls, Role.CARER)
    patient = member("odile@example.org", houses.tilleuls, Role.PATIENT)
    sent = {"name": "Dossier", "issuer": "https://ehr.example", "jwks": JWKS, "origins": ""}
    path = admin.post("/people/systems/new/", sent).headers["Location"]
    link = f"{path}practitioners/"
    assert "Odile" not in text(admin, link)
    assert admin.post(link, {"account": str(patient.id), "practitioner": "p-1"}).status_code == 200
    assert admin.post(link, {"account": str(nurse.id), "practitioner": "Practitioner/n-1"}).status_code == 302
    assert "désigne déjà" in unescape(
        admin.post(link, {"account": str(nurse.id), "practitioner": "n-1"}).content.decode()
    )
    page = text(admin, path)
    assert "Sarah" in page
    assert "n-1" not in page
    held = PractitionerIdentifier.objects.get()
    assert admin.post(f"/people/practitioners/{held.id}/remove/").status_code == 302
    assert not PractitionerIdentifier.objects.exists()


def test_attestations_are_seen_given_and_taken_back(admin: Client, administrator: Account, houses: Houses) -> None:
    member("", houses.tilleuls, Role.CARER, account=administrator)
    nurse = member("sarah@example.org", houses.tilleuls, Role.CARER)
    page = text(admin, "/learning/")
    assert "2 soignants sans attestation" in page
    assert "Quelqu’un d’autre doit attester pour vous" in page
    path = f"/learning/{nurse.id}/attest/"
    for wrong in ({}, {"seen": "on", "until": day(0)}, {"seen": "on", "until": day(3000)}, {"until": day(300)}):
        assert "data-errors" in admin.post(path, wrong).content.decode()
    assert admin.post(path, {"seen": "on", "until": day(300)}).status_code == 302
    page = text(admin, "/learning/")
    assert "1 soignant sans attestation" in page
    assert "attesté par Anne" in page
    given = nurse.attestations.get()
    assert admin.post(f"/learning/attestations/{given.id}/end/").status_code == 302
    assert "2 soignants sans attestation" in text(admin, "/learning/")
    assert admin.post(f"/learning/{administrator.id}/attest/", {"seen": "on", "until": day(30)}).status_code == 403
