"""Pages of consultations: taking part, animating, moderating, paper, ideas; and what comes out of it."""

from __future__ import annotations

from django.urls import path

from colloque.consultations.views import ideas, moderation, opening, outcome, paper, receipts, taking_part
from colloque.consultations.views import map as map_views

app_name = "consultations"
urlpatterns = [
    path("e/<slug:slug>/consultations/", taking_part.public, name="public"),
    path("e/<slug:slug>/c/<int:consultation_number>/", taking_part.short, name="short"),
    path("e/<slug:slug>/ideas/", ideas.public, name="public-ideas"),
    path("c/<uuid:consultation_id>/", taking_part.join, name="join"),
    path("c/<uuid:consultation_id>/vote/", taking_part.vote, name="vote"),
    path("c/<uuid:consultation_id>/easy/", taking_part.easy, name="easy"),
    path("c/<uuid:consultation_id>/statements/", taking_part.statements, name="statements"),
    path("c/<uuid:consultation_id>/my-votes/", taking_part.votes, name="my-votes"),
    path("c/<uuid:consultation_id>/receipt/", receipts.check, name="receipt"),
    path("c/<uuid:consultation_id>/ballots.json", receipts.ballots, name="ballots"),
    path("c/<uuid:consultation_id>/leave/", taking_part.leave, name="leave"),
    path("c/<uuid:consultation_id>/moderation/", moderation.log, name="moderation-log"),
    path("consultations/", opening.animated, name="list"),
    path("consultations/new/", opening.new, name="new"),
    path("consultations/<uuid:consultation_id>/", opening.manage, name="manage"),
    path("consultations/<uuid:consultation_id>/change/", opening.change, name="change"),
    path("consultations/<uuid:consultation_id>/open/", opening.preview, name="open"),
    path("consultations/<uuid:consultation_id>/discard/", opening.discard, name="discard"),
    path("consultations/<uuid:consultation_id>/poster/", opening.poster, name="poster"),
    path("consultations/<uuid:consultation_id>/codes/", opening.codes, name="codes"),
    path("consultations/<uuid:consultation_id>/moderate/", moderation.queue, name="moderate"),
    path(
        "consultations/<uuid:consultation_id>/statements/<uuid:statement_id>/", moderation.statement, name="statement"
    ),
    path("consultations/<uuid:consultation_id>/statements/<uuid:statement_id>/words/", moderation.words, name="words"),
    path("consultations/<uuid:consultation_id>/paper/", paper.sheets, name="paper"),
    path("consultations/<uuid:consultation_id>/paper/enter/", paper.enter, name="enter"),
    path("ideas/", ideas.box, name="ideas"),
    path("ideas/<uuid:idea_id>/", ideas.idea, name="idea"),
    path("c/<uuid:consultation_id>/map/", map_views.result, name="map"),
    path("c/<uuid:consultation_id>/report/", outcome.report, name="report"),
    path("c/<uuid:consultation_id>/report.pdf", outcome.report_pdf, name="report-pdf"),
    path("c/<uuid:consultation_id>/open-data/<str:file>", outcome.download, name="open-data"),
    path("consultations/<uuid:consultation_id>/close/", outcome.close, name="close"),
    path("consultations/<uuid:consultation_id>/replies/", outcome.replies, name="replies"),
    path("consultations/<uuid:consultation_id>/replies/<int:number>/", outcome.reply, name="reply"),
]
