"""What every page needs: the menu and who is signed in."""

from __future__ import annotations

from typing import Any, cast

from django.http import HttpRequest

from colloque.people.access import Request
from colloque.web.navigation import menu, public_menu, who


def frame(request: HttpRequest) -> dict[str, Any]:
    """`navigation` and `who` for `web/base.html`."""
    viewer = cast(Request, request).viewer
    if viewer.is_anonymous:
        parts = request.path.split("/")
        slug = parts[2] if len(parts) > 3 and parts[1] == "e" else None
        return {"navigation": public_menu(slug, request.path), "who": None}
    establishment = viewer.establishment
    return {
        "navigation": menu(viewer.roles, establishment, request.path),
        "who": who(
            viewer.account.full_name,
            viewer.roles,
            viewer.profession,
            establishment.name if establishment else "",
            elsewhere=bool(viewer.elsewhere),
        ),
    }
