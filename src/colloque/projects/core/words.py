"""A sentence in the languages of the house."""

from __future__ import annotations

import msgspec


class Words(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The same thing said in French and in English; English may be left to the French."""

    fr: str = ""
    en: str = ""

    def said_in(self, language: str) -> str:
        """The words in `language` (`fr`, `en-gb`…), or in the other one where they are missing."""
        return (self.en or self.fr) if language.startswith("en") else (self.fr or self.en)

    def __bool__(self) -> bool:
        return bool(self.fr.strip() or self.en.strip())
