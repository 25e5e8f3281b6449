"""The forms of whoever administers an establishment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any, Final, Protocol, cast
from uuid import UUID

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from colloque.kernel.errors import InvalidInputError
from colloque.kernel.vocabulary import Profession, Role
from colloque.people.core import client_keys
from colloque.people.core.identifiers import national_identifier, practitioner_id

WORDS: Final[Mapping[str, Any]] = {
    "rpps": _("Ce n’est pas un numéro RPPS : il a onze chiffres. Vérifiez-les."),
    "practitioner-id": _("Ce n’est pas l’identifiant d’un professionnel dans ce logiciel."),
    "private-key": _(
        "Cette clé est privée. Qui la détient peut se faire passer pour ce logiciel : "
        "faites-la remplacer, et collez ici la clé publique."
    ),
    "jwks": _(
        "Ces clés ne sont pas lisibles, ou pas assez fortes. Collez le jeu de clés publiques (JWKS) du logiciel."
    ),
    "issuer": _("L’émetteur est l’adresse que le logiciel écrit dans « iss », par exemple https://…"),
    "origin": _("Une origine s’écrit https://hôte ou https://hôte:port, sans rien après. Une par ligne."),
    "address": _("Cette adresse n’est pas lisible."),
}


def in_words(error: InvalidInputError) -> forms.ValidationError:
    """An error of the core, as a person reads it, with the place where it stands."""
    words = WORDS.get(error.code, error.message)
    place = error.path.partition(".")[2]
    return forms.ValidationError(f"{words} ({place})" if place else str(words), code=error.code)


class Named(Protocol):
    """A unit, as far as a form needs it."""

    id: UUID
    name: str


class DateField(forms.DateField):
    """A day, chosen in the browser's own calendar."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), **kwargs)


def end_of(day: date | None) -> datetime | None:
    """The moment a day ends here; none for no day."""
    if day is None:
        return None
    return timezone.make_aware(datetime.combine(day + timedelta(days=1), time.min))


def start_of(day: date | None) -> datetime | None:
    """The moment a day begins here; none for today and before, which mean now."""
    if day is None or day <= timezone.localdate():
        return None
    return timezone.make_aware(datetime.combine(day, time.min))


