"""Pages of the charter."""

from __future__ import annotations

from django.urls import path

from colloque.charter.views import builder, committee, pages, proposals

app_name = "charter"

ONE = "charter/proposals/<uuid:proposal_id>/"
urlpatterns = [
    path("e/<slug:slug>/charter/", pages.public, name="public"),
    path("e/<slug:slug>/charter/<int:number>/", pages.version, name="version"),
    path("e/<slug:slug>/charter/compare/", pages.choose_compared, name="choose-compared"),
    path("e/<slug:slug>/charter/compare/<int:before>/<int:after>/", pages.compare, name="compare"),
    path("e/<slug:slug>/charter/rules/<slug:rule_id>/", pages.rule, name="rule"),
    path("charter/proposals/", proposals.proposals, name="proposals"),
    path("charter/proposals/new/", builder.propose, name="propose"),
    path("charter/proposals/new/sentence/", builder.sentence_of, name="propose-sentence"),
    path("charter/proposals/whole/", proposals.whole, name="propose-whole"),
    path("charter/proposals/rule/", proposals.one_rule, name="propose-rule"),
    path("charter/proposals/repeal/<slug:rule_id>/", proposals.repeal, name="repeal"),
    path(ONE, proposals.proposal, name="proposal"),
    path(f"{ONE}argue/", proposals.argue, name="argue"),
    path(f"{ONE}open-vote/", proposals.open_vote, name="open-vote"),
    path(f"{ONE}vote/", proposals.vote, name="vote"),
    path(f"{ONE}decide/", proposals.decide, name="decide"),
    path(f"{ONE}withdraw/", proposals.withdraw, name="withdraw"),
    path(f"{ONE}review/", proposals.review, name="review"),
    path("charter/arguments/<uuid:argument_id>/hide/", proposals.hide_argument, name="hide-argument"),
    path("charter/committee/", committee.committee, name="committee"),
    path("charter/committee/seat/", committee.seat, name="seat"),
    path("charter/committee/<uuid:seat_id>/end/", committee.end_seat, name="end-seat"),
]
