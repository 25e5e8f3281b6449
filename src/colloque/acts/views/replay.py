"""Whom a proposed rule would have touched: the replay of a proposal, for anybody to read."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from colloque.acts import actions, queries
from colloque.charter.access import proposal_here
from colloque.people.access import Request
from colloque.people.language import page_language


@require_GET
def replay(request: Request, proposal_id: UUID) -> HttpResponse:
    """What was kept of the last replay, or how far the one that runs has come."""
    language = page_language()
    page = queries.replay_page(proposal_id, request.viewer, timezone.now(), language)
    answer = render(request, "acts/replay.html", {"page": page})
    if page.running is not None and not page.running.failed:
        answer["Refresh"] = "3"
    return answer


@require_POST
def run(request: Request, proposal_id: UUID) -> HttpResponse:
    """Replay a proposal anew: at once, or behind the page where there is much."""
    proposal = proposal_here(request.viewer, proposal_id)
    if actions.replay_proposal(proposal, by=request.viewer.account, at=timezone.now()):
        messages.success(request, _("C’est rejoué. Voici qui elle toucherait."))
    return redirect("acts:replay", proposal_id)
