"""What counted in a verdict, and what could be otherwise, in the words of whoever reads it.

The person reads about themself, somebody close and a carer about the person. What one does not discover alone on a screen,
a situation, is named to carers only; nobody is named to anybody.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any

from colloque.charter.core.clauses import RATIO, fact
from colloque.charter.core.facts import Facts
from colloque.charter.core.levers import Hand, Lever
from colloque.charter.core.lexicon import ACTS, DAYS, PROFESSIONS, REACHES, TRACKS, Named
from colloque.charter.core.sentences import listed, situations_told
from colloque.kernel.vocabulary import Autonomy, ChoiceAnswer, Profession, Track


class Audience(StrEnum):
    """Who reads."""

    PERSON = "person"
    CLOSE = "close"
    CARER = "carer"


_ANSWERS: Mapping[ChoiceAnswer, Named] = {
    ChoiceAnswer.YES: Named("oui", "yes"),
    ChoiceAnswer.WITH_HUMAN: Named("oui, avec un humain à côté", "yes, with a human beside"),
    ChoiceAnswer.ASK_EACH_TIME: Named("demander à chaque fois", "ask each time"),
    ChoiceAnswer.NO: Named("non", "no"),
    ChoiceAnswer.UNKNOWN: Named("pas encore donnée", "not given yet"),
}


def _own(audience: Audience) -> Named:
    return Named("votre", "your") if audience is Audience.PERSON else Named("son", "their")


def _their(audience: Audience) -> Named:
    """« sa », before a word that begins with a consonant."""
    return Named("votre", "your") if audience is Audience.PERSON else Named("sa", "their")


def _who(audience: Audience) -> Named:
    return Named("vous", "you") if audience is Audience.PERSON else Named("la personne", "the person")


def _age(value: Any, audience: Audience) -> Named:
    own = _own(audience)
    if value is None:
        return Named(f"{own.fr} âge, qui n’est pas noté", f"{own.en} age, which is not recorded")
    return Named(f"{own.fr} âge : {value} {'an' if value < 2 else 'ans'}", f"{own.en} age: {value}")


def _situations(value: Any, audience: Audience) -> Named:
    own = _their(audience)
    if value is None:
        return Named(f"{own.fr} situation, qui n’est pas notée", f"{own.en} situation, which is not recorded")
    if audience is not Audience.CARER:
        return Named(f"ce que l’équipe a noté de {own.fr} situation", f"what the team noted of {own.en} situation")
    if not value:
        return Named("aucune situation notée", "no situation noted")
    told = Named(
        *(listed(situations_told(value, language), joint) for language, joint in (("fr", "et"), ("en", "and")))
    )
    return Named(f"sa situation : la personne {told.fr}", f"their situation: the person {told.en}")


def _choice(value: Any, audience: Audience) -> Named:
    answer, own = _ANSWERS[value], _their(audience)
    return Named(f"{own.fr} réponse : {answer.fr}", f"{own.en} answer: {answer.en}")


def _time(fr: str, en: str) -> Callable[[Any, Audience], Named]:
    def told(value: Any, audience: Audience) -> Named:
        own = _own(audience)
        if value is None:
            return Named(
                f"{own.fr} temps {fr} ce jour-là, qui n’est pas noté",
                f"{own.en} time {en} that day, which is not recorded",
            )
        minutes = Named(
            "1 minute" if value == 1 else f"{value} minutes", "1 minute" if value == 1 else f"{value} minutes"
        )
        return Named(f"{own.fr} temps {fr} ce jour-là : {minutes.fr}", f"{own.en} time {en} that day: {minutes.en}")

    return told


def _profession(value: Any, audience: Audience) -> Named:
    if value is None or audience is not Audience.CARER:
        return Named("le métier du professionnel qui en répond", "the profession of whoever answers for it")
    named = PROFESSIONS[value]
    return Named(f"le métier de qui en répond : {named.fr}", f"the profession of whoever answers for it: {named.en}")


def _is(no: Named, yes: Named) -> Callable[[Any, Audience], Named]:
    return lambda value, _: yes if value is True or value == (True, True) else no


def _yes(value: Any, audience: Audience) -> Named:
    own = _own(audience)
    if value[0]:
        return Named(f"{own.fr} oui à cet acte", f"{own.en} yes to this act")
    return Named(f"{own.fr} oui à cet acte, pas encore donné", f"{own.en} yes to this act, not given yet")


def _level(fr: str, en: str) -> Callable[[Any, Audience], Named]:
    return lambda value, _: Named(f"{fr} : {value} sur 5", f"{en}: {value} out of 5")


_TOLD: Mapping[str, Callable[[Any, Audience], Named]] = {
    "act": lambda value, _: Named(f"l’acte : {ACTS[value].fr}", f"the act: {ACTS[value].en}"),
    "declared": _is(
        Named("cet acte, que le projet n’avait pas annoncé", "this act, which the project had not announced"),
        Named("cet acte, que le projet avait annoncé", "this act, which the project had announced"),
    ),
    "human-value": _level("la valeur humaine de l’acte", "the act’s human value"),
    "hardship": _level("la pénibilité de l’acte", "the act’s hardship"),
    "status": lambda value, _: (
        Named("le projet, qui est en service", "the project, which is in service")
        if value == "live"
        else Named("le projet, qui n’est pas en service", "the project, which is not in service")
    ),
    "track": lambda value, _: Named(
        f"une IA {TRACKS[Track(value)].fr}", f"{'an' if value == 'system' else 'a'} {TRACKS[Track(value)].en} AI"
    ),
    "autonomy": lambda value, _: Named(
        f"ce que fait cette IA : elle {REACHES[Autonomy(value)].fr}",
        f"what this AI does: it {REACHES[Autonomy(value)].en}",
    ),
    "age": _age,
    "situations": _situations,
    "choice": _choice,
    "human-minutes": _time("avec des humains", "with humans"),
    "machine-minutes": _time("avec une machine", "with a machine"),
    "carer": _is(
        Named("personne ne répond de l’acte", "nobody answers for the act"),
        Named("quelqu’un répond de l’acte", "somebody answers for the act"),
    ),
    "profession": _profession,
    "trained": _is(
        Named(
            "la formation à l’IA du professionnel qui en répond, qui n’est pas notée",
            "the training in AI of whoever answers for it, which is not recorded",
        ),
        Named("la formation à l’IA du professionnel qui en répond", "the training in AI of whoever answers for it"),
    ),
    "on-duty": _is(
        Named(
            "le professionnel qui en répond, qui n’est pas noté en service",
            "whoever answers for it, who is not recorded as on duty",
        ),
        Named("le professionnel qui en répond, en service", "whoever answers for it, on duty"),
    ),
    "hour": lambda value, _: Named(f"l’heure : {value} h", f"the hour: {value}:00"),
    "weekday": lambda value, _: Named(f"le jour : {DAYS[value - 1].fr}", f"the day: {DAYS[value - 1].en}"),
    "presence": _is(
        Named("aucune présence confirmée", "no presence confirmed"),
        Named("une présence confirmée", "a presence confirmed"),
    ),
    "own-assessment": _is(
        Named("l’avis du soignant, pas encore noté", "the carer’s own opinion, not noted yet"),
        Named("l’avis du soignant, noté d’abord", "the carer’s own opinion, noted first"),
    ),
    "yes": _yes,
    "exchange": _is(
        Named("le moment pour en parler, pas encore prévu", "the time to talk about it, not planned yet"),
        Named("le moment prévu pour en parler", "the time planned to talk about it"),
    ),
    "outage": _is(
        Named("l’IA, en marche dans l’établissement", "AI, switched on in the establishment"),
        Named("l’IA, arrêtée dans l’établissement", "AI, switched off in the establishment"),
    ),
    RATIO: _is(
        Named(
            "trop peu de temps avec des humains pour le temps avec une machine",
            "too little time with humans for the time with a machine",
        ),
        Named(
            "assez de temps avec des humains pour le temps avec une machine",
            "enough time with humans for the time with a machine",
        ),
    ),
}


def counted_told(name: str, facts: Facts, audience: Audience) -> Named:
    """What a fact of the act was, as something that counted."""
    return _TOLD[RATIO if name.startswith(RATIO) else name](fact(name).value(facts), audience)


# ---- What could be otherwise


def _minutes_more(lever: Lever, audience: Audience) -> Named:
    who, count = _who(audience), lever.value
    had = "aviez" if audience is Audience.PERSON else "avait"
    noted = Named(" et si c’était noté", " and it were recorded") if lever.hand is Hand.RECORD else Named("", "")
    return Named(
        f"{who.fr} {had} passé au moins {count} minute{'s' if count > 1 else ''} avec des humains ce jour-là{noted.fr}",
        f"{who.en} had spent at least {count} minute{'' if count == 1 else 's'} with humans that day{noted.en}",
    )


def _machine_less(lever: Lever, audience: Audience) -> Named:
    own = _own(audience)
    if lever.hand is Hand.RECORD:
        return Named(
            f"{own.fr} temps avec une machine était noté, et assez court",
            f"{own.en} time with a machine were recorded, and short enough",
        )
    return Named(
        "l’acte avait lieu un jour sans autant de temps avec une machine",
        "the act took place on a day with less time with a machine",
    )


def _situation_other(lever: Lever, audience: Audience) -> Named:
    own = _their(audience)
    if lever.hand is Hand.RECORD:
        return Named(
            f"{own.fr} situation était notée, et n’était pas concernée par la règle",
            f"{own.en} situation were recorded, and the rule did not touch it",
        )
    if audience is Audience.CARER:
        return Named("cette situation était passée", "this situation were over")
    return Named(f"{own.fr} situation changeait", f"{own.en} situation changed")


def _said(person_fr: str, other_fr: str, person_en: str, other_en: str) -> Callable[[Lever, Audience], Named]:
    return lambda _, audience: Named(person_fr, person_en) if audience is Audience.PERSON else Named(other_fr, other_en)


def _same(fr: str, en: str) -> Callable[[Lever, Audience], Named]:
    return _said(fr, fr, en, en)


def _professions(lever: Lever, _: Audience) -> Named:
    chosen = [PROFESSIONS[one] for one in Profession if one in lever.acceptable]
    fr, en = (listed([named(language) for named in chosen], joint) for language, joint in (("fr", "ou"), ("en", "or")))
    return Named(f"c’était {fr} qui en répondait", f"it were {en} who answered for it")


_OTHERWISE: Mapping[str, Callable[[Lever, Audience], Named]] = {
    "presence": _same(
        "un professionnel confirmait, avec son nom, qu’il est présent",
        "a professional confirmed, by name, that they are present",
    ),
    "own-assessment": _same("le soignant notait d’abord son propre avis", "the carer first noted their own opinion"),
    "yes": _said(
        "vous disiez oui à cet acte",
        "la personne disait oui à cet acte",
        "you said yes to this act",
        "the person said yes to this act",
    ),
    "exchange": _same("un moment pour en parler était prévu", "a time to talk about it were planned"),
    "choice": _said(
        "vous répondiez oui dans vos choix",
        "la personne répondait oui dans ses choix",
        "you answered yes among your choices",
        "the person answered yes among their choices",
    ),
    "on-duty": _same("le professionnel qui en répond était en service", "whoever answers for it were on duty"),
    "trained": _same("un professionnel formé à l’IA en répondait", "a professional trained in AI answered for it"),
    "carer": _same("un professionnel répondait de l’acte", "a professional answered for the act"),
    "profession": _professions,
    "hour": lambda lever, _: Named(f"l’acte avait lieu à {lever.value} h", f"the act took place at {lever.value}:00"),
    "weekday": lambda lever, _: Named(
        f"l’acte avait lieu un {DAYS[lever.value - 1].fr}", f"the act took place on a {DAYS[lever.value - 1].en}"
    ),
    "human-minutes": _minutes_more,
    RATIO: _minutes_more,
    "machine-minutes": _machine_less,
    "age": _said(
        "votre âge était noté, et n’était pas concerné par la règle",
        "son âge était noté, et n’était pas concerné par la règle",
        "your age were recorded, and the rule did not touch it",
        "their age were recorded, and the rule did not touch it",
    ),
    "situations": _situation_other,
    "status": _same("ce projet était en service", "this project were in service"),
    "outage": _same("l’IA était remise en marche dans l’établissement", "AI were switched on again here"),
}


def otherwise_told(lever: Lever, audience: Audience) -> Named:
    """A lever as a clause after « si » or "if"."""
    return _OTHERWISE[RATIO if lever.name.startswith(RATIO) else lever.name](lever, audience)
