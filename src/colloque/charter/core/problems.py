"""What is wrong in a charter's text: where, what, and the likely remedy, in French and in English."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from colloque.kernel.errors import InvalidInputError

SENTENCES: dict[str, tuple[str, str]] = {
    "cannot-parse": (
        "Cette règle ne se lit pas comme du Cedar : {value}.",
        "This rule does not read as Cedar: {value}.",
    ),
    "unfinished": (
        "La dernière règle n’est pas terminée. Ajoutez « ; » à la fin.",
        "The last rule does not end. Add “;” at its end.",
    ),
    "too-long": (
        "Le texte est trop long : au plus {value}.",
        "The text is too long: at most {value}.",
    ),
    "too-deep": (
        "Cette règle s’emboîte trop profondément. Coupez-la en plusieurs règles.",
        "This rule nests too deeply. Cut it into several rules.",
    ),
    "template": (
        "Une règle de charte ne peut pas être un modèle à trous (?principal, ?resource).",
        "A charter rule cannot be a template with slots (?principal, ?resource).",
    ),
    "id-missing": (
        'Cette règle n’a pas de nom. Ajoutez @id("un-nom").',
        'This rule has no name. Add @id("a-name").',
    ),
    "id-malformed": (
        "Le nom « {value} » ne convient pas : des lettres minuscules sans accent, des chiffres et des tirets, 60 au plus.",
        "The name “{value}” does not fit: lower-case letters, digits and hyphens, 60 at most.",
    ),
    "id-twice": (
        "Deux règles portent le nom « {value} ». Chacune a besoin du sien.",
        "Two rules bear the name “{value}”. Each needs its own.",
    ),
    "id-reserved": (
        "Le nom « {value} » est celui d’une règle du socle. Le socle ne se remplace pas : choisissez un autre nom.",
        "The name “{value}” belongs to the constitution, which cannot be replaced: choose another name.",
    ),
    "words-missing": (
        "Il manque @{value} : les mots de la règle, dans cette langue, pour tout le monde.",
        "@{value} is missing: the words of the rule, in this language, for everyone.",
    ),
    "words-too-long": (
        "@{value} dépasse 600 caractères. Une règle se dit en quelques phrases.",
        "@{value} is over 600 characters. A rule is told in a few sentences.",
    ),
    "origin-missing": (
        "Il manque @origin : d’où vient la règle (une consultation, une loi, un avis).",
        "@origin is missing: where the rule comes from (a consultation, a law, an opinion).",
    ),
    "unknown-annotation": (
        "L’annotation « @{value} » n’existe pas.",
        "There is no annotation “@{value}”.",
    ),
    "unknown-requirement": (
        "« {value} » n’est pas une chose que l’on peut demander.",
        "“{value}” is not something that can be asked for.",
    ),
    "asks-on-permit": (
        "@asks se met sur une interdiction, qu’elle permet de lever. Une permission ne demande rien.",
        "@asks belongs on a forbid, which it lifts. A permit asks for nothing.",
    ),
    "asks-in-vain": (
        "La règle demande « {value} », mais le fournir ne la lève pas. Écrivez : unless {{ {likely} }}.",
        "The rule asks for “{value}”, yet providing it does not lift the rule. Write: unless {{ {likely} }}.",
    ),
    "unknown-action": (
        "Aucun type d’acte et aucun groupe ne s’appelle « {value} ».",
        "No kind of act and no group is called “{value}”.",
    ),
    "unknown-attribute": (
        "Aucun fait ne s’appelle « {value} ».",
        "No fact is called “{value}”.",
    ),
    "unknown-type": (
        "Le type « {value} » n’existe pas dans une charte.",
        "There is no type “{value}” in a charter.",
    ),
    "unknown-value": (
        "« {value} » n’existe pas.",
        "There is no “{value}”.",
    ),
    "names-a-person": (
        "Une règle ne peut pas viser une personne en particulier. Parlez de situations, d’âge, de choix.",
        "A rule cannot single out one person. Speak of situations, age, choices.",
    ),
    "whole-record": (
        "« {value} » est un ensemble de faits. Lisez-les un par un.",
        "“{value}” is a set of facts. Read them one at a time.",
    ),
    "unguarded": (
        "« {value} » peut être inconnu. Écrivez d’abord : {likely}.",
        "“{value}” may be unknown. Write first: {likely}.",
    ),
    "unknown-lets-pass": (
        "Quand « {value} » est inconnu, cette règle laisserait passer l’acte. Elle doit refuser. Écrivez : {likely}.",
        "When “{value}” is unknown, this rule would let the act pass. It must refuse. Write: {likely}.",
    ),
    "silence-lets-pass": (
        "« {value} » est faux tant que personne ne l’a noté : ne rien noter suffirait à faire passer l’acte. Écrivez : {likely}.",
        "“{value}” is false until somebody records it: recording nothing would let the act pass. Write: {likely}.",
    ),
    "unsupported": (
        "« {value} » ne s’emploie pas dans une charte.",
        "“{value}” has no use in a charter.",
    ),
    "too-large": (
        "Ce calcul peut dépasser les nombres que l’on sait compter. Prenez des nombres plus petits.",
        "This arithmetic may exceed the numbers that can be counted. Take smaller numbers.",
    ),
    "not-valid": (
        "La vérification formelle refuse cette règle : {value}.",
        "Formal validation refuses this rule: {value}.",
    ),
}
WITH_LIKELY = ("Peut-être : {likely}.", "Perhaps: {likely}.")


class Problem(msgspec.Struct, frozen=True, omit_defaults=True):
    """One thing to correct. `line` and `column` count from 1; `rule` is the rule's id, empty where it has none; `code` is
    stable."""

    code: str
    line: int
    rule: str = ""
    value: str = ""
    likely: str = ""
    column: int = 1

    def words(self, language: str) -> str:
        """The problem told to a person, in `fr` or `en`."""
        which = 0 if language == "fr" else 1
        sentence = SENTENCES[self.code][which]
        told = sentence.format(value=self.value, likely=self.likely)
        if self.likely and "{likely}" not in sentence:
            told += " " + WITH_LIKELY[which].format(likely=self.likely)
        return told


class InvalidCharterError(InvalidInputError):
    """The text cannot be a charter; `problems` says where and why."""

    code = "invalid-charter"

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        first = self.problems[0]
        told = "\n".join(f"line {problem.line}: {problem.words('en')}" for problem in self.problems)
        super().__init__(told, path=f"line {first.line}")
