"""Cards as a record system receives them: the AI's word labelled as such with what it rests on, or why there is none.

Source: CDS Hooks 2.0.1, "CDS Service Response"; the override reasons are the clinical selection of the 3.0 ballot.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

import msgspec
from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext, override
from django.utils.translation import gettext_lazy as _

from colloque.acts.core.answer import (
    MAX_SUMMARY,
    Answer,
    AnswerWord,
    CheckedCard,
    Withheld,
    WithheldCode,
    plain_markdown,
)
from colloque.acts.core.spine import Governed
from colloque.acts.core.state import ActState
from colloque.acts.words import number
from colloque.kernel.vocabulary import Requirement

AI_TOPIC: Final = {
    "system": "http://terminology.hl7.org/CodeSystem/v3-ObservationValue",
    "code": "AIAST",
    "display": "Artificial Intelligence asserted",
}
"""The official label of what an AI said. Source: HL7 v3 ObservationValue."""

REASON_SYSTEM: Final = "http://terminology.hl7.org/CodeSystem/non-adherence-reason-codes"
REASONS: Final[Mapping[str, Promise]] = {
    "cds-not-applicable": _("Cet avis ne concerne pas cette personne"),
    "cds-suboptimal-context": _("Ce n’est pas le bon moment, ou pas à moi"),
    "recipient-disagrees-evidence": _("Je ne suis pas d’accord avec ce qui le fonde"),
    "recipient-concerns-outcomes": _("Je crains ses effets pour la personne"),
    "does-not-align-preferences": _("Cela ne va pas avec ce que veut la personne"),
    "not-convenient-feasible": _("Ce n’est pas faisable ici"),
    "action-completed": _("C’est déjà fait"),
    "patient-contraindication": _("Il y a une contre-indication"),
    "patient-refuses": _("La personne refuse"),
    "too-costly-uncovered": _("C’est trop cher, ou non remboursé"),
    "service-not-available": _("Ce soin n’est pas disponible"),
    "recipient-does-not-understand": _("L’avis n’est pas compréhensible"),
}
"""Why a suggestion is set aside. Source: CDS Hooks 3.0 ballot, Non-Adherence Reason Clinical Selection."""

WITHHELD: Final[Mapping[WithheldCode, Promise]] = {
    WithheldCode.OUTSIDE_INTENDED_USE: _(
        "Cette IA n’a pas été prévue pour cette personne ou pour ces données. Elle n’a pas été appelée."
    ),
    WithheldCode.TIMEOUT: _("Elle n’a pas répondu à temps."),
    WithheldCode.UNREACHABLE: _("Elle n’a pas pu être jointe."),
    WithheldCode.BUSY: _("Trop de demandes à la fois."),
}
NOT_TRUSTED: Final = _(
    "Sa réponse n’avait pas la forme attendue. On ne peut pas s’y fier, elle n’est donc pas montrée."
)

ASKED: Final[Mapping[Requirement, tuple[Promise, Promise]]] = {
    Requirement.OWN_ASSESSMENT: (
        _("Votre avis d’abord : notez ce que vous pensez, l’IA répondra ensuite."),
        _("Donner mon avis"),
    ),
    Requirement.HUMAN_PRESENCE: (
        _("L’IA attend que quelqu’un soit près de la personne et le confirme."),
        _("Je suis là"),
    ),
    Requirement.EXPLICIT_YES: (
        _("L’IA attend la réponse de la personne à cet acte : posez-lui la question."),
        _("Noter sa réponse"),
    ),
    Requirement.EXCHANGE_PLANNED: (
        _("L’IA attend qu’un échange avec la personne soit prévu."),
        _("Prévoir l’échange"),
    ),
}
MOST_CONTRIBUTIONS: Final = 5
MOST_RULES: Final = 3
KEPT_FRAMES: Final = 512


class Place(msgspec.Struct, frozen=True):
    """Where our pages are: the public address of the installation and the slug of the establishment."""

    public_url: str
    house: str

    def act(self, act: object, page: str = "") -> str:
        """A page of one act."""
        return f"{self.public_url}/acts/{act}/{page}"

    def charter(self) -> str:
        """The establishment's charter."""
        return f"{self.public_url}/e/{self.house}/charter/"

    def rule(self, rule: str) -> str:
        """One rule, in words, with its history."""
        return f"{self.charter()}rules/{rule}/"

    def project(self, slug: str) -> str:
        """What the establishment says of one of its AI systems."""
        return f"{self.public_url}/e/{self.house}/ai/{slug}/"


