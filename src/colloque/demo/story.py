"""Who lives in the demonstration: two fictional houses, their staff, residents and patients, made from a seed.

Everything here is a pure value; `build.py` makes it happen through the rooms' own actions.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from random import Random

from colloque.kernel.vocabulary import ActKind, ChoiceAnswer, Profession, Role, Situation

SEED = 4001
DAYS = 90
"""The days that are lived densely, up to today."""
EARLIER = 275
"""The days before them in which acts are few: with them the story covers a year."""
NURSING_HOME = "les-tilleuls"
HOSPITAL = "hopital-de-la-vallee"


@dataclass(frozen=True)
class House:
    """An establishment of the story."""

    slug: str
    name: str
    kind: str
    city: str
    units: tuple[tuple[str, str], ...]


HOUSES = (
    House(
        NURSING_HOME,
        "Résidence Les Tilleuls",
        "nursing-home",
        "Valbrune",
        (("rez-de-jardin", "Rez-de-jardin"), ("premier", "Premier étage"), ("second", "Second étage")),
    ),
    House(
        HOSPITAL,
        "Hôpital de la Vallée",
        "hospital",
        "Valbrune",
        (("cytologie", "Consultation de cytologie"), ("medecine", "Médecine")),
    ),
)


@dataclass(frozen=True)
class Post:
    """A role somebody holds in a house of the story."""

    house: str
    role: Role
    profession: Profession | None = None


@dataclass(frozen=True)
class Somebody:
    """An account of the story. `entry` is the word of its sign-in link."""

    entry: str
    given: str
    family: str
    posts: tuple[Post, ...]
    trained: bool = True

    @property
    def email(self) -> str:
        """An address in a domain that cannot exist."""
        plain = str.maketrans("éèêëàâîïôöùûüçÉÈ", "eeeeaaiioouuucEE")
        return f"{self.given}.{self.family}".lower().translate(plain).replace(" ", "-") + "@demo.invalid"


def _staff(role: Role) -> tuple[Post, ...]:
    return (Post(NURSING_HOME, role), Post(HOSPITAL, role))


STAFF = (
    Somebody(
        "nurse",
        "Sarah",
        "Benali",
        (Post(HOSPITAL, Role.CARER, Profession.NURSE), Post(NURSING_HOME, Role.CARER, Profession.NURSE)),
    ),
    Somebody("doctor", "Claire", "Morel", (Post(HOSPITAL, Role.CARER, Profession.DOCTOR),)),
    Somebody(
        "care-assistant", "Yann", "Le Goff", (Post(NURSING_HOME, Role.CARER, Profession.CARE_ASSISTANT),), trained=False
    ),
    Somebody("project-lead", "Hugo", "Ferrand", _staff(Role.PROJECT_LEAD)),
    Somebody("ethics-member", "Inès", "Delcourt", _staff(Role.ETHICS_MEMBER)),
    Somebody("facilitator", "Paul", "Garnier", _staff(Role.FACILITATOR)),
    Somebody("director", "Hélène", "Vasseur", _staff(Role.DIRECTOR)),
    Somebody("data-protection-officer", "Karim", "Haddad", _staff(Role.DATA_PROTECTION_OFFICER)),
    Somebody("auditor", "Lucie", "Brunet", _staff(Role.AUDITOR)),
    Somebody("system-expert", "Thomas", "Nguyen", _staff(Role.SYSTEM_EXPERT)),
    Somebody("administrator", "Anne", "Rousseau", _staff(Role.ADMINISTRATOR)),
)


@dataclass(frozen=True)
class Patient:
    """A person cared for in the story. `entry` is set for the few who sign in."""

    house: str
    unit: str
    given: str
    family: str
    sex: str
    born: date
    situations: tuple[Situation, ...] = ()
    choices: tuple[tuple[ActKind | None, ChoiceAnswer], ...] = ()
    entry: str = ""

    @property
    def email(self) -> str:
        """An address in a domain that cannot exist."""
        return Somebody("", self.given, self.family, ()).email


JEANNE = "patient"
MARCEL = "resident"
TRUSTED = Somebody("trusted-person", "Nadia", "Aubry", (Post(HOSPITAL, Role.TRUSTED_PERSON),))

COMMITTEES: dict[str, tuple[tuple[str, str], ...]] = {
    NURSING_HOME: (
        (MARCEL, "patients"),
        ("nurse", "carers"),
        ("care-assistant", "carers"),
        ("ethics-member", "outside-thinker"),
    ),
    HOSPITAL: (
        (JEANNE, "patients"),
        (TRUSTED.entry, "patients"),
        ("nurse", "carers"),
        ("doctor", "carers"),
        ("ethics-member", "outside-thinker"),
    ),
}
"""Who sits in the charter committee of each house, and for whom."""

_WOMEN = (
    "Odette Simone Yvette Huguette Ginette Paulette Colette Lucienne Marcelle Raymonde Denise Georgette "
    "Andrée Suzanne Madeleine Thérèse Germaine Renée Fernande Josiane Arlette Bernadette Solange Monique "
    "Nicole Chantal Aïcha Fatou Mireille Rosa"
).split()
_MEN = (
    "André Roger Lucien Raymond Fernand Gaston Maurice Robert Henri Émile Gilbert Roland Georges Marius "
    "Ahmed Mamadou Joaquim Serge"
).split()
_FAMILIES = (
    "Lenoir Diallo Chevalier Perrin Marchand Lemoine Renaud Barbier Arnaud Colin Vidal Roche Leclerc "
    "Bourgeois Hamel Poirier Cordier Maillard Tessier Besson Joly Carpentier Lacroix Berger Moulin Guérin "
    "Pelletier Delmas Faure Baron Charpentier Rivière Pons Blanc Gaillard Navarro Ferreira Traoré "
    "Benhamou Costa Kaczmarek Schmitt Le-Bihan Etcheverry Vandamme Rossi Okafor Nowak Haddou Castel"
).split()


def _born(random: Random, today: date, youngest: int, oldest: int) -> date:
    age = random.randint(youngest, oldest)
    return date(today.year - age - 1, random.randint(1, 12), random.randint(1, 28))


def _names(random: Random) -> Iterator[tuple[str, str, str]]:
    families = list(_FAMILIES)
    while True:
        random.shuffle(families)
        for family in families:
            woman = random.random() < 0.7
            yield random.choice(_WOMEN if woman else _MEN), family.replace("-", " "), "female" if woman else "male"


def _choices(random: Random, kind: ActKind) -> tuple[tuple[ActKind | None, ChoiceAnswer], ...]:
    draw = random.random()
    if draw < 0.07:
        return ((None, ChoiceAnswer.NO),)
    if draw < 0.14:
        return ((kind, ChoiceAnswer.NO),)
    if draw < 0.34:
        return ((kind, ChoiceAnswer.WITH_HUMAN),)
    if draw < 0.40:
        return ((kind, ChoiceAnswer.ASK_EACH_TIME),)
    if draw < 0.52:
        return ()
    return ((kind, ChoiceAnswer.YES),)


def residents(random: Random, today: date) -> tuple[Patient, ...]:
    """The forty-five residents of Les Tilleuls; the first is Marcel Lenoir, who signs in."""
    units = [slug for slug, _ in HOUSES[0].units]
    people = [
        Patient(
            NURSING_HOME,
            units[0],
            "Marcel",
            "Lenoir",
            "male",
            date(today.year - 86, 1, 1),
            choices=((ActKind.FALL_RISK, ChoiceAnswer.YES), (ActKind.COMPANION, ChoiceAnswer.NO)),
            entry=MARCEL,
        )
    ]
    situations: dict[int, tuple[Situation, ...]] = {
        4: (Situation.PALLIATIVE_CARE,),
        11: (Situation.END_OF_LIFE,),
        17: (Situation.MULTIPLE_DISABILITY,),
        23: (Situation.CANNOT_EXPRESS_CHOICE,),
        29: (Situation.ISOLATED,),
        31: (Situation.AFTER_GRAVE_EVENT,),
    }
    names = _names(random)
    for position in range(1, 45):
        given, family, sex = next(names)
        people.append(
            Patient(
                NURSING_HOME,
                units[position % len(units)],
                given,
                family,
                sex,
                _born(random, today, 74, 99),
                situations.get(position, ()),
                _choices(random, ActKind.FALL_RISK),
            )
        )
    return tuple(people)


def hospital_patients(random: Random, today: date, count: int = 40) -> tuple[Patient, ...]:
    """The people seen in cytology; the first is Jeanne Aubry, who signs in."""
    people = [
        Patient(
            HOSPITAL,
            "cytologie",
            "Jeanne",
            "Aubry",
            "female",
            date(today.year - 67, 1, 1),
            choices=((ActKind.CYTOLOGY_READING, ChoiceAnswer.WITH_HUMAN),),
            entry=JEANNE,
        )
    ]
    names = _names(random)
    situations: dict[int, tuple[Situation, ...]] = {6: (Situation.PALLIATIVE_CARE,), 19: (Situation.BIRTH,)}
    for position in range(1, count):
        given, family, _ = next(names)
        given = random.choice(_WOMEN)
        people.append(
            Patient(
                HOSPITAL,
                "cytologie",
                given,
                family,
                "female",
                _born(random, today, 28, 84),
                situations.get(position, ()),
                _choices(random, ActKind.CYTOLOGY_READING),
            )
        )
    return tuple(people)


SIGN_IN_LINES = (
    ("nurse", "Sarah Benali, infirmière (cytologie, Les Tilleuls)"),
    ("doctor", "Claire Morel, médecin (cytologie)"),
    (JEANNE, "Jeanne Aubry, 67 ans, patiente"),
    (MARCEL, "Marcel Lenoir, 86 ans, résident"),
    ("trusted-person", "Nadia Aubry, personne de confiance"),
    ("care-assistant", "Yann Le Goff, aide-soignant (pas encore formé)"),
    ("project-lead", "Hugo Ferrand, responsable de projet"),
    ("ethics-member", "Inès Delcourt, philosophe, comité d’éthique"),
    ("facilitator", "Paul Garnier, animateur de consultations"),
    ("director", "Hélène Vasseur, directrice"),
    ("data-protection-officer", "Karim Haddad, délégué à la protection des données"),
    ("auditor", "Lucie Brunet, auditrice"),
    ("system-expert", "Thomas Nguyen, expert des systèmes"),
    ("administrator", "Anne Rousseau, administratrice"),
)
