"""What an AI said, opened and put into sentences. Nothing calls this before whoever decides has given an own reading."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import msgspec

from colloque.acts.core.answer import AnswerStatus, AnswerWord, Card, SuggestionContent
from colloque.acts.core.reading import Agreement, Conclusion, OwnReading, compare, read_readings
from colloque.acts.core.record import about_suggestion
from colloque.acts.models import Act, Suggestion
from colloque.acts.queries.opening import opened
from colloque.acts.words import Sure, Weight, how_sure, what_stays_possible, what_weighed
from colloque.kernel.errors import TamperedError
from colloque.people.language import page_language
from colloque.projects.core.model_card import read_model_card
from colloque.projects.core.words import Words

STRONGEST = 4
"""So many contributions are read at once; the others are one tap away."""


@dataclass(frozen=True)
class AnswerView:
    """One card of an AI as people read it. `label` is empty where it reached no coded conclusion."""

    id: UUID
    model: str
    label: str
    summary: str
    detail: str
    is_answer: bool
    is_outside: bool
    agreement: Agreement | None
    sure: Sure | None
    possible_words: str
    contributions: tuple[Weight, ...]
    proposals: tuple[str, ...]
    links: tuple[tuple[str, str], ...]
    never_taught: tuple[str, ...]
    labelled_by: str
    stripped: tuple[str, ...]
    conclusion: Conclusion | None

    @property
    def strongest(self) -> tuple[Weight, ...]:
        """What weighed most, the strongest first; everything where little would be left out."""
        return self.contributions[:STRONGEST] if len(self.contributions) > STRONGEST + 1 else self.contributions

    @property
    def others(self) -> tuple[Weight, ...]:
        """What weighed less than the strongest."""
        return self.contributions[len(self.strongest) :]


def contents_of(act: Act) -> tuple[tuple[Suggestion, SuggestionContent], ...]:
    """The suggestions of an act, opened, in their order; none once the person's key was erased.

    Raises `TamperedError` where a suggestion does not open.
    """
    contents = []
    for row in act.suggestions.order_by("position", "id"):
        plain = opened(act.person, row.sealed, about_suggestion(row.id))
        if plain is None:
            return ()
        try:
            contents.append((row, msgspec.json.decode(plain, type=SuggestionContent)))
        except msgspec.MsgspecError as error:
            raise TamperedError("A sealed suggestion cannot be read.", code="unreadable-suggestion") from error
    return tuple(contents)


def conclusion_of(word: AnswerWord | None, readings: Sequence[Conclusion]) -> Conclusion | None:
    """The coded conclusion an AI reached, in the words of the service where it declares them."""
    if word is None or not word.label or word.status != AnswerStatus.ANSWERED.value:
        return None
    declared = next((one for one in readings if one.code == word.label), None)
    return declared or Conclusion(fr=word.label, en=word.label, code=word.label)


def proposed_by(act: Act) -> Conclusion | None:
    """What an AI proposed, to be kept if followed: its coded conclusion, else the summary of its first card."""
    readings = read_readings(act.service.readings)
    contents = contents_of(act)
    for _row, content in contents:
        conclusion = conclusion_of(content.word, readings)
        if conclusion is not None:
            return conclusion
    return Conclusion(fr=contents[0][1].card.summary) if contents else None


def answers_of(act: Act, own: OwnReading | None) -> tuple[AnswerView, ...]:
    """What the AI said, in sentences; compared with an own reading where there is one."""
    readings = read_readings(act.service.readings)
    card = read_model_card(act.project.model_card)
    language = page_language()
    views = []
    for row, content in contents_of(act):
        word = content.word
        conclusion = conclusion_of(word, readings)
        views.append(
            AnswerView(
                id=row.id,
                model=" ".join((word.model.name, word.model.version)).strip() if word and word.model else "",
                label=conclusion.words(language) if conclusion else "",
                summary=word.summary.said_in(language) if word and word.summary else content.card.summary,
                detail="" if word else content.card.detail,
                is_answer=word is None or word.status == AnswerStatus.ANSWERED.value,
                is_outside=word is not None and word.status == AnswerStatus.OUTSIDE.value,
                agreement=compare(own.reading, conclusion) if own and conclusion else None,
                sure=how_sure(word.like_cases) if word else None,
                possible_words=what_stays_possible(word, readings) if word else "",
                contributions=what_weighed(word.contributions) if word else (),
                proposals=_proposals(content.card, has_label=conclusion is not None),
                links=tuple((link.label, link.url) for link in content.card.links),
                never_taught=_lines(word.never_taught if word else None, card.never_taught, language),
                labelled_by=_line(word.labelled_by if word else None, card.labelled_by, language),
                stripped=content.stripped,
                conclusion=conclusion,
            )
        )
    return tuple(views)


def _proposals(card: Card, *, has_label: bool) -> tuple[str, ...]:
    """What the AI suggests to do; a suggestion that changes nothing only repeats a conclusion that is already said."""
    return tuple(suggestion.label for suggestion in card.suggestions if suggestion.actions or not has_label)


def _lines(said: Words | list[Words] | None, declared: Words, language: str) -> tuple[str, ...]:
    listed = [said] if isinstance(said, Words) else (said or [])
    lines = tuple(text for words in listed if (text := words.said_in(language)))
    return lines or tuple(text for text in (declared.said_in(language),) if text)


def _line(said: Words | None, declared: Words, language: str) -> str:
    return said.said_in(language) if said is not None else declared.said_in(language)
