"""Errors people and programs can read: a stable code, a sentence, and where the value stood."""

from __future__ import annotations

from collections.abc import Mapping


class ColloqueError(Exception):
    """What happened and what to do now; `code` is stable for programs, `path` points into the input."""

    code = "error"

    def __init__(self, message: str, *, code: str | None = None, path: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.path = path
        if code is not None:
            self.code = code

    def as_json(self) -> Mapping[str, str]:
        """The error as programs read it."""
        return {"code": self.code, "message": self.message, **({"path": self.path} if self.path else {})}


class InvalidInputError(ColloqueError):
    """The input cannot be understood; nothing was changed."""

    code = "invalid-input"


class NotFoundError(ColloqueError):
    """There is nothing here, or nothing you may know of."""

    code = "not-found"


class NotAllowedError(ColloqueError):
    """The thing is known to you, this act on it is not yours."""

    code = "not-allowed"


class ConflictError(ColloqueError):
    """The state moved meanwhile; look again before deciding."""

    code = "conflict"


class UnavailableError(ColloqueError):
    """Something we stand on is away; care goes on without AI."""

    code = "unavailable"


class TamperedError(ColloqueError):
    """A proof does not hold."""

    code = "tampered"
