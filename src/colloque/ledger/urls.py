"""Addresses of the ledger: a page for people, and the paths of c2sp.org/tlog-tiles for programs."""

from __future__ import annotations

from django.urls import path

from colloque.ledger import views

app_name = "ledger"
urlpatterns = [
    path("", views.home, name="home"),
    path("checkpoint", views.checkpoint, name="checkpoint"),
    path("keys", views.keys, name="keys"),
    path("proof/", views.find_proof, name="find-proof"),
    path("proof/<uuid:entry_id>", views.proof, name="proof"),
    path("<path:path>", views.tile, name="tile"),
]
