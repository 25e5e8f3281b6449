"""FHIR R4 `Consent` into a person's answers about AI.

The root provision carries no type; each nested one permits or denies. FHIR gives no default where nothing matches, so ours is
defined: after an opt-in nothing is added, and silence stays silence; after an opt-out what is not permitted is refused. Whatever
narrows a provision in a way we could not keep (a period, other data, other actions, exceptions of exceptions) makes the whole
consent unreadable, because half a consent is not what the person said.
Sources: https://hl7.org/fhir/R4/consent.html, v3-ActReason (`TREATDS`, `MLTRAINING`), v3-ActCode (`OPTIN`, `OPTOUT`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, NoReturn

import msgspec

from colloque.kernel.errors import InvalidInputError
from colloque.kernel.vocabulary import ActKind, ChoiceAnswer

REASONS = "http://terminology.hl7.org/CodeSystem/v3-ActReason"
POLICIES = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
ACTIONS = "http://terminology.hl7.org/CodeSystem/consentaction"
LIMIT = "http://hl7.org/fhir/StructureDefinition/consent-provision-limit"
DECISION_SUPPORT, TRAINING = "TREATDS", "MLTRAINING"
HUMAN_PRESENT = "human-present"

ActCodes = Mapping[tuple[str, str], ActKind]
"""Which of our kinds of act a system's code means, by (code system, code)."""

_UNDERSTOOD = {"id", "type", "actor", "action", "purpose", "code", "modifierExtension", "extension"}


class ConsentChoice(msgspec.Struct, frozen=True):
    """One answer: about a kind of act, about the AI behind a `Device/…` reference, about both, or about all AI."""

    answer: ChoiceAnswer
    act_kind: ActKind | None = None
    device: str = ""


class ConsentAnswers(msgspec.Struct, frozen=True):
    """What a consent says about AI: `patient` as a reference, its date, answers about care, and whether AI may learn."""

    patient: str
    given_at: datetime
    choices: tuple[ConsentChoice, ...]
    training: bool | None


def consent_answers(consent: object, act_codes: ActCodes) -> ConsentAnswers:
    """What an active Consent says about AI.

    Raises `InvalidInputError` (with `path`) for a consent that is not active, or whose words we could not keep whole.
    """
    if not isinstance(consent, Mapping) or consent.get("resourceType") != "Consent":
        _unreadable("This is not a FHIR Consent.", "resourceType")
    if consent.get("status") != "active":
        _unreadable("This consent is not active.", "Consent.status")
    root = consent.get("provision")
    if not isinstance(root, Mapping) or "type" in root or not set(root) <= {"id", "provision", "extension"}:
        _unreadable("The root provision holds nested provisions and nothing else.", "Consent.provision")
    if "modifierExtension" in consent:
        _unreadable("This consent is modified in a way that is not understood.", "Consent.modifierExtension")
    nested = root.get("provision")
    provisions = list(nested) if isinstance(nested, list) else []
    said: list[ConsentChoice] = []
    training: bool | None = None
    for position, provision in enumerate(provisions):
        choices, learns = _provision(provision, act_codes, f"Consent.provision.provision.{position}")
        said += choices
        if learns is not None:
            training = learns and training is not False
    if _is_opt_out(consent.get("policyRule")):
        said += _all_else_refused(said)
        training = bool(training)
    return ConsentAnswers(_patient(consent), _given_at(consent), tuple(_once(said)), training)


def _provision(provision: object, act_codes: ActCodes, path: str) -> tuple[list[ConsentChoice], bool | None]:
    if not isinstance(provision, Mapping) or provision.get("type") not in ("permit", "deny"):
        _unreadable("Each nested provision permits or denies.", f"{path}.type")
    if unknown := sorted(set(provision) - _UNDERSTOOD):
        _unreadable("A provision is limited in a way that cannot be kept.", f"{path}.{unknown[0]}")
    if any(code not in {"use", "access"} for _, code in _codings(provision.get("action"), f"{path}.action")):
        _unreadable("A provision speaks of another action than use.", f"{path}.action")
    permits = provision["type"] == "permit"
    with_human = _needs_human(provision.get("modifierExtension"), f"{path}.modifierExtension")
    purposes = {c for s, c in _plain_codings(provision.get("purpose"), f"{path}.purpose") if s == REASONS}
    has_purpose = bool(provision.get("purpose"))
    training = permits if TRAINING in purposes or (not has_purpose and not permits) else None
    if has_purpose and DECISION_SUPPORT not in purposes:
        return [], training
    answer = (ChoiceAnswer.WITH_HUMAN if with_human else ChoiceAnswer.YES) if permits else ChoiceAnswer.NO
    kinds: list[ActKind | None] = [*_act_kinds(provision.get("code"), act_codes, f"{path}.code")]
    devices = _devices(provision.get("actor"), f"{path}.actor")
    return [ConsentChoice(answer, kind, device) for kind in kinds or [None] for device in devices or [""]], training


