"""The charter as everybody reads it: the one in force, its versions, each rule with its debate."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET

from colloque.charter import queries
from colloque.charter.access import may_prepare
from colloque.people.access import Request, nothing_here
from colloque.people.language import page_language

LONGEST_NUMBER = 7


@require_GET
def public(request: Request, slug: str) -> HttpResponse:
    """The charter in force."""
    page = queries.charter_page(slug, page_language())
    viewer = request.viewer
    here = viewer.establishment
    is_here = here is not None and here.slug == slug
    context = {"page": page, "is_here": is_here, "may_propose": is_here and may_prepare(viewer, timezone.now())}
    return render(request, "charter/public.html", context)


@require_GET
def version(request: Request, slug: str, number: int) -> HttpResponse:
    """One version, as it was or as it is proposed."""
    return render(request, "charter/version.html", {"page": queries.version_page(slug, number, page_language())})


@require_GET
def compare(request: Request, slug: str, before: int, after: int) -> HttpResponse:
    """Two versions side by side, with the difference in words."""
    return render(request, "charter/compare.html", {"page": queries.compare_page(slug, before, after, page_language())})


@require_GET
def choose_compared(request: Request, slug: str) -> HttpResponse:
    """The way from two chosen numbers to the page that compares them."""
    chosen = [request.GET.get(side, "") for side in ("before", "after")]
    if not all(number.isdecimal() and len(number) < LONGEST_NUMBER for number in chosen):
        raise nothing_here()
    return redirect("charter:compare", slug, int(chosen[0]), int(chosen[1]))


@require_GET
def rule(request: Request, slug: str, rule_id: str) -> HttpResponse:
    """One rule, its history, and its exact text."""
    page, here = queries.rule_page(slug, rule_id, page_language()), request.viewer.establishment
    may_propose = here is not None and here.slug == slug and may_prepare(request.viewer, timezone.now())
    return render(request, "charter/rule.html", {"page": page, "may_propose": may_propose})
