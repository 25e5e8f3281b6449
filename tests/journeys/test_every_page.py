"""Every page, as whoever it is for, on a phone and on a desk, in light and in dark, in both languages."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from itertools import chain

import pytest
from django.urls import resolve
from playwright.sync_api import Page

from tests.access_matrix import matrix
from tests.journeys.audit import as_lines, findings_in_both_schemes
from tests.journeys.conftest import World

pytestmark = pytest.mark.journey

ABSENT = "/nowhere/"
PAGES = {
    "": [
        "/",
        "/e/{slug}/",
        "/e/{slug}/charter/",
        "/e/{slug}/charter/1/",
        "/e/{slug}/charter/compare/1/1/",
        "/e/{slug}/charter/rules/never-alone-with-robot/",
        "/e/{slug}/ai/",
        "/e/{slug}/ai/{project}/",
        "/charter/proposals/{proposal}/",
        "/e/{slug}/consultations/",
        "/e/{slug}/ideas/",
        "/c/{consultation}/",
        "/c/{by_codes}/",
        "/c/{consultation}/statements/",
        "/c/{consultation}/moderation/",
        "/charter/proposals/{proposal}/replay/",
        "/c/{consultation}/receipt/",
        "/c/{consultation}/map/",
        "/c/{over}/map/",
        "/c/{over}/report/",
        "/ledger/",
        "/accessibility/",
        "/accounts/login/",
        "/accounts/password/reset/",
        "/accounts/password/reset/done/",
        "/accounts/password/reset/key/a-b/",
        "/accounts/password/reset/key/done/",
        "/accounts/inactive/",
        "/people/invitation/{invitation}/",
        "/people/access/{access}/",
        ABSENT,
    ],
    "patient": [
        "/",
        "/charter/proposals/{proposal}/vote/",
        "/my/choices/",
        "/my/choices/all/",
        "/my/choices/all/said/",
        "/my/choices/history/",
        "/my/trust/",
        "/my/data/",
        "/my/journal/",
        "/my/journal/{act_open}/why/",
    ],
    "trusted-person": [
        "/",
        "/my/choices/",
        "/my/for/{person}/choices/",
        "/my/for/{person}/choices/all/",
        "/my/for/{person}/choices/all/said/",
        "/my/for/{person}/choices/history/",
        "/my/for/{person}/journal/",
    ],
    "carer": [
        "/",
        "/acts/",
        "/acts/{act_open}/",
        "/acts/{act_asking}/",
        "/acts/{act_open}/why/",
        "/acts/{act_asking}/why/",
        "/acts/start/{person}/",
        "/acts/start/{person}/{service}/",
        "/patients/",
        "/patients/{person}/",
        "/patients/admit/",
        "/patients/{person}/choices/all/",
        "/presence/{person}/",
        "/people/me/",
        "/accounts/2fa/",
        "/accounts/2fa/totp/activate/",
        "/accounts/2fa/webauthn/",
        "/accounts/2fa/webauthn/add/",
        "/accounts/2fa/recovery-codes/generate/",
        "/people/second-factor/",
        "/accounts/logout/",
        "/accounts/password/change/",
    ],
    "colleague": ["/acts/", "/acts/{act_open}/", "/acts/start/{person}/{service}/"],
    "director": [
        "/",
        "/c/{over}/map/",
        "/consultations/{over}/replies/",
        "/consultations/{over}/replies/2/",
        "/charter/proposals/",
        "/charter/proposals/new/",
        "/charter/proposals/new/?rule=minor-asks-yes",
        "/charter/proposals/whole/",
        "/charter/proposals/rule/",
        "/charter/proposals/repeal/anaesthesia-closed/",
        "/charter/proposals/{proposal}/",
        "/charter/proposals/{proposal}/argue/",
        "/charter/committee/",
        "/charter/committee/seat/",
        "/projects/",
        "/projects/new/",
        "/projects/from-statement/{seed}/",
        "/projects/stop/",
        "/projects/{project_id}/",
        "/projects/{project_id}/suspend/",
        "/projects/{stopped}/lift/",
        "/projects/{draft}/",
        "/projects/{draft}/change/",
        "/projects/{draft}/intended-use/",
        "/projects/{draft}/model-card/",
        "/projects/{draft}/services/new/",
        "/projects/{draft}/make-live/",
        "/learning/attestations/{attestation}/end/",
        "/people/",
        "/people/accounts/{account}/",
        "/learning/",
        "/learning/{account}/attest/",
    ],
    "administrator": [
        "/",
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
        "/people/systems/{system}/",
        "/people/systems/{system}/practitioners/",
        "/people/roles/{membership}/end/",
        "/people/accounts/{account}/second-factor/",
        "/people/me/",
        "/people/establishment/",
        "/people/second-factor/",
        "/learning/",
        "/learning/{account}/attest/",
    ],
    "facilitator": [
        "/",
        "/consultations/",
        "/consultations/new/",
        "/consultations/new/?idea={idea}",
        "/consultations/{consultation}/",
        "/consultations/{over}/",
        "/consultations/{draft_consultation}/change/",
        "/consultations/{draft_consultation}/open/",
        "/consultations/{consultation}/poster/",
        "/consultations/{consultation}/close/",
        "/consultations/{by_codes}/codes/",
        "/consultations/{consultation}/codes/",
        "/consultations/{consultation}/moderate/",
        "/consultations/{consultation}/statements/{statement}/",
        "/consultations/{consultation}/statements/{statement}/words/",
        "/consultations/{consultation}/paper/",
        "/consultations/{consultation}/paper/enter/",
        "/ideas/",
        "/ideas/{idea}/",
    ],
    "project-lead": ["/", "/projects/"],
    "system-expert": ["/", "/projects/"],
    "ethics-member": ["/", "/charter/proposals/{proposal}/withdraw/", "/charter/arguments/{argument}/hide/"],
    "data-protection-officer": ["/", "/patients/erasures/", "/patients/erasures/{erasure}/"],
    "auditor": ["/"],
}


NOT_PAGES = {
    "account_set_password",  # of accounts that have none, as those an identity provider vouches for
    "acts:journal-proof",
    "acts:rule-counts",
    "consultations:ballots",
    "consultations:open-data",
    "consultations:report-pdf",
    "ledger:checkpoint",
    "ledger:keys",
    "ledger:proof",
    "ledger:tile",
}


def test_no_page_is_left_out() -> None:
    number, anything = "2", "00000000-0000-4000-8000-000000000000"
    ids = defaultdict(lambda: anything, slug="tilleuls", project="aide", version=number)
    visited = {
        resolve(path.format_map(ids).partition("?")[0]).view_name for path in chain(*PAGES.values()) if path != ABSENT
    }
    rows = [
        row
        for table in vars(matrix).values()
        if isinstance(table, tuple)
        for row in table
        if isinstance(row, matrix.Row)
    ]
    pages = {row.name for row in rows if row.get == 200}
    assert pages - visited == NOT_PAGES, "each page that opens for somebody is examined here as that somebody"


@pytest.mark.parametrize("role", list(PAGES), ids=lambda role: role or "visitor")
@pytest.mark.parametrize("width", [360, 1440])
def test_every_page_holds(open_page: Callable[..., Page], world: World, role: str, width: int) -> None:
    page = open_page(width=width, role=role or None)
    page.set_default_timeout(15_000)
    found: list[str] = []
    for path in PAGES[role]:
        answer = page.goto(path.format(**world.ids))
        assert answer is not None
        assert answer.status < 400 or path == ABSENT, f"{path}: {answer.status}"
        found += [f"{path} {finding}" for finding in findings_in_both_schemes(page)]
    assert not found, as_lines(found)