def cards_of(governed: Governed, place: Place, language: str) -> list[dict[str, Any]]:
    """The cards that answer a call, in `fr` or `en`."""
    answer = governed.answer
    if isinstance(answer, Answer) and governed.state is ActState.OPEN:
        return [_answered(governed, checked, place, language) for checked in answer.cards]
    with override(language):
        if governed.state is ActState.REFUSED:
            return [_refused(governed, place, language)]
        if governed.state is ActState.ASKING:
            return [_asking(governed, place, language)]
        if governed.state is ActState.WITHHELD:
            return [_withheld(governed, place)]
        if isinstance(answer, Answer) and answer.cards:
            return [_silent(governed, answer.cards[0], place, language)]
        return []


def unknown_card(what: str, uuid: str, place: Place, language: str) -> dict[str, Any]:
    """The card for a `patient` or a `practitioner` that nobody here knows."""
    with override(language):
        if what == "patient":
            summary = gettext("Pas d’IA : ce patient n’est pas connu de Colloque ici.")
            detail = gettext(
                "Aucune IA n’a rien reçu. Pour que ses choix comptent, la personne doit d’abord être admise."
            )
        else:
            summary = gettext("Pas d’IA : Colloque ne vous connaît pas comme soignant ici.")
            detail = gettext("Aucune IA n’a rien reçu. Demandez à l’administrateur de relier votre compte.")
        return _own_card(uuid, summary, detail, place)


def _own_card(
    uuid: str, summary: str, detail: str, place: Place, links: list[dict[str, str]] | None = None
) -> dict[str, Any]:
    card: dict[str, Any] = {
        "uuid": uuid,
        "summary": _short(summary),
        "indicator": "info",
        "detail": detail,
        "source": {"label": gettext("Charte de l’établissement"), "url": place.charter()},
    }
    if links:
        card["links"] = links
    return card


def _short(text: str) -> str:
    return text if len(text) < MAX_SUMMARY else f"{text[: MAX_SUMMARY - 2].rstrip()}…"


def _link(label: str, url: str) -> dict[str, str]:
    return {"label": label, "url": url, "type": "absolute"}


def _rule_words(governed: Governed, language: str) -> list[str]:
    problems = {
        "nobody-answers": gettext("Aucun soignant nommé ne répond de cet acte."),
        "standing-kept-changing": gettext(
            "Pendant la demande, la situation n’a pas cessé de changer. Dans le doute, l’IA n’intervient pas."
        ),
    }
    said = [governed.charter.words(rule, language) for rule in governed.verdict.rules[:MOST_RULES]]
    return said + [problems[error] for error in governed.verdict.errors if error in problems]


def _rule_links(governed: Governed, place: Place) -> list[dict[str, str]]:
    own = {rule.id for rule in governed.charter.rules}
    rules = [rule for rule in governed.verdict.rules[:MOST_RULES] if rule in own]
    return [_link(gettext("Lire la règle"), place.rule(rule)) for rule in rules]


def _why_link(governed: Governed, place: Place) -> dict[str, str]:
    return _link(gettext("Pourquoi ?"), place.act(governed.record.request.id, "why/"))


def _refused(governed: Governed, place: Place, language: str) -> dict[str, Any]:
    summary = gettext("Pas d’IA pour cet acte : la charte ou le choix de la personne ne le permet pas.")
    received = (
        gettext("L’IA avait reçu les données quand cela a changé ; sa réponse n’est pas montrée.")
        if governed.real_references
        else gettext("L’IA n’a rien reçu. Les soins continuent.")
    )
    detail = "\n\n".join([*_rule_words(governed, language), received])
    links = [_why_link(governed, place), *_rule_links(governed, place)]
    return _own_card(str(governed.record.request.id), summary, detail, place, links)


