"""Prefetch templates as discovery may offer them: only tokens a client can fill.

A token is `{{context.NAME}}`, for a field of the hook's context with a plain value, or one of four identifiers of the user.
Source: CDS Hooks 2.0.1, "Prefetch Template"; Hook Library, STU1, column "Prefetch Token".
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from colloque.acts.core.standing import DeclaredService
from colloque.gateway.core.calls import CARRIED, HOOKS

USER_TOKENS: Final = frozenset({"userPractitionerId", "userPractitionerRoleId", "userPatientId", "userRelatedPersonId"})
_PLAIN: Final = frozenset({"context.userId", "context.patientId", "context.encounterId"})
_TOKEN: Final = re.compile(r"\{\{([^{}]*)\}\}")


def is_sound(template: str) -> bool:
    """Whether every token of a template is one that clients fill, and nothing else looks like one."""
    tokens = _TOKEN.findall(template)
    rest = _TOKEN.sub("", template)
    return all(token in _PLAIN | USER_TOKENS for token in tokens) and "{" not in rest and "}" not in rest


def offered_prefetch(service: DeclaredService) -> Mapping[str, str] | None:
    """The templates of a service by key, without what the hook's context carries; `None` where one cannot be offered."""
    templates = {key: declared.query for key, declared in service.declaration.keys.items() if key not in CARRIED}
    return templates if all(map(is_sound, templates.values())) else None


def can_be_offered(service: DeclaredService) -> bool:
    """Whether we serve the hook of a service and a client can fill its templates."""
    return service.hook in HOOKS and offered_prefetch(service) is not None
