"""Where allauth asks how this house wants it: no open sign-up, mail only where a server is set, factors sealed and required."""

from __future__ import annotations

import logging
import secrets
import smtplib
import time
from base64 import b64decode, b64encode
from typing import Any, Final

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext_lazy

from colloque.ledger.queries import installation_keys
from colloque.people.queries import is_last_second_factor_of_staff
from colloque.people.sessions import SIGNED_IN_AT

log = logging.getLogger(__name__)

JUST_SIGNED_IN_SECONDS: Final = 600
_ABOUT: Final = b"second-factor"


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Accounts of this house."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002
        """Never: one comes in by invitation."""
        return False

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Send where a mail server is set; a server that does not answer is a line in the log, without the address."""
        if not settings.COLLOQUE_SENDS_MAIL:
            return
        try:
            super().send_mail(template_prefix, email, context)
        except (OSError, smtplib.SMTPException) as error:
            log.error("A mail (%s) could not be sent: %s", template_prefix, type(error).__name__)  # noqa: TRY400

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """As allauth says, save for whoever signed in within the last ten minutes."""
        began = self.request.session.get(SIGNED_IN_AT, 0.0) if self.request else 0.0
        if time.time() - float(began) < JUST_SIGNED_IN_SECONDS:
            return False
        return bool(super().is_reauthentication_required(app=app, **kwargs))


class SecondFactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Second factors of this house."""

    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "cannot_delete_authenticator": gettext_lazy(
            "C’est votre seule seconde preuve, et votre rôle en demande une. Ajoutez d’abord une clé de sécurité."
        ),
    }

    def encrypt(self, text: str) -> str:
        """The secret of an application, sealed under the master key of the installation."""
        sealed = installation_keys().keyring.wrap(text.encode(), about=_ABOUT, random_bytes=secrets.token_bytes)
        return b64encode(sealed).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """The secret again. Raises `TamperedError` with another master key."""
        return installation_keys().keyring.unwrap(b64decode(encrypted_text), about=_ABOUT).decode()

    def can_delete_authenticator(self, authenticator: Any) -> bool:
        """Not the last one of somebody whose role requires one."""
        return not is_last_second_factor_of_staff(authenticator)
