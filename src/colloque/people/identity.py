"""Signing in with an OpenID Connect provider, such as Pro Santé Connect: who it is, checked, and whose account that is.

An identity opens an account that is already linked to it, that was invited by a link the person holds, or whose address the
provider says it verified; it never makes an account by itself. Source: OpenID Connect Core 1.0 §3.1.3.7 and §5.3.2.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

import jwt
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.internal import jwtkit
from allauth.socialaccount.models import SocialLogin
from allauth.socialaccount.providers.base.constants import AuthProcess
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from colloque.kernel.errors import InvalidInputError
from colloque.people import actions, queries, second_factor
from colloque.people.actions import other_professional
from colloque.people.core.identifiers import national_identifier
from colloque.people.models import Account

LEEWAY_SECONDS: Final = 30
ALGORITHMS: Final = frozenset({"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"})
CLAIMS: Final = "colloque_claims"
TWO_FACTORS: Final = "two_factors"


def departure(
    request: HttpRequest,
    provider_id: str,
    *,
    way_back: str,
    invitation: UUID | None = None,
    link_to: Account | None = None,
) -> str:
    """The address of the provider to which the person goes now.

    The state left in the session holds a nonce and, where it is for that, the invitation whose link the person holds or the
    account, signed in just now, to link. Raises what reaching the provider raises, and `SocialApp.DoesNotExist`.
    """
    provider = IdentityAdapter(request).get_provider(request, provider_id)
    nonce = secrets.token_urlsafe(32)
    response = provider.redirect(
        request,
        AuthProcess.LOGIN,
        next_url=way_back,
        auth_params={**provider.get_auth_params(), "nonce": nonce},
        nonce=nonce,
        invitation=str(invitation) if invitation else None,
        link_to=str(link_to.pk) if link_to else None,
    )
    return str(response.headers["Location"])


class VerifyingAdapter(OpenIDConnectOAuth2Adapter):  # type: ignore[misc]
    """Reads what the provider says: signature, issuer, audience, dates, and one subject throughout."""

    def complete_login(self, request: HttpRequest, app: Any, token: Any, **kwargs: Any) -> SocialLogin:
        """The identity, its claims kept beside it and none of them in the database."""
        login = super().complete_login(request, app, token, **kwargs)
        said: Mapping[str, Any] = login.account.extra_data
        id_token, userinfo = said.get("id_token"), said.get("userinfo")
        if not id_token:
            raise OAuth2Error("The provider gave no id_token.")
        if userinfo is not None and userinfo.get("sub") != id_token["sub"]:
            raise OAuth2Error("The provider speaks of two people.")
        setattr(login, CLAIMS, {**(userinfo or {}), **id_token})
        login.account.extra_data = {}
        login.email_addresses = []
        return login

    def _decode_id_token(self, app: Any, id_token: str) -> dict[str, Any]:
        try:
            algorithm, key = jwtkit.fetch_key(id_token, self.openid_config["jwks_uri"], jwtkit.lookup_kid_jwk)
            if algorithm not in ALGORITHMS:
                raise OAuth2Error("The id_token is signed in a way we do not accept.")
            claims: dict[str, Any] = jwt.decode(
                id_token,
                key=key,
                algorithms=[algorithm],
                audience=app.client_id,
                issuer=self.openid_config["issuer"],
                leeway=LEEWAY_SECONDS,
                options={"require": ["iss", "sub", "aud", "exp", "iat"]},
            )
        except (jwt.PyJWTError, KeyError) as error:
            raise OAuth2Error("The id_token cannot be trusted.") from error
        return claims


class IdentityAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]
    """Whose account an identity opens."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:  # noqa: ARG002
        """Never: an identity makes no account by itself."""
        return False

    def send_notification_mail(self, *args: Any, **kwargs: Any) -> None:
        """None of allauth's own."""

    def on_authentication_error(self, *_who: Any, error: Any = None, **_more: Any) -> None:
        """Whoever gave up at the provider is back at the sign-in page."""
        if error == "cancelled":
            raise ImmediateHttpResponse(redirect(reverse("account_login")))

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Link the identity to the account it may open, or lead to the page that says one comes in by invitation."""
        claims: Mapping[str, Any] = getattr(sociallogin, CLAIMS, {})
        nonce = sociallogin.state.get("nonce")
        if not nonce or not secrets.compare_digest(str(claims.get("nonce", "")), nonce):
            raise OAuth2Error("The id_token answers another request.")
        digest = national_digest(claims)
        with transaction.atomic():
            link_to = sociallogin.state.get("link_to")
            if sociallogin.is_existing and link_to not in (None, str(sociallogin.user.pk)):
                raise other_professional()
            if not sociallogin.is_existing:
                account = (
                    self._to_link(request, link_to)
                    or self._invited(sociallogin, digest)
                    or self._by_verified_address(claims)
                )
                if account is None:
                    raise ImmediateHttpResponse(not_invited(request))
                sociallogin.connect(request, account)
            if digest is not None:
                actions.verify_identity(sociallogin.user, digest, at=timezone.now())
        sociallogin.state[TWO_FACTORS] = checked_two_factors(claims)

    def _to_link(self, request: HttpRequest, link_to: str | None) -> Account | None:
        user = request.user
        return user if isinstance(user, Account) and str(user.pk) == link_to else None

    def _invited(self, sociallogin: SocialLogin, digest: bytes | None) -> Account | None:
        invitation = sociallogin.state.get("invitation")
        if not invitation:
            return None
        return actions.accept_with_identity(UUID(invitation), at=timezone.now(), national_digest=digest)

    def _by_verified_address(self, claims: Mapping[str, Any]) -> Account | None:
        email = claims.get("email")
        if not isinstance(email, str) or claims.get("email_verified") is not True:
            return None
        return queries.account_at(email)


def not_invited(request: HttpRequest) -> HttpResponse:
    """The page of an identity that opens no account here."""
    return render(request, "account/signup_closed.html", status=403)


def national_digest(claims: Mapping[str, Any]) -> bytes | None:
    """The blind index of the professional's national identifier, where the provider names one (`SubjectNameID`)."""
    named = claims.get(settings.COLLOQUE_IDENTITY_PROVIDERS[0].national_identifier_claim)
    if not isinstance(named, str):
        return None
    try:
        return queries.national_digest_of(national_identifier(named))
    except InvalidInputError:
        return None


def checked_two_factors(claims: Mapping[str, Any]) -> bool:
    """Whether the provider says, in words this installation declared, that it checked two factors."""
    provider = settings.COLLOQUE_IDENTITY_PROVIDERS[0]
    return bool(_said(claims, "acr") & provider.second_factor_acr or _said(claims, "amr") & provider.second_factor_amr)


def _said(claims: Mapping[str, Any], claim: str) -> frozenset[str]:
    value = claims.get(claim)
    words = [value] if isinstance(value, str) else value if isinstance(value, list) and claim == "amr" else []
    return frozenset(word for word in words if isinstance(word, str))


def after_sign_in(
    *, request: HttpRequest, user: Account, sociallogin: SocialLogin | None = None, **_extra: Any
) -> None:
    """Receiver of allauth's `user_logged_in`: two factors checked by the provider are two factors here."""
    if sociallogin is not None and sociallogin.state.get(TWO_FACTORS) is True:
        second_factor.note_passed(request, user)