class RoleForm(forms.Form):
    """A role, its profession, its unit, its dates; the template writes roles and professions in words."""

    role = forms.ChoiceField(label=_("Rôle"))
    profession = forms.ChoiceField(label=_("Profession"), required=False, help_text=_("Pour un soignant seulement."))
    unit = forms.ChoiceField(
        label=_("Unité"), required=False, help_text=_("Laissez « Tout l’établissement » seulement si c’est nécessaire.")
    )
    valid_from = DateField(label=_("À partir du"), required=False, help_text=_("Vide : tout de suite."))
    valid_until = DateField(label=_("Jusqu’au"), required=False, help_text=_("Vide : sans date de fin."))

    def __init__(self, *args: Any, units: Sequence[Named], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.units = {str(unit.id): unit for unit in units}
        choices: dict[str, list[tuple[str, Any]]] = {
            "role": [("", "—"), *((role.value, role) for role in Role)],
            "profession": [("", "—"), *((one.value, one) for one in Profession)],
            "unit": [("", _("Tout l’établissement")), *((key, unit.name) for key, unit in self.units.items())],
        }
        for name, values in choices.items():
            cast(forms.ChoiceField, self.fields[name]).choices = values

    def clean_valid_until(self) -> date | None:
        """Not a day gone by."""
        day: date | None = self.cleaned_data["valid_until"]
        if day is not None and day < timezone.localdate():
            raise forms.ValidationError(_("Cette date est passée."))
        return day

    def clean(self) -> dict[str, Any]:
        """A profession for a carer and for a carer only; an end after the beginning."""
        data = super().clean() or {}
        is_carer = data.get("role") == Role.CARER
        if is_carer and not data.get("profession") and "profession" not in self.errors:
            self.add_error("profession", forms.ValidationError(_("Indiquez la profession de ce soignant.")))
        if not is_carer:
            data["profession"] = ""
        begins, ends = data.get("valid_from"), data.get("valid_until")
        if begins and ends and ends < begins:
            self.add_error("valid_until", forms.ValidationError(_("Le rôle doit finir après avoir commencé.")))
        return data

    @property
    def role_given(self) -> Role:
        """The role chosen."""
        return Role(self.cleaned_data["role"])

    @property
    def profession_given(self) -> Profession | None:
        """The profession chosen, if any."""
        return Profession(self.cleaned_data["profession"]) if self.cleaned_data["profession"] else None

    @property
    def unit_given(self) -> Any:
        """The unit chosen; none for the whole establishment."""
        return self.units.get(self.cleaned_data["unit"])


class InvitationForm(RoleForm):
    """Whom to invite, to which role."""

    given_name = forms.CharField(label=_("Prénom"), max_length=120)
    family_name = forms.CharField(label=_("Nom"), max_length=120)
    email = forms.EmailField(label=_("Adresse électronique"), max_length=254)
    national_identifier = forms.CharField(
        label=_("Numéro RPPS"),
        required=False,
        max_length=20,
        help_text=_("S’il est donné, seul ce professionnel pourra accepter avec Pro Santé Connect."),
    )

    field_order = (
        "given_name",
        "family_name",
        "email",
        "role",
        "profession",
        "unit",
        "valid_until",
        "national_identifier",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["valid_from"]

    def clean_national_identifier(self) -> str:
        """Eleven digits and their check digit, or nothing."""
        text: str = self.cleaned_data["national_identifier"]
        if not text.strip():
            return ""
        try:
            return national_identifier(text)
        except InvalidInputError as error:
            raise in_words(error) from error


class EndRoleForm(forms.Form):
    """When a role ends."""

    until = DateField(label=_("Dernier jour"), required=False, help_text=_("Vide : le rôle s’arrête tout de suite."))

    def clean_until(self) -> date | None:
        """Not a day gone by."""
        day: date | None = self.cleaned_data["until"]
        if day is not None and day < timezone.localdate():
            raise forms.ValidationError(_("Cette date est passée."))
        return day


class UnitForm(forms.Form):
    """The name of a unit."""

    name = forms.CharField(label=_("Nom de l’unité"), max_length=200)


class ClientSystemForm(forms.Form):
    """What an electronic health record is known by."""

    name = forms.CharField(label=_("Nom du logiciel"), max_length=200)
    issuer = forms.CharField(
        label=_("Émetteur (iss)"), max_length=500, help_text=_("L’adresse écrite dans « iss » de ses jetons.")
    )
    jwks = forms.CharField(
        label=_("Clés publiques (JWKS)"),
        help_text=_("Collez le jeu de clés publiques. Jamais une clé privée."),
        widget=forms.Textarea(attrs={"rows": 8, "spellcheck": "false", "autocomplete": "off"}),
    )
    origins = forms.CharField(
        label=_("Origines des pages"),
        required=False,
        help_text=_("Si ses pages nous appellent depuis un navigateur : une origine par ligne."),
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false"}),
    )

    def clean_issuer(self) -> str:
        """An absolute address."""
        try:
            return client_keys.issuer(self.cleaned_data["issuer"])
        except InvalidInputError as error:
            raise in_words(error) from error

    def clean_jwks(self) -> dict[str, list[dict[str, str]]]:
        """Public keys, strong enough, and nothing else."""
        try:
            return client_keys.public_keys(self.cleaned_data["jwks"])
        except InvalidInputError as error:
            raise in_words(error) from error

    def clean_origins(self) -> list[str]:
        """One a line."""
        try:
            return client_keys.origins(self.cleaned_data["origins"])
        except InvalidInputError as error:
            raise in_words(error) from error

    def hide_private_key(self) -> None:
        """Forget what was pasted where it held a private key, so that the page does not send it back."""
        if self.has_error("jwks", "private-key"):
            self.data = {name: "" if name == "jwks" else value for name, value in self.data.items()}


class PractitionerForm(forms.Form):
    """Whom a system means by an identifier."""

    practitioner = forms.CharField(
        label=_("Identifiant dans ce logiciel"),
        max_length=500,
        help_text=_("Ce que le logiciel écrit après « Practitioner/ »."),
    )
    account = forms.ChoiceField(label=_("Personne"))

    def __init__(self, *args: Any, people: Sequence[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.people = {str(person.id): person for person in people}
        named = ((key, person.full_name) for key, person in self.people.items())
        cast(forms.ChoiceField, self.fields["account"]).choices = [("", "—"), *named]

    def clean_practitioner(self) -> str:
        """The FHIR id alone."""
        try:
            return practitioner_id(self.cleaned_data["practitioner"])
        except InvalidInputError as error:
            raise in_words(error) from error

    @property
    def person(self) -> Any:
        """The person chosen."""
        return self.people[self.cleaned_data["account"]]
