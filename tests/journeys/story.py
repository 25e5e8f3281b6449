"""The small story journeys live in; run inside an installation, it prints sessions and ids as JSON.

Les Tilleuls has adopted the starter charter; the real reference AI reads cytologies there, a second AI is suspended, a third is
in preparation, and one that the tests play follows people's weight. Claire Morel cares for Jeanne Aubry: one act waits for her
decision, one asks for her own reading.
"""

from __future__ import annotations

import json
import os
import random
import time
from datetime import timedelta

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.utils import timezone
from joserfc.jwk import ECKey

from colloque.acts import actions as acts
from colloque.acts.models import Act
from colloque.charter import actions as charter
from colloque.charter.core.constitution import packaged
from colloque.charter.core.proposals import OriginKind, ProposalKind, Side
from colloque.charter.models import CommitteeSeat
from colloque.consultations.actions import opening, taking_part
from colloque.consultations.actions.closing import close_consultation, reply
from colloque.consultations.actions.ideas import give_idea, set_idea_aside
from colloque.consultations.actions.moderation import reject_statement, say_otherwise
from colloque.consultations.actions.paper import print_sheets
from colloque.consultations.actions.voting import vote_many
from colloque.consultations.core.groups import Anonymity, GroupOfPeople, ProfileQuestion
from colloque.consultations.core.moderation import ModerationReason
from colloque.consultations.core.state import IdeaWish, OutcomeAnswer
from colloque.kernel.vocabulary import ActKind, Autonomy, ProjectStatus, Role, Situation, Track
from colloque.learning import actions as learning
from colloque.patients import actions as patients
from colloque.patients.core.trust import Power
from colloque.people import actions as people
from colloque.people.models import Account, Establishment, Membership
from colloque.people.second_factor import IN_SESSION
from colloque.people.sessions import SIGNED_IN_AT
from colloque.projects import actions as projects
from colloque.projects.models import Project, Service
from tests.acts.cytology import Story, a_story
from tests.charter.committee import Committee, seated

AI_ADDRESS = "COLLOQUE_JOURNEYS_AI"
SCALES_ADDRESS = "COLLOQUE_JOURNEYS_SCALES"
PASSWORD = "une phrase longue et tranquille"
OTHERS = {
    Role.TRUSTED_PERSON: ("Lucie", "Aubry"),
    Role.PROJECT_LEAD: ("Marc", "Duval"),
    Role.ETHICS_MEMBER: ("Inès", "Roux"),
    Role.FACILITATOR: ("Paul", "Girard"),
    Role.DATA_PROTECTION_OFFICER: ("Youssef", "Haddad"),
    Role.AUDITOR: ("Anne", "Lefort"),
    Role.SYSTEM_EXPERT: ("Thomas", "Klein"),
    Role.ADMINISTRATOR: ("Nadia", "Perrin"),
}


