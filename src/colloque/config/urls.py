"""Where each room's pages live."""

from __future__ import annotations

from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path, re_path

from colloque.config.api import api
from colloque.people.api import nowhere

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("colloque.web.urls")),
    path("accounts/", include("colloque.people.account_urls")),
    path("people/", include("colloque.people.urls")),
    path("learning/", include("colloque.learning.urls")),
    path("", include("colloque.acts.urls")),
    path("", include("colloque.charter.urls")),
    path("", include("colloque.consultations.urls")),
    path("", include("colloque.patients.urls")),
    path("", include("colloque.projects.urls")),
    path("ledger/", include("colloque.ledger.urls")),
    path("language/", include("django.conf.urls.i18n")),
    path("api/v1/", api.urls),
    re_path("^api/", nowhere, name="api-nowhere"),
]
if settings.DEMO:
    urlpatterns.append(path("demo/", include("colloque.demo.urls")))

handler400 = "colloque.people.errors.unreadable"
handler403 = "colloque.people.errors.not_allowed"
handler404 = "colloque.people.errors.not_found"
handler429 = "colloque.people.errors.too_many"
handler500 = "colloque.people.errors.failed"
