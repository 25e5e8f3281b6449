"""Pages of one's own: where I am now, my account, a link I was given, my second factor."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from colloque.people import actions, queries
from colloque.people.access import ESTABLISHMENT_IN_SESSION, Request, nothing_here
from colloque.people.forms.sent import sent
from colloque.people.forms.sign_in import ChosenPasswordForm, SignInForm


@require_http_methods(["GET", "POST"])
def establishment(request: Request) -> HttpResponse:
    """In which of my establishments am I now?"""
    viewer = request.viewer
    _account = viewer.account
    houses = [*([viewer.establishment] if viewer.establishment else []), *viewer.elsewhere]
    back = way_back(request)
    if request.method == "POST":
        chosen = next((house for house in houses if str(house.id) == request.POST.get("establishment")), None)
        if chosen is None:
            raise nothing_here()
        request.session[ESTABLISHMENT_IN_SESSION] = str(chosen.id)
        return HttpResponseRedirect(back)
    return render(request, "people/establishment.html", {"houses": houses, "next": back})


def way_back(request: HttpRequest) -> str:
    """Where the person came from, if that is here."""
    asked = request.POST.get("next") or request.GET.get("next") or "/"
    return asked if url_has_allowed_host_and_scheme(asked, allowed_hosts=None) else "/"


@require_GET
def me(request: Request) -> HttpResponse:
    """My account: my roles, my password, my second factor."""
    account = request.viewer.account
    return render(
        request,
        "people/me.html",
        {
            "account": account,
            "memberships": queries.my_memberships(account, timezone.now()),
            "has_second_factor": queries.has_second_factor(account),
            "has_password": account.has_usable_password(),
            "linked": queries.has_identity(account),
        },
    )


@require_POST
def sign_out_everywhere(request: Request) -> HttpResponse:
    """End my sessions on every computer, this one included."""
    actions.sign_out_everywhere(by=request.viewer.account, at=timezone.now())
    logout(request)
    messages.success(request, _("Vos sessions sont fermées sur tous les appareils."))
    return redirect("account_login")


@require_GET
def second_factor(request: Request) -> HttpResponse:
    """A second proof that it is me, before anything else."""
    account = request.viewer.account
    if queries.has_second_factor(account):
        return render(request, "people/second_factor_again.html", {"next": way_back(request)})
    return render(request, "people/second_factor.html", {"next": way_back(request)})


@never_cache
@sensitive_post_parameters()
@sensitive_variables("secret", "password")
@require_http_methods(["GET", "POST"])
def invitation(request: Request, secret: str) -> HttpResponse:
    """What I am invited to, and the one thing to do to accept it."""
    now = timezone.now()
    offered = queries.open_invitation(secret, now)
    account = request.viewer.signed_in
    context = {"invitation": offered, "account": account, "form": None, "secret": secret}
    if account is not None or queries.has_account(offered.email):
        is_mine = account is not None and account.email == offered.email
        if request.method == "POST" and account is not None and is_mine:
            actions.accept_with_account(secret, account, at=now)
            messages.success(request, _("C’est fait : votre rôle commence maintenant."))
            return redirect("/")
        return _unshared(render(request, "people/invitation_known.html", {**context, "is_mine": is_mine}))
    form = ChosenPasswordForm(sent(request))
    if request.method == "POST" and form.is_valid():
        password = form.cleaned_data["password1"]
        actions.accept_with_password(secret, password, at=now, language=request.LANGUAGE_CODE)
        return _sign_in(request, offered.email, password)
    return _unshared(render(request, "people/invitation.html", {**context, "form": form}))


@never_cache
@sensitive_post_parameters()
@sensitive_variables("secret", "password")
@require_http_methods(["GET", "POST"])
def access(request: Request, secret: str) -> HttpResponse:
    """A new password by a link; the second factor, if any, is asked right after."""
    now = timezone.now()
    link = queries.open_access_link(secret, now)
    form = ChosenPasswordForm(sent(request), user=link.account)
    if request.method == "POST" and form.is_valid():
        password = form.cleaned_data["password1"]
        account = actions.use_access_link(secret, password, at=now)
        logout(request)
        return _sign_in(request, account.email, password)
    return _unshared(render(request, "people/access.html", {"form": form, "account": link.account}))


def _unshared(response: HttpResponse) -> HttpResponse:
    response.headers["Referrer-Policy"] = "strict-origin"  # `no-referrer` would make the form's own Origin null
    response.headers["X-Robots-Tag"] = "noindex"
    return response


@sensitive_variables("password")
def _sign_in(request: HttpRequest, email: str, password: str) -> HttpResponse:
    form = SignInForm({"login": email, "password": password}, request=request)
    if form.is_valid():
        response: HttpResponse = form.login(request, redirect_url="/")
        return response
    messages.info(request, _("Votre mot de passe est enregistré. Connectez-vous."))
    return redirect("account_login")
