"""What a service says of itself towards the standard. Source: CDS Hooks 2.0.1, discovery and hook library."""

from __future__ import annotations

import re

from colloque.kernel.errors import InvalidInputError

HOOKS = (
    "patient-view",
    "order-select",
    "order-sign",
    "encounter-start",
    "encounter-discharge",
    "appointment-book",
)
_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*\Z")
_REMOTE = re.compile(r"[A-Za-z0-9._~-]{1,100}\Z")


def checked_service(*, slug: str, remote_id: str, hook: str) -> dict[str, str]:
    """The three names of a service. Raises `InvalidInputError` (with `path`) for one that has no place in an address."""
    if not _SLUG.match(slug) or len(slug) > 50:
        raise InvalidInputError(
            "The short name holds lower-case letters, digits and hyphens.", code="slug-characters", path="slug"
        )
    if not _REMOTE.match(remote_id):
        raise InvalidInputError(
            "The id at the AI's address holds letters, digits, and . _ ~ -",
            code="remote-id-characters",
            path="remote_id",
        )
    if hook not in HOOKS:
        raise InvalidInputError("This hook is not one that is served here.", code="hook-unknown", path="hook")
    return {"slug": slug, "remote_id": remote_id, "hook": hook}
