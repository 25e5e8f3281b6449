"""What an AI service answered, checked before anybody sees it: its shape, its size, and nothing that acts by itself.

An answer is a CDS Hooks 2.0.1 response. Whatever would bypass a human decision (`systemActions`, automatic launches,
pre-selected suggestions) is taken out and named in `stripped`; an answer that cannot be trusted is withheld whole.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from enum import StrEnum
from typing import Any, Literal
from urllib.parse import urlsplit
from uuid import UUID

import msgspec

from colloque.kernel.vocabulary import Autonomy
from colloque.projects.core.words import Words

MAX_BYTES = 262_144
MAX_CARDS = 10
MAX_SUGGESTIONS = 10
MAX_ACTIONS = 20
MAX_LINKS = 5
MAX_SUMMARY = 140
MAX_DETAIL = 8_000
MAX_WORDS = 1_000
MAX_CONTRIBUTIONS = 60
EXTENSION = "com.colloque.answer"


class WithheldCode(StrEnum):
    """Why nothing of an answer is shown; stable words, kept with the act."""

    OUTSIDE_INTENDED_USE = "outside-intended-use"
    TIMEOUT = "timeout"
    UNREACHABLE = "unreachable"
    REDIRECT = "redirect"
    STATUS = "status"
    CONTENT_TYPE = "content-type"
    TOO_LARGE = "too-large"
    TRUNCATED = "truncated"
    NOT_UTF8 = "not-utf-8"
    NOT_JSON = "not-json"
    INVALID_ANSWER = "invalid-answer"
    TOO_MANY_CARDS = "too-many-cards"
    NO_SOURCE = "no-source"
    BUSY = "busy"


class Withheld(msgspec.Struct, frozen=True):
    """Nothing is shown. `path` points into the answer, or names the conditions of the intended use that were not met."""

    code: WithheldCode
    path: str = ""
    stripped: tuple[str, ...] = ()


class AnswerStatus(StrEnum):
    """What the AI itself says of its answer; `silent` is an answer without cards."""

    ANSWERED = "answered"
    ABSTAINED = "abstained"
    OUTSIDE = "outside"
    SILENT = "silent"


class LikeCases(msgspec.Struct, frozen=True):
    """Among `of` cases like this one, the AI was wrong in `wrong`, and `at_most` in so many once chance is counted.

    `measured_on` says on what it was measured: a number of cases it had never seen, or words.
    """

    of: int
    wrong: float
    measured_on: int | str = ""
    at_most: float | None = None


class Contribution(msgspec.Struct, frozen=True):
    """What one datum weighed: `points` of at most `max`, its value; a number as `reference` is the points of a usual case."""

    code: str
    fr: str
    points: float
    en: str = ""
    value: float | str | None = None
    unit: str = ""
    reference: float | str | None = None
    max: float | None = None


class Model(msgspec.Struct, frozen=True):
    """Which model spoke."""

    name: str
    version: str = ""


class AnswerWord(msgspec.Struct, frozen=True):
    """What an AI says of its own answer, in the card extension `com.colloque.answer`, version 1.

    `possible` are the answers that stay possible at the declared `level` of certainty (0–1); `probability` 0–1.
    """

    v: Literal[1]
    status: Literal["answered", "abstained", "outside"]
    label: str | None = None
    possible: list[str] = []
    level: float | None = None
    probability: float | None = None
    like_cases: LikeCases | None = None
    contributions: list[Contribution] = []
    never_taught: Words | list[Words] | None = None
    labelled_by: Words | None = None
    model: Model | None = None
    summary: Words | None = None


class Coding(msgspec.Struct, frozen=True, omit_defaults=True):
    """A code of a code system."""

    code: str
    system: str = ""
    display: str = ""


class Source(msgspec.Struct, frozen=True, omit_defaults=True):
    """Who says so; `topic` is set by us."""

    label: str
    url: str = ""
    topic: Coding | None = None


class Action(msgspec.Struct, frozen=True, omit_defaults=True, rename={"resource_id": "resourceId"}):
    """A change that a human may accept as part of a suggestion."""

    type: Literal["create", "update", "delete"]
    description: str
    resource: dict[str, Any] | None = None
    resource_id: str = ""


class SuggestedChange(msgspec.Struct, frozen=True, omit_defaults=True):
    """A suggestion of a card; `uuid` is ours, so that feedback names one suggestion and no other."""

    label: str
    uuid: str = ""
    actions: tuple[Action, ...] = ()


class Link(msgspec.Struct, frozen=True, omit_defaults=True):
    """A link that a human may follow."""

    label: str
    url: str
    type: Literal["absolute", "smart"] = "absolute"


class Card(msgspec.Struct, frozen=True, omit_defaults=True):
    """One checked card, in the words of the AI."""

    summary: str
    indicator: Literal["info", "warning", "critical"]
    source: Source
    detail: str = ""
    suggestions: tuple[SuggestedChange, ...] = ()
    selection_behavior: Literal["", "at-most-one", "any"] = ""
    links: tuple[Link, ...] = ()
    override_reasons: tuple[Coding, ...] = ()


class CheckedCard(msgspec.Struct, frozen=True):
    """A card that may be shown: its id, its content, what the AI says of it, and what was taken out."""

    id: UUID
    card: Card
    word: AnswerWord | None = None
    stripped: tuple[str, ...] = ()


class Answer(msgspec.Struct, frozen=True):
    """Everything of an answer that may be shown."""

    status: AnswerStatus
    cards: tuple[CheckedCard, ...] = ()
    stripped: tuple[str, ...] = ()


class SuggestionContent(msgspec.Struct, frozen=True, omit_defaults=True):
    """What lies sealed in one suggestion row: the card, what the AI says of it, and what was taken out."""

    card: Card
    word: AnswerWord | None = None
    stripped: tuple[str, ...] = ()
    v: int = 1


class _RawAction(msgspec.Struct, rename={"resource_id": "resourceId"}):
    type: Literal["create", "update", "delete"]
    description: str
    resource: dict[str, Any] | None = None
    resource_id: str | list[str] | None = None


class _RawSuggestion(msgspec.Struct, rename={"is_recommended": "isRecommended"}):
    label: str
    uuid: str | None = None
    is_recommended: bool | None = None
    actions: list[_RawAction] = []


class _RawLink(msgspec.Struct, rename={"app_context": "appContext"}):
    label: str
    url: str
    type: Literal["absolute", "smart"]
    app_context: str | None = None
    autolaunchable: bool | None = None


class _RawSource(msgspec.Struct):
    label: str = ""
    url: str | None = None
    icon: str | None = None
    topic: dict[str, Any] | None = None


class _RawCard(
    msgspec.Struct, rename={"selection_behavior": "selectionBehavior", "override_reasons": "overrideReasons"}
):
    summary: str
    indicator: Literal["info", "warning", "critical"]
    source: _RawSource | None = None
    uuid: str | None = None
    detail: str | None = None
    suggestions: list[_RawSuggestion] = []
    selection_behavior: Literal["at-most-one", "any"] | None = None
    override_reasons: list[Coding] = []
    links: list[_RawLink] = []
    extension: dict[str, msgspec.Raw] = {}


class _RawAnswer(msgspec.Struct, rename={"system_actions": "systemActions"}):
    cards: list[_RawCard]
    system_actions: list[msgspec.Raw] = []


_decoder = msgspec.json.Decoder(_RawAnswer)
_word_decoder = msgspec.json.Decoder(AnswerWord)
_PATH = re.compile(r"`\$([^`]*)`")
_IMAGE = re.compile(r"!\[")
_TAG = re.compile(r"<(?=[A-Za-z/!?])")
_LINK = re.compile(r"\](?=[(\[:])")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


class _RefusedError(Exception):
    def __init__(self, code: WithheldCode, path: str = "") -> None:
        self.withheld = Withheld(code, path)


def check_answer(raw: bytes, *, autonomy: Autonomy, endpoint: str, new_id: Callable[[], UUID]) -> Answer | Withheld:
    """The answer with nothing left that acts by itself, or why it is withheld.

    `raw` is the body as received, `endpoint` the declared address of the AI: only links towards it stay. An AI that only
    `informs` may not suggest changes. Each card and each suggestion gets an id from `new_id`.
    Source: CDS Hooks 2.0.1, "CDS Service Response".
    """
    if len(raw) > MAX_BYTES:
        return Withheld(WithheldCode.TOO_LARGE)
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        return Withheld(WithheldCode.NOT_UTF8)
    try:
        answer = _decoder.decode(text)
    except msgspec.ValidationError as error:
        return Withheld(WithheldCode.INVALID_ANSWER, _path_in(error))
    except (msgspec.DecodeError, RecursionError):
        return Withheld(WithheldCode.NOT_JSON)
    if len(answer.cards) > MAX_CARDS:
        return Withheld(WithheldCode.TOO_MANY_CARDS, "cards")
    try:
        cards = tuple(
            _check_card(card, f"cards[{place}]", autonomy, endpoint, new_id) for place, card in enumerate(answer.cards)
        )
    except _RefusedError as refused:
        return refused.withheld
    stripped = ("systemActions",) if answer.system_actions else ()
    return Answer(_status(cards), cards, stripped)


def _path_in(error: msgspec.ValidationError) -> str:
    """The place in the input that msgspec complains of, without any of its values."""
    found = _PATH.search(str(error))
    return found.group(1).lstrip(".")[:200] if found else ""


def _status(cards: tuple[CheckedCard, ...]) -> AnswerStatus:
    if not cards:
        return AnswerStatus.SILENT
    said = {AnswerStatus(c.word.status) if c.word is not None else AnswerStatus.ANSWERED for c in cards}
    if AnswerStatus.ANSWERED in said:
        return AnswerStatus.ANSWERED
    return AnswerStatus.OUTSIDE if AnswerStatus.OUTSIDE in said else AnswerStatus.ABSTAINED


def _text(value: str, longest: int, path: str, *, needed: bool = True) -> str:
    text = _CONTROL.sub("", value).strip()
    if (needed and not text) or len(text) > longest:
        raise _RefusedError(WithheldCode.INVALID_ANSWER, path)
    return text


def _check_card(raw: _RawCard, path: str, autonomy: Autonomy, endpoint: str, new_id: Callable[[], UUID]) -> CheckedCard:
    stripped: list[str] = []
    if raw.source is None or not raw.source.label.strip():
        raise _RefusedError(WithheldCode.NO_SOURCE, f"{path}.source.label")
    source = Source(label=_text(raw.source.label, MAX_SUMMARY, f"{path}.source.label"))
    if raw.source.url is not None and _leads_to(raw.source.url, endpoint):
        source = msgspec.structs.replace(source, url=raw.source.url)
    elif raw.source.url is not None:
        stripped.append("source.url")
    if raw.source.icon is not None:
        stripped.append("source.icon")
    detail, changed = plain_markdown(_text(raw.detail or "", MAX_DETAIL, f"{path}.detail", needed=False))
    stripped += changed
    suggestions, behavior = _check_suggestions(raw, path, autonomy, stripped, new_id)
    card = Card(
        summary=_text(raw.summary, MAX_SUMMARY, f"{path}.summary"),
        indicator=raw.indicator,
        source=source,
        detail=detail,
        suggestions=suggestions,
        selection_behavior=behavior,
        links=_check_links(raw, path, endpoint, stripped),
    )
    if raw.override_reasons:
        stripped.append("overrideReasons")
    return CheckedCard(id=new_id(), card=card, word=_word(raw, path), stripped=tuple(dict.fromkeys(stripped)))


def _word(raw: _RawCard, path: str) -> AnswerWord | None:
    said = raw.extension.get(EXTENSION)
    if said is None:
        return None
    try:
        word = _word_decoder.decode(said)
    except msgspec.MsgspecError as error:
        inside = _path_in(error) if isinstance(error, msgspec.ValidationError) else ""
        raise _RefusedError(WithheldCode.INVALID_ANSWER, f"{path}.extension.{inside}".rstrip(".")) from error
    shares = [share for share in (word.level, word.probability) if share is not None]
    cases = word.like_cases
    if (
        any(not 0 <= share <= 1 for share in shares)
        or (cases is not None and not 0 <= cases.wrong <= cases.of)
        or len(word.contributions) > MAX_CONTRIBUTIONS
        or len(said) > MAX_BYTES // 4
    ):
        raise _RefusedError(WithheldCode.INVALID_ANSWER, f"{path}.extension")
    return word


def plain_markdown(text: str) -> tuple[str, list[str]]:
    """Markdown without images (they tell a stranger who reads), without HTML, and without links, and what was taken out.

    The words of a link stay, its address beside them in plain sight: the links a human may follow are those of the card.
    """
    stripped = []
    if _IMAGE.search(text):
        text = _IMAGE.sub("[", text)
        stripped.append("detail.image")
    if _TAG.search(text):
        text = _TAG.sub("&lt;", text)
        stripped.append("detail.html")
    if _LINK.search(text):
        text = _LINK.sub("] ", text)
        stripped.append("detail.link")
    return text, stripped


def _leads_to(url: str, endpoint: str) -> bool:
    """Whether an address lies where the AI was declared to be: same scheme, host and port."""
    try:
        here, there = urlsplit(url), urlsplit(endpoint)
        same = (here.scheme, here.hostname, here.port) == (there.scheme, there.hostname, there.port)
    except ValueError:
        return False
    return same and here.username is None and len(url) <= MAX_WORDS and url.isprintable() and " " not in url


def _check_links(raw: _RawCard, path: str, endpoint: str, stripped: list[str]) -> tuple[Link, ...]:
    if len(raw.links) > MAX_LINKS:
        raise _RefusedError(WithheldCode.INVALID_ANSWER, f"{path}.links")
    kept = []
    for place, link in enumerate(raw.links):
        if link.autolaunchable:
            stripped.append("links.autolaunchable")
        if link.type != "absolute" or not _leads_to(link.url, endpoint):
            stripped.append("links")
            continue
        kept.append(Link(label=_text(link.label, MAX_SUMMARY, f"{path}.links[{place}].label"), url=link.url))
    return tuple(kept)


def _check_suggestions(
    raw: _RawCard, path: str, autonomy: Autonomy, stripped: list[str], new_id: Callable[[], UUID]
) -> tuple[tuple[SuggestedChange, ...], Literal["", "at-most-one", "any"]]:
    if not raw.suggestions:
        return (), ""
    if len(raw.suggestions) > MAX_SUGGESTIONS:
        raise _RefusedError(WithheldCode.INVALID_ANSWER, f"{path}.suggestions")
    if autonomy is Autonomy.INFORMS:
        stripped.append("suggestions")
        return (), ""
    if raw.selection_behavior is None:
        raise _RefusedError(WithheldCode.INVALID_ANSWER, f"{path}.selectionBehavior")
    checked = []
    for place, suggestion in enumerate(raw.suggestions):
        here = f"{path}.suggestions[{place}]"
        if suggestion.is_recommended:
            stripped.append("suggestions.isRecommended")
        if len(suggestion.actions) > MAX_ACTIONS:
            raise _RefusedError(WithheldCode.INVALID_ANSWER, f"{here}.actions")
        actions = tuple(_check_action(a, f"{here}.actions[{n}]") for n, a in enumerate(suggestion.actions))
        label = _text(suggestion.label, MAX_SUMMARY, f"{here}.label")
        checked.append(SuggestedChange(label=label, uuid=str(new_id()), actions=actions))
    return tuple(checked), raw.selection_behavior


def _check_action(raw: _RawAction, path: str) -> Action:
    if raw.type == "delete":
        if not isinstance(raw.resource_id, str) or not raw.resource_id:
            raise _RefusedError(WithheldCode.INVALID_ANSWER, f"{path}.resourceId")
        resource = None
    else:
        resource = raw.resource
        if resource is None or not isinstance(resource.get("resourceType"), str):
            raise _RefusedError(WithheldCode.INVALID_ANSWER, f"{path}.resource")
    return Action(
        type=raw.type,
        description=_text(raw.description, MAX_WORDS, f"{path}.description"),
        resource=resource,
        resource_id=raw.resource_id if raw.type == "delete" and isinstance(raw.resource_id, str) else "",
    )
