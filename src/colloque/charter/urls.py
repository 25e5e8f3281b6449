"""Pages of the charter."""

from __future__ import annotations

from django.urls import path

from colloque.charter import views

app_name = "charter"

urlpatterns = [
    path("e/<slug:slug>/charter/", views.public, name="public"),
    path("e/<slug:slug>/charter/<int:number>/", views.version, name="version"),
    path("e/<slug:slug>/charter/rules/<slug:rule_id>/", views.rule, name="rule"),
    path("charter/", views.manage, name="manage"),
    path("charter/propose/", views.propose, name="propose"),
    path("charter/<int:number>/", views.review, name="review"),
]