def session_of(account: Account) -> str:
    """The key of a session in which the account is signed in, both proofs given."""
    session = SessionStore()
    session[SESSION_KEY] = str(account.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = account.get_session_auth_hash()
    session[SIGNED_IN_AT] = time.time()
    session[IN_SESSION] = str(account.pk)
    session.create()
    return str(session.session_key)


def _others(house: Establishment) -> dict[str, Account]:
    since = timezone.now() - timedelta(days=90)
    accounts = {}
    for role, (given, family) in OTHERS.items():
        accounts[role.value] = Account.objects.create_user(
            f"{role.value}@tilleuls.invalid", PASSWORD, given_name=given, family_name=family
        )
        Membership.objects.create(account=accounts[role.value], establishment=house, role=role.value, valid_from=since)
    return accounts


def _projects(house: Establishment, director: Account, lead: Account) -> None:
    rows = (
        ("chutes", "Aide aux chutes", "Prévenir l’équipe quand une personne risque de tomber.", ProjectStatus.LIVE),
        ("compagnie", "Robot de compagnie", "Offrir une présence douce l’après-midi.", ProjectStatus.DRAFT),
    )
    for slug, name, intention, status in rows:
        project = Project.objects.create(
            establishment=house, slug=slug, name=name, intention=intention, track=Track.BEDSIDE,
            autonomy=Autonomy.INFORMS, status=status, lead=lead, endpoint="https://ai.example.org",
        )  # fmt: skip
        if status is ProjectStatus.LIVE:
            reason = "Trop de fausses alertes la nuit. L’équipe les regarde une à une."
            projects.suspend(project, reason, by=director, at=timezone.now() - timedelta(days=5))


def _scales(told: Story, lead: Account) -> Service:
    """The one AI of the house that follows people's weight: a rule about weight touches no other act of the story."""
    project = Project.objects.create(
        establishment=told.world.house, slug="balance", name="Balance attentive", lead=lead, track=Track.BEDSIDE,
        intention="Voir plus tôt qu’une personne maigrit.", autonomy=Autonomy.SUGGESTS, status=ProjectStatus.LIVE,
        endpoint=os.environ[SCALES_ADDRESS], live_since=timezone.now() - timedelta(days=60),
        intended_use={"purpose": {"fr": "Suivre le poids", "en": "Follow weight"}, "age_from": 18, "age_to": 110},
    )  # fmt: skip
    loinc = "http://loinc.org"
    query = f"Observation?patient={{{{context.patientId}}}}&code={loinc}|29463-7"
    fields = ["Observation.code", "Observation.status", "Observation.valueQuantity"]
    return Service.objects.create(
        project=project, slug="poids", remote_id="weight", hook="patient-view", act_kind=ActKind.WEIGHT,
        title="Suivre le poids", description="Dit si le poids change plus vite qu’il ne devrait.",
        prefetch={"weight": {"query": query, "fields": fields, "fr": "Le poids", "en": "The weight"}},
        inputs=[{
            "key": "weight", "prefetch": "weight", "system": loinc, "code": "29463-7", "fr": "Poids", "en": "Weight",
            "unit": "kg", "minimum": 20.0, "maximum": 300.0,
        }],
    )  # fmt: skip


def _acts(told: Story) -> dict[str, str]:
    now = timezone.now()

    def start(label: str, at_minutes: int, seed: int) -> Act:
        return acts.start_act(
            told.world.service, told.world.person, data=told.data(label, seed=seed), by=told.carer,
            at=now - timedelta(minutes=at_minutes), language="fr",
        )  # fmt: skip

    waiting = start("malignant", 40, random.Random(1).randrange(1000))
    acts.record_own_assessment(
        waiting, reading="benign", sureness="rather-sure", words="Noyaux réguliers, un amas dense en bas à gauche.",
        by=told.carer, at=now - timedelta(minutes=38),
    )  # fmt: skip
    asking = start("benign", 10, 4)
    return {"act_open": str(waiting.id), "act_asking": str(asking.id)}


def _around(told: Story, others: dict[str, Account]) -> dict[str, str]:
    """What else happens in the house: somebody is trusted, asks to be erased; a rule is debated; a system and a person arrive."""
    house, person, now = told.world.house, told.world.person, timezone.now()
    administrator = others[Role.ADMINISTRATOR.value]
    patients.trust(person, others[Role.TRUSTED_PERSON.value], list(Power), by=told.patient, at=now)
    patients.declare_situation(person, Situation.ISOLATED, by=told.carer, at=now)
    erasure = patients.ask_erasure(person, by=told.patient, at=now)
    key = ECKey.generate_key("P-384", {"kid": "k"}).as_dict(private=False)
    system = people.register_client_system(
        house,
        people.SystemDetails("Dossier de soins", "https://ehr.example", {"keys": [key]}),
        by=administrator,
        at=now,
    )
    offer = people.Offer("nouvelle@tilleuls.invalid", Role.AUDITOR, "Léa", "Nouvelle")
    return {
        "erasure": str(erasure.id),
        **_debated(told, others),
        "system": str(system.id),
        "attestation": str(learning.attest(
            told.carer, house, by=administrator, at=now, until=now + timedelta(days=365)
        ).id),
        "membership": str(Membership.objects.get(account=told.colleague, establishment=house).id),
        "invitation": people.invite(house, offer, by=administrator, at=now).secret,
        "access": people.make_access_link(others[Role.AUDITOR.value], house, by=administrator, at=now).secret,
        "stopped": str(Project.objects.get(establishment=house, slug="chutes").id),
        "draft": str(Project.objects.get(establishment=house, slug="compagnie").id),
    }  # fmt: skip


def _debated(told: Story, others: dict[str, Account]) -> dict[str, str]:
    """A rule on age: argued on both sides, replayed, put to the vote of a committee of three."""
    now = timezone.now()
    thinker = others[Role.ETHICS_MEMBER.value]
    seated(Committee(told.world.house, told.director, told.patient, told.carer, thinker), now)
    rule = '@id("over-55-asks-yes")' + packaged("options").split('@id("over-55-asks-yes")')[1].split("@id(")[0]
    proposal = charter.propose(
        told.world.house, kind=ProposalKind.NEW, cedar=rule, by=thinker, at=now, origin=OriginKind.ETHICS_OPINION,
        purpose="Le groupe de travail l’a demandé. Nous voulons en parler avant de décider.",
    )  # fmt: skip
    argument = charter.argue(proposal, Side.FOR, "À un âge, on préfère parler à quelqu’un.", by=told.patient, at=now)
    charter.argue(proposal, Side.AGAINST, "L’âge ne dit pas ce qu’une personne veut.", by=told.carer, at=now)
    acts.replay_proposal(proposal, by=thinker, at=now)
    charter.open_vote(proposal, closes_at=now + timedelta(days=7), by=thinker, at=now)
    return {
        "proposal": str(proposal.id),
        "argument": str(argument.id),
        "seat": str(CommitteeSeat.objects.get(account=told.patient).id),
    }


STATEMENTS = (
    "Le soignant prend toujours la décision finale.",
    "On demande aux résidents avant d’acheter un appareil.",
    "Un robot de compagnie aide contre la solitude.",
    "L’IA peut préparer les piluliers si quelqu’un vérifie.",
    "Une IA ne doit jamais annoncer un résultat grave.",
    "Je préfère attendre un humain plutôt qu’être levée par un robot.",
)


def _consulted(told: Story, others: dict[str, Account]) -> dict[str, str]:
    """An open consultation with something to read, one by codes, one in preparation; an idea that waits."""
    now, house = timezone.now(), told.world.house
    paul = others[Role.FACILITATOR.value]
    sizes = {"residents": 45, "families": 90, "carers": 61}
    terms = opening.Terms(
        question="Que peut-on confier à l’IA dans les soins ?", question_en="What may we entrust to AI in care?",
        about="Nous voulons écrire notre charte avec vous.", group_sizes=sizes, closes_at=now + timedelta(days=20),
        profile_questions=[ProfileQuestion.AGE], min_group_shown=5,
    )  # fmt: skip
    held = opening.prepare_consultation(house, terms, STATEMENTS, by=paul, at=now)
    for one, easy in zip(
        held.statements.order_by("number"), ("Le soignant décide.", "On demande d’abord."), strict=False
    ):
        say_otherwise(one, easy=easy, easy_en="", text_en="", by=paul, at=now)
    held = opening.open_consultation(held, by=paul, at=now)
    somebody = taking_part.join(held, taking_part.Coming(), place="", at=now).participant
    said = ("Les robots de compagnie aident contre la solitude.", "Mme Aubry ne veut pas du robot.")
    waiting = [taking_part.submit_statement(held, somebody, text, language="fr", at=now).statement for text in said]
    reject_statement(waiting[1], ModerationReason.PERSONAL_DATA, by=paul, at=now, words="Ne nommez personne.")
    [sheet] = print_sheets(held, 1, group=GroupOfPeople.RESIDENTS, language="fr", is_easy=False, by=paul, at=now).codes
    by_codes = opening.prepare_consultation(
        house,
        opening.Terms(question="Comment organiser les nuits ?", anonymity=Anonymity.CODES),
        STATEMENTS,
        by=paul,
        at=now,
    )
    opening.open_consultation(by_codes, by=paul, at=now)
    [code] = opening.make_codes(by_codes, GroupOfPeople.FAMILIES, 1, by=paul, at=now).codes
    draft = opening.prepare_consultation(house, opening.Terms(question="Et demain ?"), STATEMENTS, by=paul, at=now)
    idea = give_idea(house, "L’IA pourrait ranger les stocks.", IdeaWish.HELP, act_kind=None, by=told.carer, at=now)
    aside = give_idea(house, "Filmer les couloirs la nuit.", IdeaWish.HELP, act_kind=None, by=told.carer, at=now)
    set_idea_aside(aside, "On ne filme personne.", by=paul, at=now)
    return {
        "consultation": str(held.id), "statement": str(waiting[0].id), "by_codes": str(by_codes.id), "code": code,
        "draft_consultation": str(draft.id), "idea": str(idea.id), "sheet": sheet, "over": _closed(told, others),
        "seed": str(held.statements.get(number=1).id),
    }  # fmt: skip


def _closed(told: Story, others: dict[str, Account]) -> str:
    """A consultation that is over: two ways of seeing, statements that unite, one reply given and others owed."""
    now, paul = timezone.now(), others[Role.FACILITATOR.value]
    terms = opening.Terms(question="Que faire la nuit ?", group_sizes={"residents": 45, "carers": 61})
    draft = opening.prepare_consultation(told.world.house, terms, STATEMENTS, by=paul, at=now - timedelta(days=9))
    held = opening.open_consultation(draft, by=paul, at=now - timedelta(days=8))
    for place in range(24):
        at = now - timedelta(days=7) + timedelta(hours=place)
        group = GroupOfPeople.RESIDENTS if place % 3 else GroupOfPeople.CARERS
        somebody = taking_part.join(held, taking_part.Coming(group=group), place=f"night-{place}", at=at).participant
        leans = 1 if place % 2 else -1
        vote_many(somebody, {1: 1, 2: 1, 3: leans, 4: leans if place % 7 else 0, 5: 1, 6: -leans}, at=at)
    over = close_consultation(held, by=paul, at=now - timedelta(days=1)).consultation
    why = "Nous le tenons déjà, et le logiciel l’applique à chaque acte."
    reply(over.statements.get(number=1), OutcomeAnswer.ADOPTED, why, by=told.director, at=now)
    return str(over.id)


def tell() -> dict[str, dict[str, str]]:
    """Make the story."""
    told = a_story(os.environ[AI_ADDRESS])
    house = told.world.house
    others = _others(house)
    _projects(house, told.director, others[Role.PROJECT_LEAD.value])
    scales = _scales(told, others[Role.PROJECT_LEAD.value])
    accounts = {
        **others,
        Role.CARER.value: told.carer,
        Role.PATIENT.value: told.patient,
        Role.DIRECTOR.value: told.director,
        "colleague": told.colleague,
        "stranger": told.stranger,
    }
    for account in accounts.values():
        account.set_password(PASSWORD)
        account.save(update_fields=["password"])
    ids = {
        "house": str(house.id), "slug": house.slug, "person": str(told.world.person.id),
        "account": str(told.carer.id), "project_id": str(told.world.project.id), "unit": str(told.world.unit.id),
        "project": told.world.project.slug, "service": str(told.world.service.id), "scales": str(scales.id), **_acts(told),
        **_around(told, others), **_consulted(told, others),
    }  # fmt: skip
    return {"sessions": {name: session_of(account) for name, account in accounts.items()}, "ids": ids}


def main() -> None:
    """Tell the story as JSON on the last line."""
    print(json.dumps(tell()))
