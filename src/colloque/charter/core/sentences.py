"""The sentence a draft makes, in French and in English.

One sentence says what the rule does; one more says what happens where something is not known, since that decides too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from colloque.charter.core.draft import Bounds, Condition, Draft, Effect
from colloque.charter.core.lexicon import (
    ACTS,
    CHOICES,
    DAYS,
    EVENTS,
    PROFESSIONS,
    PROVIDED,
    REACHES,
    STATES,
    TRACKS,
    Named,
)
from colloque.kernel.vocabulary import Autonomy, ChoiceAnswer, Profession, Situation

VOWELS = "aeiouyhàâéèêëîïôûAEIOUYHÀÂÉÈÊËÎÏÔÛ"
FEW_CHOICES = 2
DAYS_IN_A_ROW = 3


def listed(parts: Sequence[str], last: str) -> str:
    """`a, b ou c`: the parts, the last two held together by `last`."""
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} {last} {parts[-1]}"


def that(clause: str) -> str:
    """« que » before a clause, elided where French elides it."""
    return f"qu’{clause}" if clause[:1] in VOWELS and not clause.startswith(("huit", "onze")) else f"que {clause}"


def _either(language: str) -> str:
    return "ou" if language == "fr" else "or"


def _both(language: str) -> str:
    return "et" if language == "fr" else "and"


# ---- Parts of a sentence


def acts_told(acts: Sequence[str], language: str) -> str:
    """The acts, after « pour » or "in"; empty for all of them."""
    return listed([ACTS[act](language) for act in acts], _either(language))


def ages_told(ages: Bounds, language: str) -> list[str]:
    """What the person's age is, after « la personne » or "the person": one predicate, or two where ages lie outside."""
    under, since = ages.under, ages.since
    french = language == "fr"
    if under is not None and since is not None and ages.is_between:
        if since == under - 1:
            return [f"a {_years(since)}" if french else f"is {since}"]
        return [f"a entre {since} et {under - 1} ans" if french else f"is between {since} and {under - 1}"]
    told: list[str] = []
    if under is not None:
        less = "moins d’un an" if under == 1 else f"moins de {under} ans"
        told.append(f"a {less}" if french else f"is under {under}")
    if since is not None and since % 5 == 1 and since > 1:
        told.append(f"a plus de {since - 1} ans" if french else f"is over {since - 1}")
    elif since is not None:
        told.append(f"a {_years(since)} et plus" if french else f"is {since} and over")
    return told


def _years(number: int) -> str:
    return "un an" if number == 1 else f"{number} ans"


def situations_told(situations: Iterable[Situation], language: str) -> list[str]:
    """What the person is living through, after « la personne » or "the person"; « est » is said once."""
    chosen = set(situations)
    states = [STATES[s](language) for s in Situation if s in chosen and s in STATES]
    events = [EVENTS[s](language) for s in Situation if s in chosen and s in EVENTS]
    verb = "est" if language == "fr" else "is"
    return [*([f"{verb} {listed(states, _either(language))}"] if states else []), *events]


def choices_told(choices: Iterable[ChoiceAnswer], language: str) -> list[str]:
    """What the person answered, after « la personne » or "the person"."""
    chosen = set(choices)
    return [CHOICES[choice](language) for choice in ChoiceAnswer if choice in chosen]


def _minutes(bounds: Bounds, whom: str, language: str) -> list[str]:
    under, since = bounds.under, bounds.since
    french = language == "fr"
    spent, today = ("a passé", "aujourd’hui") if french else ("has spent", "today")
    count = _minutes_fr if french else _minutes_en
    less, least = ("moins de", "au moins") if french else ("less than", "at least")
    if under is not None and since is not None and bounds.is_between:
        joint = "entre {} et {} minutes" if french else "between {} and {} minutes"
        told = count(since) if since == under - 1 else joint.format(since, under - 1)
        return [f"{spent} {told} {whom} {today}"]
    found: list[str] = []
    if under is not None:
        found.append("moins d’une minute" if french and under == 1 else f"{less} {count(under)}")
    if since is not None:
        found.append(f"{least} {count(since)}")
    if len(found) == 2:
        return [f"{spent} {found[0]}, {_either(language)} {found[1]}, {whom} {today}"]
    return [f"{spent} {found[0]} {whom} {today}"] if found else []


