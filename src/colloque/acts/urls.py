"""Addresses of acts: what awaits me, one act from its start to its record, my journal."""

from __future__ import annotations

from django.urls import path

from colloque.acts.views import pages as views
from colloque.acts.views import replay

app_name = "acts"
urlpatterns = [
    path("acts/", views.worklist, name="worklist"),
    path("acts/start/<uuid:person_id>/", views.start, name="start"),
    path("acts/start/<uuid:person_id>/<uuid:service_id>/", views.start_service, name="start-service"),
    path("acts/<uuid:act_id>/", views.act, name="act"),
    path("acts/<uuid:act_id>/own-assessment/", views.own_assessment, name="own-assessment"),
    path("acts/<uuid:act_id>/spoken-answer/", views.spoken_answer, name="spoken-answer"),
    path("acts/<uuid:act_id>/resume/", views.resume, name="resume"),
    path("acts/<uuid:act_id>/decide/", views.decide, name="decide"),
    path("acts/<uuid:act_id>/hand-over/", views.hand_over, name="hand-over"),
    path("acts/<uuid:act_id>/take-over/", views.take_over, name="take-over"),
    path("acts/<uuid:act_id>/withdraw/", views.withdraw, name="withdraw"),
    path("acts/<uuid:act_id>/suggestion/", views.suggestion, name="suggestion"),
    path("acts/<uuid:act_id>/record/", views.record, name="record"),
    path("acts/<uuid:act_id>/why/", views.why, name="why"),
    path("charter/proposals/<uuid:proposal_id>/replay/", replay.replay, name="replay"),
    path("charter/proposals/<uuid:proposal_id>/replay/run/", replay.run, name="replay-run"),
    path("my/journal/", views.journal, name="journal"),
    path("my/for/<uuid:person_id>/journal/", views.journal, name="journal-for"),
    path("my/journal/<uuid:act_id>/why/", views.journal_why, name="journal-why"),
    path("my/journal/<uuid:entry_id>/proof/", views.journal_proof, name="journal-proof"),
    path("e/<slug:slug>/charter/rules/<slug:rule_id>/counts/", views.rule_counts, name="rule-counts"),
]
