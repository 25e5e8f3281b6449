"""Addresses of patients: my choices and my data, the persons a carer looks after, requests to be erased."""

from __future__ import annotations

from django.urls import path

from colloque.patients.views import carers, choices, data, erasures

app_name = "patients"
urlpatterns = [
    path("my/choices/", choices.overview, name="choices"),
    path("my/choices/history/", choices.history, name="choices-history"),
    path("my/choices/talk/", choices.talk, name="talk"),
    path("my/choices/<slug:key>/", choices.question, name="choice"),
    path("my/choices/<slug:key>/said/", choices.said, name="choice-said"),
    path("my/for/<uuid:person_id>/choices/", choices.overview, name="choices-for"),
    path("my/for/<uuid:person_id>/choices/history/", choices.history, name="choices-history-for"),
    path("my/for/<uuid:person_id>/choices/talk/", choices.talk, name="talk-for"),
    path("my/for/<uuid:person_id>/choices/<slug:key>/", choices.question, name="choice-for"),
    path("my/for/<uuid:person_id>/choices/<slug:key>/said/", choices.said, name="choice-said-for"),
    path("my/trust/", data.trusted, name="trust"),
    path("my/trust/named/", data.named, name="trust-named"),
    path("my/trust/<uuid:link_id>/end/", data.end_trusted, name="trust-end"),
    path("my/data/", data.my_data, name="data"),
    path("my/data/withdraw/", data.withdraw, name="data-withdraw"),
    path("patients/", carers.persons, name="list"),
    path("patients/admit/", carers.admit, name="admit"),
    path("patients/erasures/", erasures.requests, name="erasures"),
    path("patients/erasures/<uuid:request_id>/", erasures.answer, name="erasure"),
    path("patients/talks/<uuid:request_id>/close/", carers.close, name="talk-close"),
    path("patients/<uuid:person_id>/", carers.person, name="person"),
    path("patients/<uuid:person_id>/trusted/", carers.named, name="named"),
    path("patients/<uuid:person_id>/situations/", carers.situations, name="situations"),
    path("patients/<uuid:person_id>/situations/<uuid:record_id>/end/", carers.end, name="situation-end"),
    path("patients/<uuid:person_id>/choices/<slug:key>/", carers.note_choice, name="note-choice"),
    path("presence/<uuid:person_id>/", carers.presence, name="presence"),
]
