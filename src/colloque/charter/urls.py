"""Pages of the charter."""

from __future__ import annotations

from django.urls import path

from colloque.charter.views import pages

app_name = "charter"

urlpatterns = [
    path("e/<slug:slug>/charter/", pages.public, name="public"),
    path("e/<slug:slug>/charter/<int:number>/", pages.version, name="version"),
    path("e/<slug:slug>/charter/rules/<slug:rule_id>/", pages.rule, name="rule"),
    path("charter/", pages.manage, name="manage"),
    path("charter/propose/", pages.propose, name="propose"),
    path("charter/<int:number>/", pages.review, name="review"),
]