def _act_kinds(codes: object, act_codes: ActCodes, path: str) -> list[ActKind]:
    kinds = []
    for position, concept in enumerate(_listed(codes, path)):
        known = [act_codes[c] for c in _codings([concept], f"{path}.{position}") if c in act_codes]
        if not known:
            _unreadable("A code for an act is not known here.", f"{path}.{position}")
        kinds += known
    return kinds


def _devices(actors: object, path: str) -> list[str]:
    devices = []
    for position, actor in enumerate(_listed(actors, path)):
        target = actor.get("reference") if isinstance(actor, Mapping) else None
        reference = target.get("reference") if isinstance(target, Mapping) else None
        if not isinstance(reference, str) or not reference.startswith("Device/"):
            _unreadable("Only an AI (a Device) can be named in a choice about AI.", f"{path}.{position}")
        devices.append(reference)
    return devices


def _needs_human(extensions: object, path: str) -> bool:
    needs = False
    for position, limit in enumerate(_listed(extensions, path)):
        controls = limit.get("extension") if isinstance(limit, Mapping) and limit.get("url") == LIMIT else None
        codes = [
            code
            for control in _listed(controls, path)
            if isinstance(control, Mapping) and control.get("url") == "control"
            for _, code in _codings([control.get("valueCodeableConcept")], path)
        ]
        if codes != [HUMAN_PRESENT] or not isinstance(controls, list) or len(controls) != 1:
            _unreadable("A provision carries a condition that is not understood.", f"{path}.{position}")
        needs = True
    return needs


def _all_else_refused(said: Sequence[ConsentChoice]) -> Iterator[ConsentChoice]:
    """What an opt-out leaves: no for each kind that nothing permits, and ask where only some AI is permitted."""
    permitted = [choice for choice in said if choice.answer is not ChoiceAnswer.NO]
    if not permitted:
        yield ConsentChoice(ChoiceAnswer.NO)
        return
    if any(choice.act_kind is None and not choice.device for choice in permitted):
        return
    if any(choice.act_kind is None for choice in permitted):
        yield ConsentChoice(ChoiceAnswer.ASK_EACH_TIME)
        return
    whole = {choice.act_kind for choice in permitted if not choice.device}
    partly = {choice.act_kind for choice in permitted}
    for kind in ActKind:
        if kind not in whole:
            yield ConsentChoice(ChoiceAnswer.ASK_EACH_TIME if kind in partly else ChoiceAnswer.NO, kind)


def _once(said: Sequence[ConsentChoice]) -> Iterator[ConsentChoice]:
    """One answer for each question: of several, the refusal; else the first."""
    kept: dict[tuple[ActKind | None, str], ConsentChoice] = {}
    for choice in said:
        place = (choice.act_kind, choice.device)
        if place not in kept or choice.answer is ChoiceAnswer.NO:
            kept[place] = choice
    yield from kept.values()


def _is_opt_out(policy: object) -> bool:
    codes = [code for system, code in _codings([policy] if policy else [], "Consent.policyRule") if system == POLICIES]
    if codes not in (["OPTIN"], ["OPTOUT"], []):
        _unreadable("The policy of the consent is neither opt-in nor opt-out.", "Consent.policyRule")
    return codes == ["OPTOUT"]


def _patient(consent: Mapping[Any, Any]) -> str:
    patient = consent.get("patient")
    reference = patient.get("reference") if isinstance(patient, Mapping) else None
    if not isinstance(reference, str) or not reference.startswith("Patient/"):
        _unreadable("The consent does not say whose it is.", "Consent.patient")
    return reference


def _given_at(consent: Mapping[Any, Any]) -> datetime:
    try:
        moment = msgspec.convert(consent.get("dateTime"), datetime)
    except msgspec.ValidationError:
        _unreadable("The consent does not say when it was given.", "Consent.dateTime")
    if moment.tzinfo is None:
        _unreadable("The consent does not say when it was given.", "Consent.dateTime")
    return moment


def _listed(value: object, path: str) -> list[Any]:
    if value is None:
        return []
    if not isinstance(value, list):
        _unreadable("A list was expected.", path)
    return value


def _codings(concepts: object, path: str) -> list[tuple[str, str]]:
    return [
        coding
        for concept in _listed(concepts, path)
        for coding in _plain_codings(concept.get("coding") if isinstance(concept, Mapping) else None, path)
    ]


def _plain_codings(codings: object, path: str) -> list[tuple[str, str]]:
    pairs = []
    for coding in _listed(codings, path):
        system, code = (coding.get("system", ""), coding.get("code")) if isinstance(coding, Mapping) else ("", None)
        if not isinstance(system, str) or not isinstance(code, str):
            _unreadable("A code cannot be read.", path)
        pairs.append((system, code))
    return pairs


def _unreadable(message: str, path: str) -> NoReturn:
    raise InvalidInputError(f"{message} Nothing of it was kept; ask the person.", code="consent-unreadable", path=path)