def _asking(governed: Governed, place: Place, language: str) -> dict[str, Any]:
    act = governed.record.request.id
    pages = {
        Requirement.OWN_ASSESSMENT: place.act(act, "own-assessment/"),
        Requirement.HUMAN_PRESENCE: f"{place.public_url}/presence/{governed.record.person.id}/",
    }
    asks = governed.verdict.asks
    links = [_link(str(ASKED[ask][1]), pages.get(ask, place.act(act))) for ask in asks]
    detail = "\n\n".join([*_rule_words(governed, language), gettext("L’IA n’a encore rien reçu.")])
    return _own_card(
        str(act),
        str(ASKED[asks[0]][0]),
        detail,
        place,
        [*links, _why_link(governed, place), *_rule_links(governed, place)],
    )


def _withheld(governed: Governed, place: Place) -> dict[str, Any]:
    code = governed.answer.code if isinstance(governed.answer, Withheld) else WithheldCode.INVALID_ANSWER
    card = _own_card(
        str(governed.record.request.id),
        gettext("Pas d’avis de l’IA cette fois. Les soins continuent sans elle."),
        str(WITHHELD.get(code, NOT_TRUSTED)),
        place,
        [_link(gettext("Voir ce qui s’est passé"), place.act(governed.record.request.id))],
    )
    card["source"] = _ai_source(governed, place)
    return card


def _ai_source(governed: Governed, place: Place) -> dict[str, Any]:
    name = governed.service.project_name
    return {
        "label": gettext("IA : %(name)s") % {"name": name},
        "url": place.project(governed.service.project_slug),
        "topic": AI_TOPIC,
    }


def _silent(governed: Governed, checked: CheckedCard, place: Place, language: str) -> dict[str, Any]:
    word = checked.word
    said = word.summary.said_in(language) if word is not None and word.summary else checked.card.summary
    return {
        "uuid": str(checked.id),
        "summary": _short(said),
        "indicator": "info",
        "detail": checked.card.detail or plain_markdown(said)[0],
        "source": _ai_source(governed, place),
        "links": [_link(gettext("Voir dans Colloque"), place.act(governed.record.request.id))],
    }


class _Frame(msgspec.Struct, frozen=True):
    """What is the same on every card of one service, under the same rules, in one language; made once."""

    source: dict[str, Any]
    reasons: msgspec.Raw
    decide: str
    starts: str
    why: str
    rule_links: list[dict[str, str]]
    ends: tuple[str, ...]


_frames: dict[tuple[Any, ...], _Frame] = {}


def _frame_of(governed: Governed, place: Place, language: str) -> _Frame:
    service = governed.service
    key = (service.id, service.project_version, governed.record.charter, governed.verdict.rules, language, place)
    frame = _frames.get(key)
    if frame is None:
        if len(_frames) >= KEPT_FRAMES:
            _frames.clear()
        with override(language):
            frame = _frames[key] = _Frame(
                source=_ai_source(governed, place),
                reasons=msgspec.Raw(
                    msgspec.json.encode(
                        [{"code": c, "system": REASON_SYSTEM, "display": str(words)} for c, words in REASONS.items()]
                    )
                ),
                decide=gettext("Décider : suivre, adapter, écarter"),
                starts=gettext("IA : %(said)s"),
                why=gettext("Pourquoi ?"),
                rule_links=_rule_links(governed, place)[:1],
                ends=tuple(_ends(governed, language)),
            )
    return frame


def _ends(governed: Governed, language: str) -> Iterator[str]:
    """What the AI received, why it may speak, and who decides."""
    sent = [declared.words.said_in(language) or key for key, declared in governed.service.declaration.keys.items()]
    if sent:
        yield f"**{gettext('Ce qu’elle a reçu')}** : {', '.join(sent)}."
    for rule in _rule_words(governed, language)[:1]:
        yield f"**{gettext('Pourquoi elle peut répondre')}** : {rule}"
    yield gettext("C’est l’avis d’une machine. Vous décidez, avec la personne.")


