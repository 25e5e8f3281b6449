"""Every page, as whoever it is for, on a phone and on a desk, in light and in dark, in both languages."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from tests.journeys.audit import as_lines, findings_in_both_schemes
from tests.journeys.conftest import World

pytestmark = pytest.mark.journey

PAGES = {
    "": [
        "/",
        "/e/{slug}/",
        "/e/{slug}/charter/",
        "/e/{slug}/charter/1/",
        "/e/{slug}/charter/rules/never-alone-with-robot/",
        "/e/{slug}/ai/",
        "/e/{slug}/ai/{project}/",
        "/ledger/",
        "/accessibility/",
        "/accounts/login/",
        "/accounts/password/reset/",
        "/nowhere/",
    ],
    "patient": [
        "/",
        "/my/choices/",
        "/my/choices/all/",
        "/my/choices/history/",
        "/my/trust/",
        "/my/data/",
        "/my/journal/",
    ],
    "trusted-person": ["/"],
    "carer": [
        "/",
        "/acts/",
        "/acts/{act_open}/",
        "/acts/{act_asking}/",
        "/acts/start/{person}/",
        "/acts/start/{person}/{service}/",
        "/patients/",
        "/patients/{person}/",
        "/patients/admit/",
        "/presence/{person}/",
        "/people/me/",
        "/accounts/2fa/",
        "/accounts/2fa/totp/activate/",
        "/accounts/2fa/webauthn/add/",
        "/accounts/2fa/recovery-codes/generate/",
        "/people/second-factor/",
        "/accounts/logout/",
        "/accounts/password/change/",
    ],
    "colleague": ["/acts/", "/acts/{act_open}/"],
    "director": [
        "/",
        "/charter/",
        "/charter/propose/",
        "/projects/",
        "/projects/new/",
        "/projects/stop/",
        "/projects/{project_id}/",
        "/projects/{project_id}/suspend/",
        "/people/",
        "/people/accounts/{account}/",
        "/learning/",
        "/learning/{account}/attest/",
    ],
    "administrator": [
        "/",
        "/charter/",
        "/people/",
        "/people/?q=nobody-of-that-name",
        "/people/invite/",
        "/people/accounts/{account}/",
        "/people/accounts/{account}/roles/",
        "/people/accounts/{account}/access/",
        "/people/accounts/{account}/deactivate/",
        "/people/units/",
        "/people/units/{unit}/",
        "/people/systems/",
        "/people/systems/new/",
        "/people/me/",
        "/people/establishment/",
        "/people/second-factor/",
        "/learning/",
        "/learning/{account}/attest/",
    ],
    "project-lead": ["/", "/projects/"],
    "system-expert": ["/", "/projects/"],
    "ethics-member": ["/"],
    "data-protection-officer": ["/", "/patients/erasures/"],
    "auditor": ["/"],
}


@pytest.mark.parametrize("role", list(PAGES), ids=lambda role: role or "visitor")
@pytest.mark.parametrize("width", [360, 1440])
def test_every_page_holds(open_page: Callable[..., Page], world: World, role: str, width: int) -> None:
    page = open_page(width=width, role=role or None)
    page.set_default_timeout(15_000)
    found: list[str] = []
    for path in PAGES[role]:
        answer = page.goto(path.format(**world.ids))
        assert answer is not None
        assert answer.status < 400 or path == "/nowhere/", f"{path}: {answer.status}"
        found += [f"{path} {finding}" for finding in findings_in_both_schemes(page)]
    assert not found, as_lines(found)
