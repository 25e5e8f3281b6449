"""Everything of the room that reads: what awaits a carer, one act's page, starting an act, the person's journal, counts."""

from __future__ import annotations

from colloque.acts.queries.counts import RuleCounts, rule_counts
from colloque.acts.queries.journal import Journal, WhoseJournal, journal, journal_proof
from colloque.acts.queries.page import ActPage, act_of, act_page, readings_of
from colloque.acts.queries.record import DecisionRecord, decision_record
from colloque.acts.queries.replay import ReplayPage, replay_page
from colloque.acts.queries.rules import RuleWords
from colloque.acts.queries.start import StartPage, StartService, data_of, start_page, start_service
from colloque.acts.queries.why import WhyPage, why_for_carer, why_for_person
from colloque.acts.queries.worklist import Work, WorkLine, acts_for, worklist

__all__ = [
    "ActPage",
    "DecisionRecord",
    "Journal",
    "ReplayPage",
    "RuleCounts",
    "RuleWords",
    "StartPage",
    "StartService",
    "WhoseJournal",
    "WhyPage",
    "Work",
    "WorkLine",
    "act_of",
    "act_page",
    "acts_for",
    "data_of",
    "decision_record",
    "journal",
    "journal_proof",
    "readings_of",
    "replay_page",
    "rule_counts",
    "start_page",
    "start_service",
    "why_for_carer",
    "why_for_person",
    "worklist",
]
