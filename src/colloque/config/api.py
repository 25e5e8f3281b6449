"""The REST API, assembled from each room's part."""

from __future__ import annotations

from ninja import NinjaAPI

from colloque import __version__
from colloque.acts.api import public_router as counts_router
from colloque.acts.api import router as acts_router
from colloque.charter.api import router as charter_router
from colloque.charter.proposals_api import router as proposals_router
from colloque.consultations.api import router as consultations_router
from colloque.ledger.api import router as ledger_router
from colloque.patients.api import router as persons_router
from colloque.people.api import answer_errors_alike
from colloque.projects.api import router as projects_router

DESCRIPTION = (
    "What carers do with AI, and what anyone may read of it. Public operations need no sign-in. The others use the session of "
    "the pages (cookie `sessionid`); those that change something also carry the header `X-CSRFToken`. An error is always "
    "`{code, message, path}`."
)

api = NinjaAPI(
    title="Colloque",
    version=__version__,
    description=DESCRIPTION,
    docs_url=None,
    openapi_url="openapi.json",
    urls_namespace="api",
)
for router in (
    acts_router,
    counts_router,
    persons_router,
    charter_router,
    proposals_router,
    consultations_router,
    projects_router,
    ledger_router,
):
    api.add_router("", router)


answer_errors_alike(api)