def _answered(governed: Governed, checked: CheckedCard, place: Place, language: str) -> dict[str, Any]:
    word, card, frame = checked.word, checked.card, _frame_of(governed, place, language)
    summary = word.summary.said_in(language) if word is not None and word.summary else card.summary
    out: dict[str, Any] = {
        "uuid": str(checked.id),
        "summary": _short(summary if summary.startswith(("IA", "AI")) else frame.starts % {"said": summary}),
        "indicator": card.indicator,
        "detail": plain_markdown("\n\n".join([*_rests_on(governed, checked, language), *frame.ends]))[0],
        "source": frame.source,
        "links": [
            _link(frame.decide, place.act(governed.record.request.id)),
            _link(frame.why, place.act(governed.record.request.id, "why/")),
            *frame.rule_links,
            *(_link(link.label, link.url) for link in card.links),
        ],
        "overrideReasons": frame.reasons,
    }
    if card.suggestions:
        out["suggestions"] = [_suggestion(s, governed.real_references) for s in card.suggestions]
        out["selectionBehavior"] = card.selection_behavior
    return out


def _suggestion(suggestion: Any, real: Mapping[str, str]) -> dict[str, Any]:
    """A suggestion whose references lead back to the record's own."""
    plain: dict[str, Any] = msgspec.to_builtins(suggestion)
    return _led_back(plain, real) if plain.get("actions") else plain


def _led_back(value: Any, real: Mapping[str, str]) -> Any:
    if isinstance(value, str):
        return real.get(value, value)
    if isinstance(value, dict):
        return {name: _led_back(part, real) for name, part in value.items()}
    return [_led_back(part, real) for part in value] if isinstance(value, list | tuple) else value


def _rests_on(governed: Governed, checked: CheckedCard, language: str) -> Iterator[str]:
    """What the AI's word rests on, how sure it is, what it was never taught, who labelled what it learned from."""
    word, model_card = checked.word, governed.service.model_card
    if checked.card.detail and (word is None or not word.contributions):
        yield checked.card.detail
    taught = word.never_taught if word is not None and word.never_taught else model_card.never_taught
    labelled = word.labelled_by if word is not None and word.labelled_by else model_card.labelled_by
    if word is None and not taught and not labelled:
        return
    with override(language):
        if word is not None:
            yield from _weighed(word, language)
            yield from _sureness(word)
        for words in taught if isinstance(taught, list) else [taught]:
            if words:
                yield f"**{gettext('Ce qu’elle n’a jamais appris')}** : {words.said_in(language)}"
        if labelled:
            yield f"**{gettext('Qui a étiqueté ses exemples')}** : {labelled.said_in(language)}"


def _weighed(word: AnswerWord, language: str) -> Iterator[str]:
    most = sorted(word.contributions, key=lambda one: -abs(one.points))[:MOST_CONTRIBUTIONS]
    if most:
        lines = [f"**{gettext('Ce qui a pesé le plus')}** :", ""]
        for one in most:
            name = (one.en or one.fr) if language.startswith("en") else one.fr
            value = "" if one.value is None else f" ({_value(one.value)} {one.unit})".replace(" )", ")")
            lines.append(f"- {name}{value}")
        yield "\n".join(lines)


def _value(value: float | str) -> str:
    return value if isinstance(value, str) else number(value)


def _sureness(word: AnswerWord) -> Iterator[str]:
    cases = word.like_cases
    if cases is not None:
        wrong = round(cases.wrong)
        times = ngettext("%(n)s fois", "%(n)s fois", wrong) % {"n": wrong}
        said = gettext("sur %(of)s cas semblables, environ %(times)s elle se trompe") % {"of": cases.of, "times": times}
        yield f"**{gettext('Sa sûreté')}** : {said}."
