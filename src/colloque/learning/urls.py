"""Addresses of learning."""

from __future__ import annotations

from django.urls import path

from colloque.learning import views

app_name = "learning"
urlpatterns = [
    path("", views.learners, name="list"),
    path("<uuid:account_id>/attest/", views.attest, name="attest"),
    path("attestations/<uuid:attestation_id>/end/", views.end, name="end"),
]
