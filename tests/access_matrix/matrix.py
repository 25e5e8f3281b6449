"""The one table of who may open which page. A new address without a row here fails the test.

A row names who sees the page. Whoever is not named gets 404, as for a page that does not exist; nobody signed in is led to the
sign-in page. What an address is about (`account_id`, `act_id`…) is in `World.ids`, all of it in the same house.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from tests.access_matrix.world import EVERYBODY, HERE, SIGNED_IN, STAFF_HERE, Who

GET, POST, NOT_TAKEN = "GET", "POST", 405


@dataclass(frozen=True)
class Row:
    """Who gets what at one address.

    `get` and `post` are the statuses for those in `to` (an empty form is posted); None: the method is refused with 405.
    `others` are statuses of a few, whatever `to` says. `means` renames parameters. `writes` says why reading this page writes.
    """

    name: str
    to: frozenset[Who]
    get: int | None = 200
    post: int | None = None
    anonymous: int = 302
    hidden: int = 404
    others: Mapping[Who, int] = field(default_factory=dict)
    means: Mapping[str, str] = field(default_factory=dict)
    writes: str = ""

    def expected(self, who: Who, method: str) -> int:
        """The status somebody gets."""
        granted = self.get if method == GET else self.post
        if granted is None:
            return NOT_TAKEN
        if who in self.others:
            return self.others[who]
        if who in self.to:
            return granted
        return self.anonymous if who is Who.ANONYMOUS else self.hidden


def page(name: str, to: Iterable[Who], **more: object) -> Row:
    """A page that is read, and perhaps a form that is sent there."""
    return Row(name, frozenset(to), **more)  # type: ignore[arg-type]


def deed(name: str, to: Iterable[Who], post: int = 302, **more: object) -> Row:
    """An address that only takes a form."""
    return Row(name, frozenset(to), get=None, post=post, **more)  # type: ignore[arg-type]


ADMINISTRATION: Final = {Who.ADMINISTRATOR}
MANAGEMENT: Final = {Who.ADMINISTRATOR, Who.DIRECTOR}
WHERE_THEY_ARE: Final = {Who.ELSEWHERE}  # the page is about one's own house, whichever it is
MOVED_ON: Final = dict.fromkeys(SIGNED_IN, 302)

ACCOUNTS = (
    page("account_login", EVERYBODY, post=200, others=MOVED_ON),
    page("account_logout", SIGNED_IN, post=302),
    page("account_inactive", EVERYBODY),
    page("account_reauthenticate", SIGNED_IN, get=403, post=403),  # these accounts have no password to give again
    page("account_change_password", SIGNED_IN, get=302, post=302),
    page("account_set_password", SIGNED_IN, post=200),
    page("account_reset_password", EVERYBODY, post=200),
    page("account_reset_password_done", EVERYBODY),
    page("account_reset_password_from_key", EVERYBODY, post=200, means={"key": "reset_key"}),
    page("account_reset_password_from_key_done", EVERYBODY),
    page("openid_connect_callback", EVERYBODY, get=404),  # no identity provider is set up here
    page("mfa_index", SIGNED_IN),
    page("mfa_authenticate", EVERYBODY, get=302, post=302),
    page("mfa_reauthenticate", SIGNED_IN, get=403, post=403),
    page("mfa_activate_totp", SIGNED_IN, post=200, writes="the key not yet confirmed waits in the session"),
    page("mfa_deactivate_totp", SIGNED_IN, get=404, post=404),  # nobody here has an application to remove
    page("mfa_view_recovery_codes", SIGNED_IN, get=404),
    page("mfa_generate_recovery_codes", SIGNED_IN, post=200),
    page("mfa_list_webauthn", SIGNED_IN),
    page("mfa_add_webauthn", SIGNED_IN, post=200, writes="the challenge to the security key waits in the session"),
    page("mfa_reauthenticate_webauthn", SIGNED_IN, get=403, post=403),
    page("mfa_remove_webauthn", SIGNED_IN, get=404, post=404),  # a key of nobody here
    page("mfa_edit_webauthn", SIGNED_IN, get=404, post=404),
)

PEOPLE = (
    page("people:establishment", SIGNED_IN, post=404),
    page("people:me", SIGNED_IN),
    deed("people:sign-out-everywhere", SIGNED_IN),
    page("people:second-factor", SIGNED_IN),
    page("people:invitation", EVERYBODY, post=200),
    deed("people:invitation-identity", EVERYBODY, post=404),
    deed("people:identity", EVERYBODY, post=404),
    deed("people:link-identity", SIGNED_IN, post=404),
    page("people:access", EVERYBODY, post=200, means={"secret": "access_secret"}),
    page("people:list", MANAGEMENT | WHERE_THEY_ARE),
    page("people:invite", ADMINISTRATION | WHERE_THEY_ARE, post=200),
    deed("people:withdraw-invitation", ADMINISTRATION),
    page("people:person", MANAGEMENT),
    page("people:give-role", ADMINISTRATION, post=200),
    page("people:access-link", ADMINISTRATION, post=200),
    page("people:forget-second-factor", ADMINISTRATION, post=302),
    page("people:deactivate", ADMINISTRATION, post=302),
    page("people:end-role", ADMINISTRATION, post=302),
    page("people:units", ADMINISTRATION | WHERE_THEY_ARE, post=200),
    page("people:unit", ADMINISTRATION, post=200),
    page("people:systems", ADMINISTRATION | WHERE_THEY_ARE),
    page("people:new-system", ADMINISTRATION | WHERE_THEY_ARE, post=200),
    page("people:system", ADMINISTRATION, post=200),
    deed("people:admit-system", ADMINISTRATION),
    page("people:new-practitioner", ADMINISTRATION, post=200),
    deed("people:remove-practitioner", ADMINISTRATION),
)

LEARNING = (
    page("learning:list", MANAGEMENT | WHERE_THEY_ARE),
    page("learning:attest", MANAGEMENT, post=200),
    page("learning:end", MANAGEMENT, post=302),
)

OVERSEEING: Final = {Who.AUDITOR, Who.DATA_PROTECTION_OFFICER}
SPEAKING: Final = {Who.PATIENT, Who.TRUSTED_PERSON}  # this patient, and the person trusted with every power
THEMSELVES: Final = {Who.PATIENT}

CARING: Final = {Who.CARER}  # the carer of the unit, to whom the act belongs
CARERS: Final = {Who.CARER, Who.OTHER_UNIT} | WHERE_THEY_ARE

ACTS = (
    page("acts:worklist", CARERS),
    page("acts:start", CARING),
    page("acts:start-service", CARING, post=422),
    page("acts:act", CARING, writes="each opening of a file is a line of the ledger"),
    deed("acts:own-assessment", CARING, post=422),
    deed("acts:spoken-answer", CARING, post=409),  # this act waits for an own reading, for nothing else
    deed("acts:resume", CARING),
    deed("acts:decide", CARING, post=409),
    deed("acts:hand-over", CARING, post=422),
    deed("acts:take-over", CARING, post=409),
    deed("acts:withdraw", CARING),
    page("acts:suggestion", CARING, get=302, post=302),
    page("acts:record", CARING, get=404),  # there is no record before the decision
    page("acts:why", CARING, writes="each opening of a file is a line of the ledger"),
    page("acts:journal", SPEAKING),
    page("acts:journal-for", SPEAKING),
    page("acts:journal-why", SPEAKING),
    page("acts:journal-proof", SPEAKING),
    page("acts:rule-counts", EVERYBODY),
    page("acts:replay", EVERYBODY),
    deed("acts:replay-run", {Who.PATIENT, Who.CARER, Who.ETHICS_MEMBER, Who.FACILITATOR} | MANAGEMENT),
)

LEDGER = (
    page("ledger:home", EVERYBODY),
    page("ledger:checkpoint", EVERYBODY),
    page("ledger:keys", EVERYBODY),
    page("ledger:find-proof", EVERYBODY, get=404),  # without a number there is nothing to find
    page("ledger:proof", SPEAKING | CARING | OVERSEEING, anonymous=404),
    page("ledger:tile", EVERYBODY),
)

PATIENTS = (
    page("patients:choices", SPEAKING),
    page("patients:choices-history", SPEAKING),
    deed("patients:talk", SPEAKING),
    page("patients:choice", SPEAKING, post=400),
    page("patients:choice-said", SPEAKING),
    page("patients:choices-for", SPEAKING),
    page("patients:choices-history-for", SPEAKING),
    deed("patients:talk-for", SPEAKING),
    page("patients:choice-for", SPEAKING, post=400),
    page("patients:choice-said-for", SPEAKING),
    page("patients:trust", THEMSELVES, post=400),
    deed("patients:trust-named", THEMSELVES, post=400),
    deed("patients:trust-end", SPEAKING),
    page("patients:data", THEMSELVES, post=400),
    deed("patients:data-withdraw", THEMSELVES),
    page("patients:list", CARERS, writes="seeing the names is a line of the ledger, once a visit"),
    page("patients:admit", CARERS | ADMINISTRATION, post=400),
    page("patients:erasures", {Who.DATA_PROTECTION_OFFICER} | WHERE_THEY_ARE),
    page("patients:erasure", {Who.DATA_PROTECTION_OFFICER}, post=400, means={"request_id": "erasure_id"}),
    deed("patients:talk-close", CARING, means={"request_id": "talk_id"}),
    page("patients:person", CARING, writes="each opening of a file is a line of the ledger"),
    deed("patients:named", CARING, post=400),
    deed("patients:situations", CARING, post=400),
    deed("patients:situation-end", CARING),
    page("patients:note-choice", CARING, post=400, writes="each opening of a file is a line of the ledger"),
    page("patients:presence", CARING, post=400, writes="each opening of a file is a line of the ledger"),
)

SITTING: Final = {Who.PATIENT, Who.CARER, Who.ETHICS_MEMBER}  # the charter committee of this house
PREPARING: Final = SITTING | MANAGEMENT | {Who.FACILITATOR}

CHARTER = (
    page("charter:public", EVERYBODY),
    page("charter:version", EVERYBODY),
    page("charter:compare", EVERYBODY, means={"before": "number", "after": "number"}),
    page("charter:choose-compared", EVERYBODY, get=404),  # without two numbers there is nothing to compare
    page("charter:rule", EVERYBODY),
    page("charter:proposals", HERE | WHERE_THEY_ARE),
    page("charter:propose", PREPARING | WHERE_THEY_ARE, post=422),
    deed("charter:propose-sentence", PREPARING | WHERE_THEY_ARE, post=200),
    page("charter:propose-whole", PREPARING | WHERE_THEY_ARE, post=422),
    page("charter:propose-rule", PREPARING | WHERE_THEY_ARE, post=422),
    page("charter:repeal", PREPARING, post=422, means={"rule_id": "own_rule_id"}),
    page("charter:proposal", EVERYBODY),
    page("charter:argue", HERE, post=422),
    page("charter:hide-argument", {Who.FACILITATOR, Who.ETHICS_MEMBER}, post=422),
    page("charter:open-vote", PREPARING, get=302, post=422),  # this one is put to the vote already
    page("charter:vote", SITTING, post=422),
    page("charter:decide", MANAGEMENT, get=302, post=422),  # nothing to decide while the vote runs
    page("charter:withdraw", {Who.ETHICS_MEMBER}, post=302),  # who wrote it
    page("charter:review", MANAGEMENT, get=302, post=422),  # it is not adopted
    page("charter:committee", HERE | WHERE_THEY_ARE),
    page("charter:seat", {Who.DIRECTOR} | WHERE_THEY_ARE, post=422),
    deed("charter:end-seat", {Who.DIRECTOR}),
)

ANIMATING: Final = {Who.FACILITATOR, Who.DIRECTOR, Who.ETHICS_MEMBER}
A_DRAFT: Final = {"consultation_id": "draft_id"}
IT_IS_OVER: Final = {"consultation_id": "closed_id"}
SIGNING: Final = {Who.DIRECTOR, Who.ETHICS_MEMBER}
OF_A_HOUSE: Final = SIGNED_IN - {Who.FORMER}

CONSULTATIONS = (
    page("consultations:public", EVERYBODY),
    page("consultations:public-ideas", EVERYBODY),
    page("consultations:short", EVERYBODY, get=302),
    page("consultations:join", EVERYBODY, post=302),
    page("consultations:vote", EVERYBODY, get=302, post=302),  # nobody here has begun
    deed("consultations:easy", EVERYBODY),
    page("consultations:statements", EVERYBODY, post=302),
    page("consultations:my-votes", EVERYBODY, get=302),
    page("consultations:receipt", EVERYBODY, post=400),
    page("consultations:ballots", EVERYBODY, means=IT_IS_OVER),
    deed("consultations:leave", EVERYBODY),
    page("consultations:moderation-log", EVERYBODY),
    page("consultations:list", ANIMATING | WHERE_THEY_ARE),
    page("consultations:new", ANIMATING | WHERE_THEY_ARE, post=400),
    page("consultations:manage", ANIMATING),
    page("consultations:change", ANIMATING, post=400, means=A_DRAFT),
    page("consultations:open", ANIMATING, post=302, means=A_DRAFT),
    deed("consultations:discard", ANIMATING, means=A_DRAFT),
    page("consultations:poster", ANIMATING),
    page("consultations:codes", ANIMATING, post=400),
    page("consultations:moderate", ANIMATING),
    page("consultations:statement", ANIMATING, post=400),
    page("consultations:words", ANIMATING, post=302),
    page("consultations:paper", ANIMATING, post=400),
    page("consultations:enter", ANIMATING, post=400),
    page("consultations:ideas", OF_A_HOUSE, post=400),
    page("consultations:idea", ANIMATING, post=400),
    page("consultations:map", EVERYBODY),
    page("consultations:report", EVERYBODY, means=IT_IS_OVER),
    page("consultations:report-pdf", EVERYBODY, means=IT_IS_OVER),
    page("consultations:open-data", EVERYBODY, means=IT_IS_OVER),
    page("consultations:close", ANIMATING, post=302),
    page("consultations:replies", SIGNING, post=409, means=IT_IS_OVER),  # a reply is still owed
    page("consultations:reply", SIGNING, post=422, means={**IT_IS_OVER, "number": "outcome_number"}),
)

KNOWN: Final = dict.fromkeys(STAFF_HERE - {Who.DIRECTOR}, 403)  # the staff knows the AI; changing it is not theirs
DECLARING: Final = {Who.DIRECTOR, Who.PROJECT_LEAD}
SUSPENDING: Final = DECLARING | {Who.ETHICS_MEMBER, Who.DATA_PROTECTION_OFFICER}

PROJECTS = (
    page("projects:public", EVERYBODY),
    page("projects:public-project", EVERYBODY),
    page("projects:public-by-id", EVERYBODY, get=302),
    page("projects:attach", DECLARING, post=400),
    page("projects:list", STAFF_HERE | WHERE_THEY_ARE),
    page("projects:project", STAFF_HERE),
    page("projects:new", DECLARING | WHERE_THEY_ARE, post=400),
    page("projects:stop", SUSPENDING | WHERE_THEY_ARE, post=400),
    page("projects:suspend", SUSPENDING | WHERE_THEY_ARE, post=400),
    page("projects:lift", (), post=404),  # it is live
    page("projects:make-live", (), post=404),
    page("projects:change", {Who.DIRECTOR}, get=409, post=409, others=KNOWN),  # what is live does not change
    page("projects:intended-use", {Who.DIRECTOR}, get=409, post=409, others=KNOWN),
    page("projects:model-card", {Who.DIRECTOR}, get=409, post=409, others=KNOWN),
    page("projects:service-new", {Who.DIRECTOR}, get=409, post=409, others=KNOWN),
    page("projects:service", {Who.DIRECTOR}, get=409, post=409, others=KNOWN),
)

WEB = (
    page("web:home", EVERYBODY, others={Who.FORMER: 302}),
    page("web:establishment", EVERYBODY),
    page("web:accessibility", EVERYBODY),
    page("set_language", EVERYBODY, get=302, post=302),
    page("api-nowhere", EVERYBODY, get=404, post=404, anonymous=404, others={Who.FORMER: 404}),
)

ROOMS: Final = {
    "web": WEB,
    "accounts": ACCOUNTS,
    "people": PEOPLE,
    "learning": LEARNING,
    "charter": CHARTER,
    "consultations": CONSULTATIONS,
    "projects": PROJECTS,
    "patients": PATIENTS,
    "acts": ACTS,
    "ledger": LEDGER,
}
ROWS: Final = tuple(row for rows in ROOMS.values() for row in rows)
