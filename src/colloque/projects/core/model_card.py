"""The model card: what the maker says of the AI, in the same places for every AI.

Source: M. Mitchell et al., "Model Cards for Model Reporting", FAT* 2019.
"""

from __future__ import annotations

import msgspec

from colloque.kernel.errors import InvalidInputError
from colloque.projects.core.words import Words


class Figure(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One measured figure: its `value` as one reads it, and in `words` what it says, on how many cases, how it was measured."""

    value: str
    words: Words


class ModelCard(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Who made the AI, which version, what for, what it learned from, who labelled, how well it does, what it never learned."""

    maker: str = ""
    version: str = ""
    purpose: Words = Words()
    trained_on: Words = Words()
    population: Words = Words()
    labelled_by: Words = Words()
    never_taught: Words = Words()
    figures: tuple[Figure, ...] = ()

    @property
    def unsaid(self) -> tuple[str, ...]:
        """The places left empty, by name; an AI whose maker leaves one empty cannot be live."""
        return tuple(name for name in self.__struct_fields__ if not getattr(self, name))


def read_model_card(stored: object) -> ModelCard:
    """The card as it is stored (`{}`: nothing said yet). Raises `InvalidInputError`."""
    try:
        return msgspec.convert(stored, ModelCard)
    except msgspec.ValidationError as error:
        raise InvalidInputError(
            f"The model card cannot be understood: {error}", code="unreadable", path="model_card"
        ) from error