def _minutes_fr(number: int) -> str:
    return "une minute" if number == 1 else f"{number} minutes"


def _minutes_en(number: int) -> str:
    return "one minute" if number == 1 else f"{number} minutes"


def minutes_told(draft: Draft, language: str) -> list[list[str]]:
    """The time spent with humans, then with machines, each as alternatives after « la personne »."""
    french = language == "fr"
    humans = _minutes(draft.human_minutes, "avec des humains" if french else "with humans", language)
    machines = _minutes(draft.machine_minutes, "avec une machine" if french else "with a machine", language)
    return [told for told in (humans, machines) if told]


def _hour(hour: int, language: str) -> str:
    if hour == 0:
        return "minuit" if language == "fr" else "midnight"
    return f"{hour} h" if language == "fr" else f"{hour}:00"


def hours_told(hours: tuple[int, int], language: str) -> str:
    """« entre 20 h et 8 h »."""
    begin, end = (_hour(hour, language) for hour in hours)
    return f"entre {begin} et {end}" if language == "fr" else f"between {begin} and {end}"


def days_told(weekdays: Iterable[int], language: str) -> str:
    """« le samedi ou le dimanche », « du lundi au vendredi »."""
    days = sorted(weekdays)
    names = [DAYS[day - 1](language) for day in days]
    if len(days) >= DAYS_IN_A_ROW and days[-1] - days[0] == len(days) - 1:
        return f"du {names[0]} au {names[-1]}" if language == "fr" else f"from {names[0]} to {names[-1]}"
    if language == "fr":
        return listed([f"le {name}" for name in names], "ou")
    return f"on {listed(names, 'or')}"


def moments_told(draft: Draft, language: str) -> str:
    """Days and hours, as one adverb; empty for any moment."""
    told = [days_told(draft.weekdays, language)] if draft.weekdays else []
    if draft.hours is not None:
        told.append(hours_told(draft.hours, language))
    return ", ".join(told)


def level_told(level: int, language: str) -> str:
    """« d’au moins 4 sur 5 »."""
    if level == 5:
        return "de 5 sur 5" if language == "fr" else "5 out of 5"
    return f"d’au moins {level} sur 5" if language == "fr" else f"at least {level} out of 5"


def systems_told(draft: Draft, language: str) -> str:
    """The AI it speaks of, without article: « IA au chevet qui propose »."""
    reaches = [REACHES[reach](language) for reach in Autonomy if reach in draft.autonomies]
    if language == "fr":
        kind = f"IA {TRACKS[draft.track]('fr')}" if draft.track is not None else "IA"
        return f"{kind} qui {listed(reaches, 'ou')}" if reaches else kind
    kind = f"{TRACKS[draft.track]('en')} AI" if draft.track is not None else "AI"
    return f"{kind} that {listed(reaches, 'or')}" if reaches else kind


def _spelled_choices(draft: Draft) -> tuple[frozenset[ChoiceAnswer], frozenset[ChoiceAnswer]]:
    """The answers a rule is about, or those it leaves out where these are fewer to say."""
    if len(draft.choices) <= FEW_CHOICES:
        return draft.choices, frozenset()
    return frozenset(), frozenset(ChoiceAnswer) - draft.choices


def people_told(draft: Draft, language: str) -> list[list[str]]:
    """What is said of the person: all of these, each as alternatives after « la personne »."""
    ages = ages_told(draft.ages, language) if draft.ages else []
    situations = situations_told(draft.situations, language)
    found = [ages, situations] if draft.is_both else [ages + situations]
    return [
        told
        for told in (*found, choices_told(_spelled_choices(draft)[0], language), *minutes_told(draft, language))
        if told
    ]


