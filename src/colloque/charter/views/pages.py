"""Pages of the charter: public ones for everybody, and those by which a version is proposed and adopted."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from colloque.charter import actions, queries
from colloque.charter.actions import ADOPTING_ROLES
from colloque.charter.forms.text import CharterForm
from colloque.kernel.errors import ColloqueError
from colloque.people.access import Request, require


def _language() -> str:
    return "en" if (get_language() or "fr").startswith("en") else "fr"


@require_GET
def public(request: Request, slug: str) -> HttpResponse:
    """The charter in force."""
    page = queries.charter_page(slug, _language())
    viewer = request.viewer
    here = viewer.establishment
    may_propose = here is not None and here.slug == slug and viewer.has(*ADOPTING_ROLES)
    return render(request, "charter/public.html", {"page": page, "may_propose": may_propose})


@require_GET
def version(request: Request, slug: str, number: int) -> HttpResponse:
    """One version, as it was or as it is proposed."""
    return render(request, "charter/version.html", {"page": queries.version_page(slug, number, _language())})


@require_GET
def rule(request: Request, slug: str, rule_id: str) -> HttpResponse:
    """One rule, its history, and its exact text."""
    return render(request, "charter/rule.html", {"page": queries.rule_page(slug, rule_id, _language())})


@require_GET
def manage(request: Request) -> HttpResponse:
    """What waits for a decision, for the director and the administrator."""
    require(request.viewer, *ADOPTING_ROLES)
    return render(request, "charter/manage.html", {"page": queries.management_page(request.viewer.house)})


@require_http_methods(["GET", "POST"])
def propose(request: Request) -> HttpResponse:
    """Write a version, see what it says and changes, then propose it."""
    require(request.viewer, *ADOPTING_ROLES)
    house = request.viewer.house
    if request.method == "GET":
        form = CharterForm(initial={"cedar": queries.starting_text(house)})
        return render(request, "charter/propose.html", {"form": form, "house": house, "preview": None})
    form = CharterForm(request.POST)
    if not form.is_valid():
        return render(request, "charter/propose.html", {"form": form, "house": house, "preview": None}, status=422)
    if "propose" in request.POST:
        try:
            proposed = actions.propose_charter(
                house,
                form.cleaned_data["cedar"],
                preamble=form.cleaned_data["preamble"],
                by=request.viewer.account,
                at=timezone.now(),
            )
        except ColloqueError as error:
            if error.path != "cedar":
                raise
            form.add_error("cedar", error.message)
            return render(request, "charter/propose.html", {"form": form, "house": house, "preview": None}, status=422)
        messages.success(request, _("La version %(number)d est proposée.") % {"number": proposed.number})
        return redirect("charter:review", proposed.number)
    shown = queries.preview(house, form.cleaned_data["cedar"], _language())
    return render(request, "charter/propose.html", {"form": form, "house": house, "preview": shown})


@require_http_methods(["GET", "POST"])
def review(request: Request, number: int) -> HttpResponse:
    """Read a proposed version once more, and adopt it."""
    require(request.viewer, *ADOPTING_ROLES)
    house = request.viewer.house
    page = queries.review_page(house, number, _language())
    if request.method == "POST":
        actions.adopt_charter(page.record, by=request.viewer.account, at=timezone.now())
        messages.success(
            request, _("La version %(number)d est en vigueur. Elle s’applique dès maintenant.") % {"number": number}
        )
        return redirect("charter:public", house.slug)
    return render(request, "charter/review.html", {"page": page})
