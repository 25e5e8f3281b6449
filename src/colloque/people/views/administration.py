"""Pages of whoever administers an establishment: the team, its invitations, units and client systems."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from allauth.account.adapter import get_adapter
from django.contrib import messages
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from colloque.kernel.errors import ConflictError, InvalidInputError
from colloque.kernel.vocabulary import Role
from colloque.people import access, actions, queries
from colloque.people.access import Request
from colloque.people.forms.administration import (
    ClientSystemForm,
    EndRoleForm,
    InvitationForm,
    PractitionerForm,
    RoleForm,
    UnitForm,
    end_of,
    start_of,
)
from colloque.people.forms.sent import sent

MAY_SEE = (Role.ADMINISTRATOR, Role.DIRECTOR)


def _refused(form: Form, error: ConflictError | InvalidInputError) -> None:
    form.add_error(error.path if error.path in form.fields else None, error.message)


@require_GET
def team(request: Request) -> HttpResponse:
    """Who works and lives here, with which role; who is invited."""
    access.require(request.viewer, *MAY_SEE)
    words, role = request.GET.get("q", "")[:100], request.GET.get("role", "")[:40]
    found = queries.team(request.viewer.house, timezone.now(), words=words, role=role)
    context = {"team": found, "words": words, "role": role, "may_change": request.viewer.has(Role.ADMINISTRATOR)}
    return render(request, "people/team.html", context)


@require_GET
def person(request: Request, account_id: UUID) -> HttpResponse:
    """One person here: roles, second factor, identifiers."""
    account = access.account_in(request.viewer, account_id, *MAY_SEE)
    seen = queries.one_of_the_team(request.viewer.house, account, timezone.now())
    context = {
        "person": seen,
        "may_change": request.viewer.has(Role.ADMINISTRATOR) and account != request.viewer.account,
    }
    return render(request, "people/person.html", context)


@never_cache
@sensitive_variables("made", "link")
@require_http_methods(["GET", "POST"])
def invite(request: Request) -> HttpResponse:
    """Invite somebody; the link is shown once, and mailed where mail is set up."""
    access.require(request.viewer, Role.ADMINISTRATOR)
    house = request.viewer.house
    form = InvitationForm(sent(request), units=queries.units_of(house))
    if request.method == "POST" and form.is_valid():
        offer = actions.Offer(
            form.cleaned_data["email"],
            form.role_given,
            form.cleaned_data["given_name"],
            form.cleaned_data["family_name"],
            form.profession_given,
            form.unit_given,
            end_of(form.cleaned_data["valid_until"]),
            national_digest=queries.national_digest_of(form.cleaned_data["national_identifier"]),
        )
        try:
            made = actions.invite(house, offer, by=request.viewer.account, at=timezone.now())
        except InvalidInputError as error:
            _refused(form, error)
        else:
            link = request.build_absolute_uri(reverse("people:invitation", args=[made.secret]))
            mail = {"invitation": made.invitation, "link": link}
            get_adapter(request).send_mail("people/email/invitation", made.invitation.email, mail)
            return render(request, "people/link_made.html", {**mail, "expires_at": made.invitation.expires_at})
    return render(request, "people/invite.html", {"form": form})


@require_POST
def withdraw_invitation(request: Request, invitation_id: UUID) -> HttpResponse:
    """Take an invitation back."""
    invitation = access.invitation_in(request.viewer, invitation_id)
    actions.withdraw_invitation(invitation, by=request.viewer.account, at=timezone.now())
    messages.success(request, _("L’invitation est retirée."))
    return redirect("people:list")


@require_http_methods(["GET", "POST"])
def give_role(request: Request, account_id: UUID) -> HttpResponse:
    """Another role for somebody known here."""
    account = access.account_in(request.viewer, account_id, Role.ADMINISTRATOR)
    form = RoleForm(sent(request), units=queries.units_of(request.viewer.house))
    if request.method == "POST" and form.is_valid():
        try:
            actions.give_role(
                account,
                request.viewer.house,
                form.role_given,
                profession=form.profession_given,
                unit=form.unit_given,
                valid_from=start_of(form.cleaned_data["valid_from"]),
                valid_until=end_of(form.cleaned_data["valid_until"]),
                by=request.viewer.account,
                at=timezone.now(),
            )
        except (ConflictError, InvalidInputError) as error:
            _refused(form, error)
        else:
            messages.success(request, _("Le rôle est donné."))
            return redirect("people:person", account_id)
    return render(request, "people/give_role.html", {"form": form, "account": account})


@require_http_methods(["GET", "POST"])
def end_role(request: Request, membership_id: UUID) -> HttpResponse:
    """End a role, now or on a day."""
    membership = access.membership_in(request.viewer, membership_id)
    form = EndRoleForm(sent(request))
    if request.method == "POST" and form.is_valid():
        try:
            until = end_of(form.cleaned_data["until"])
            actions.end_role(membership, until=until, by=request.viewer.account, at=timezone.now())
        except (ConflictError, InvalidInputError) as error:
            _refused(form, error)
        else:
            messages.success(request, _("C’est noté : le rôle prend fin."))
            return redirect("people:person", membership.account_id)
    return render(request, "people/end_role.html", {"form": form, "membership": membership})


@never_cache
@sensitive_variables("made", "link")
@require_http_methods(["GET", "POST"])
def access_link(request: Request, account_id: UUID) -> HttpResponse:
    """A link by which somebody chooses a new password, shown once."""
    account = access.account_in(request.viewer, account_id, Role.ADMINISTRATOR)
    if request.method == "POST":
        made = actions.make_access_link(account, request.viewer.house, by=request.viewer.account, at=timezone.now())
        link = request.build_absolute_uri(reverse("people:access", args=[made.secret]))
        get_adapter(request).send_mail("people/email/access", account.email, {})
        return render(
            request,
            "people/link_made.html",
            {"link": link, "expires_at": made.link.expires_at, "account": account, "by_hand": True},
        )
    return render(request, "people/confirm.html", {"account": account, "what": "access-link"})


@require_http_methods(["GET", "POST"])
def forget_second_factor(request: Request, account_id: UUID) -> HttpResponse:
    """Let somebody who lost their second factor set another up."""
    account = access.account_in(request.viewer, account_id, Role.ADMINISTRATOR)
    if request.method == "POST":
        actions.forget_second_factor(account, request.viewer.house, by=request.viewer.account, at=timezone.now())
        messages.success(request, _("À sa prochaine connexion, cette personne mettra en place une nouvelle preuve."))
        return redirect("people:person", account_id)
    return render(request, "people/confirm.html", {"account": account, "what": "second-factor"})


@require_http_methods(["GET", "POST"])
def deactivate(request: Request, account_id: UUID) -> HttpResponse:
    """Close an account at once."""
    account = access.account_in(request.viewer, account_id, Role.ADMINISTRATOR)
    if request.method == "POST":
        actions.deactivate_account(account, request.viewer.house, by=request.viewer.account, at=timezone.now())
        messages.success(request, _("Le compte est fermé, et ses sessions avec lui."))
        return redirect("people:list")
    return render(request, "people/confirm.html", {"account": account, "what": "deactivate"})


@require_http_methods(["GET", "POST"])
def units(request: Request) -> HttpResponse:
    """The units, and a new one."""
    access.require(request.viewer, Role.ADMINISTRATOR)
    form = UnitForm(sent(request))
    if request.method == "POST" and form.is_valid():
        try:
            actions.add_unit(
                request.viewer.house, form.cleaned_data["name"], by=request.viewer.account, at=timezone.now()
            )
        except ConflictError as error:
            _refused(form, error)
        else:
            messages.success(request, _("L’unité est ajoutée."))
            return redirect("people:units")
    return render(request, "people/units.html", {"form": form, "units": queries.units_of(request.viewer.house)})


@require_http_methods(["GET", "POST"])
def unit(request: Request, unit_id: UUID) -> HttpResponse:
    """Another name for a unit."""
    found = access.unit_in(request.viewer, unit_id)
    form = UnitForm(sent(request), initial={"name": found.name})
    if request.method == "POST" and form.is_valid():
        try:
            actions.rename_unit(found, form.cleaned_data["name"], by=request.viewer.account, at=timezone.now())
        except ConflictError as error:
            _refused(form, error)
        else:
            messages.success(request, _("Le nom est changé."))
            return redirect("people:units")
    return render(request, "people/unit.html", {"form": form, "unit": found})


@require_GET
def systems(request: Request) -> HttpResponse:
    """The software that may call us."""
    access.require(request.viewer, Role.ADMINISTRATOR)
    return render(request, "people/systems.html", {"systems": queries.client_systems_of(request.viewer.house)})


def _details(data: dict[str, Any]) -> actions.SystemDetails:
    return actions.SystemDetails(data["name"], data["issuer"], data["jwks"], data["origins"])


@require_http_methods(["GET", "POST"])
def new_system(request: Request) -> HttpResponse:
    """Another software that may call us."""
    access.require(request.viewer, Role.ADMINISTRATOR)
    form = ClientSystemForm(sent(request))
    if request.method == "POST" and form.is_valid():
        try:
            system = actions.register_client_system(
                request.viewer.house, _details(form.cleaned_data), by=request.viewer.account, at=timezone.now()
            )
        except ConflictError as error:
            _refused(form, error)
        else:
            messages.success(request, _("Le logiciel peut appeler dès maintenant."))
            return redirect("people:system", system.id)
    form.hide_private_key()
    return render(request, "people/new_system.html", {"form": form})


@require_http_methods(["GET", "POST"])
def system(request: Request, system_id: UUID) -> HttpResponse:
    """One software: its keys, its origins, and whom it means by an identifier."""
    found = access.client_system_in(request.viewer, system_id)
    form = ClientSystemForm(sent(request), initial=queries.client_system_as_typed(found))
    if request.method == "POST" and form.is_valid():
        try:
            actions.change_client_system(
                found, _details(form.cleaned_data), by=request.viewer.account, at=timezone.now()
            )
        except ConflictError as error:
            _refused(form, error)
        else:
            messages.success(request, _("C’est enregistré : cela vaut dès le prochain appel."))
            return redirect("people:system", system_id)
    form.hide_private_key()
    practitioners = queries.practitioners_of(found)
    return render(request, "people/system.html", {"form": form, "system": found, "practitioners": practitioners})


@require_POST
def admit_system(request: Request, system_id: UUID) -> HttpResponse:
    """Let a software call, or stop it."""
    found = access.client_system_in(request.viewer, system_id)
    is_active = request.POST.get("active") == "yes"
    actions.admit_client_system(found, is_active=is_active, by=request.viewer.account, at=timezone.now())
    messages.success(request, _("Le logiciel peut appeler.") if is_active else _("Le logiciel ne peut plus appeler."))
    return redirect("people:system", system_id)


@require_http_methods(["GET", "POST"])
def new_practitioner(request: Request, system_id: UUID) -> HttpResponse:
    """Whom a software means by an identifier."""
    found = access.client_system_in(request.viewer, system_id)
    form = PractitionerForm(sent(request), people=queries.staff_of(request.viewer.house, timezone.now()))
    if request.method == "POST" and form.is_valid():
        try:
            actions.link_practitioner(
                found, form.cleaned_data["practitioner"], form.person, by=request.viewer.account, at=timezone.now()
            )
        except ConflictError as error:
            _refused(form, error)
        else:
            messages.success(request, _("L’identifiant est enregistré."))
            return redirect("people:system", system_id)
    return render(request, "people/new_practitioner.html", {"form": form, "system": found})


@require_POST
def remove_practitioner(request: Request, identifier_id: int) -> HttpResponse:
    """Forget whom a software meant."""
    found = access.practitioner_in(request.viewer, identifier_id)
    actions.unlink_practitioner(found, by=request.viewer.account, at=timezone.now())
    messages.success(request, _("L’identifiant est retiré."))
    return redirect("people:system", found.system_id)