def _persons_clauses(alternatives: Sequence[Sequence[str]], language: str) -> list[str]:
    subjects = ("la personne", "elle") if language == "fr" else ("the person", "the person")
    told = [_alternatives(some, language) for some in alternatives]
    return [f"{subjects[bool(place)]} {part}" for place, part in enumerate(told)]


def _alternatives(parts: Sequence[str], language: str) -> str:
    """One or another; a comma sets them apart where one holds an "or" of its own."""
    either = _either(language)
    if len(parts) > 1 and any(f" {either} " in part for part in parts):
        return f", {either} ".join(parts)
    return listed(parts, either)


def _acts_clauses(draft: Draft, language: str) -> list[str]:
    named = (
        (draft.human_value, "la valeur humaine de l’acte est", "the act’s human value is"),
        (draft.hardship, "la pénibilité de l’acte est", "the act’s hardship is"),
    )
    return [
        f"{fr if language == 'fr' else en} {level_told(level, language)}"
        for level, fr, en in named
        if level is not None
    ]


def when_told(draft: Draft, language: str) -> str:
    """« quand la personne a moins de 18 ans et qu’elle est isolée »; empty where nothing limits the rule so."""
    clauses = [*_acts_clauses(draft, language), *_persons_clauses(people_told(draft, language), language)]
    if not clauses:
        return ""
    comma = "," if any(f" {_either(language)} " in clause for clause in clauses) else ""
    if language == "fr":
        return "quand " + f"{comma} et ".join([clauses[0], *(that(clause) for clause in clauses[1:])])
    return "when " + f"{comma} and ".join(clauses)


def things_told(draft: Draft, language: str) -> list[str]:
    """What lifts the rule or is required by it, each as a clause of its own."""
    told = [PROVIDED[condition](language) for condition in Condition if condition in draft.conditions]
    if draft.professions:
        who = listed([PROFESSIONS[p](language) for p in Profession if p in draft.professions], _either(language))
        told.append(f"c’est {who} qui en répond" if language == "fr" else f"it is {who} who answers for it")
    if draft.times_more_people is not None:
        count = _minutes_fr if language == "fr" else _minutes_en
        told.append(
            f"la personne a passé aujourd’hui au moins {count(draft.times_more_people)} avec des humains "
            "pour chaque minute avec une machine"
            if language == "fr"
            else f"the person has spent today at least {count(draft.times_more_people)} with humans "
            "for each minute with a machine"
        )
    return told


def _left_out(draft: Draft, language: str) -> list[str]:
    """Clauses on the person that the rule leaves aside."""
    answers = choices_told(_spelled_choices(draft)[1], language)
    situations = situations_told(draft.other_situations, language)
    subject = "la personne" if language == "fr" else "the person"
    return [f"{subject} {listed(part, _either(language))}" for part in (situations, answers) if part]


def _if(clauses: Sequence[str], joint: str) -> str:
    """« si a, ou si b »."""
    return f"{joint}si ".join(clauses)


# ---- Whole sentences


def _exceptions(draft: Draft, language: str) -> list[str]:
    """Everything that lifts a refusing or asking rule, each enough by itself."""
    things = [_at_once(things_told(draft, language), language)] if draft.needs_all else things_told(draft, language)
    asked = [PROVIDED[Condition(draft.asks.value)](language)] if draft.asks is not None else []
    return [*asked, *things, *_left_out(draft, language)]


def _at_once(things: Sequence[str], language: str) -> str:
    return " et si ".join(things) if language == "fr" else f"at the same time {listed(things, 'and')}"


def _acts_part(draft: Draft, language: str) -> str:
    return f" {'pour' if language == 'fr' else 'in'} {acts_told(draft.acts, language)}" if draft.acts else ""


def capital(words: str) -> str:
    """The words with a capital at their head."""
    return words[:1].upper() + words[1:]


def _opened(moments: str, told: str) -> str:
    """The moments first, if any, then the rest."""
    return capital(f"{moments}, {told}" if moments else told)


def _whatever(language: str) -> str:
    return "quel que soit l’acte" if language == "fr" else "whatever the act"


def _refuses(draft: Draft, language: str) -> str:
    french = language == "fr"
    who, when = systems_told(draft, language), when_told(draft, language)
    told = f"aucune {who} n’intervient" if french else f"no {who} takes part"
    told += _acts_part(draft, language) or f", {_whatever(language)}"
    if when:
        told += f"{'' if draft.acts else ','} {when}"
    lifted = _exceptions(draft, language)
    if lifted:
        told += ", sauf si " + ", ou si ".join(lifted) if french else ", unless " + ", or unless ".join(lifted)
    return _opened(moments_told(draft, language), told) + "."


def _asks(draft: Draft, language: str) -> str:
    french = language == "fr"
    opening = ", ".join(part for part in (moments_told(draft, language), when_told(draft, language)) if part)
    acts = _acts_part(draft, language)
    if not acts and not opening:
        opening = _whatever(language)
    lifted = _exceptions(draft, language)
    if french:
        told = (
            f"une {systems_told(draft, 'fr')} n’intervient{acts} que si {', ou si '.join(lifted)}. Sinon, l’IA attend."
        )
    else:
        told = f"{systems_told(draft, 'en')} takes part{acts} only if {', or if '.join(lifted)}. Otherwise AI waits."
    return _opened(opening, told)


def _permits(draft: Draft, language: str) -> str:
    french = language == "fr"
    who = systems_told(draft, language)
    article = "une " if draft.track is not None or draft.autonomies else "l’"
    told = f"{article}{who} peut intervenir" if french else f"{who} may take part"
    told += _acts_part(draft, language) or (" pour tous les actes" if french else " in every act")
    told += f" {when_told(draft, language)}".rstrip()
    things, left = things_told(draft, language), _left_out(draft, language)
    if things and draft.needs_all:
        told += (", seulement si " if french else ", only if ") + _at_once(things, language)
    elif things:
        told += ", seulement si " + ", ou si ".join(things) if french else ", only if " + ", or if ".join(things)
    if left:
        told += ", sauf si " + ", ou si ".join(left) if french else ", unless " + ", or unless ".join(left)
    return _opened(moments_told(draft, language), told) + "."


def _unknown_told(known: Sequence[Named], language: str, ending: Named) -> str:
    if not known:
        return ""
    names = listed([one(language) for one in known], _either(language))
    if language == "fr":
        return f"Si l’on ne connaît pas {names}, {ending.fr}."
    return f"If {names} {'are' if names.endswith('times') else 'is'} not known, {ending.en}."


_AGE = Named("son âge", "their age")
_SITUATION = Named("sa situation", "their situation")
_TIME, _TIMES = Named("cette durée", "this time"), Named("ces durées", "these times")


def _unknown(draft: Draft, language: str) -> str:
    """What the rule makes of what nobody knows."""
    permits = draft.effect is Effect.PERMITS
    counted = bool(draft.human_minutes) + bool(draft.machine_minutes)
    known = [_AGE] if draft.ages else []
    known += [_SITUATION] if draft.situations else []
    known += [_TIME if counted == 1 else _TIMES] if counted else []
    taken = Named("on fait comme si elle était concernée", "we act as if the person were concerned")
    if permits:
        taken = Named("on fait comme si elle n’était pas concernée", "we act as if the person were not concerned")
    left = [_SITUATION] if draft.other_situations and not draft.situations else []
    left += [_TIMES] if draft.times_more_people is not None and counted < 2 else []
    without = Named("on ne fait pas d’exception", "no exception is made")
    if permits:
        without = Named("la règle ne permet rien", "the rule permits nothing")
    told = (_unknown_told(known, language, taken), _unknown_told(left, language, without))
    return " ".join(part for part in told if part)


_MAIN: dict[Effect, Callable[[Draft, str], str]] = {
    Effect.REFUSES: _refuses,
    Effect.ASKS: _asks,
    Effect.PERMITS: _permits,
}


def sentence(draft: Draft, language: str) -> str:
    """What the draft says, in `fr` or `en`: the rule, and where it matters what it makes of what nobody knows."""
    return f"{_MAIN[draft.effect](draft, language)} {_unknown(draft, language)}".strip()
