"""The forms of one's own account, in words people use; allauth does the checking."""

from __future__ import annotations

from typing import Any

from allauth.account import forms as account
from allauth.account.adapter import get_adapter
from allauth.mfa.base import forms as second
from allauth.mfa.totp import forms as totp
from allauth.mfa.webauthn import forms as webauthn
from django import forms
from django.contrib.auth.password_validation import validate_password
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

PASSWORD_HINT = _("Au moins 12 caractères. Une phrase que vous retenez convient très bien.")


def _dress(field: forms.Field, label: object, hint: object = "", **attributes: str) -> None:
    field.label = str(label) if isinstance(label, str) else label  # type: ignore[assignment]
    field.help_text = hint  # type: ignore[assignment]
    field.widget.attrs.pop("placeholder", None)
    field.widget.attrs.update(attributes)


class SignInForm(account.LoginForm):  # type: ignore[misc]
    """Address, password, and whether this is one's own device."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _dress(self.fields["login"], _("Adresse électronique"), autocomplete="username")
        _dress(self.fields["password"], _("Mot de passe"))
        _dress(
            self.fields["remember"],
            _("C’est mon appareil à moi"),
            _("Ne cochez pas sur un poste partagé du service : la session s’y ferme vite."),
        )


def _dress_new_password(form: forms.Form) -> None:
    _dress(form.fields["password1"], _("Nouveau mot de passe"), PASSWORD_HINT, autocomplete="new-password")
    _dress(form.fields["password2"], _("Le même, encore une fois"), autocomplete="new-password")


class ChangePasswordForm(account.ChangePasswordForm):  # type: ignore[misc]
    """The present password and a new one."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _dress(self.fields["oldpassword"], _("Mot de passe actuel"))
        _dress_new_password(self)


class SetPasswordForm(account.SetPasswordForm):  # type: ignore[misc]
    """A first password, for an account that had none."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _dress_new_password(self)


class ResetPasswordForm(account.ResetPasswordKeyForm):  # type: ignore[misc]
    """A new password, by a link received by mail."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _dress_new_password(self)


class ForgottenPasswordForm(account.ResetPasswordForm):  # type: ignore[misc]
    """The address to which a link is sent; an address without account gets a mail that says so, and the page says the same."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _dress(self.fields["email"], _("Adresse électronique"), autocomplete="username")

    def save(self, request: HttpRequest, **kwargs: Any) -> str:
        """Send one mail, whoever the address belongs to."""
        if self.users:
            return str(super().save(request, **kwargs))
        email: str = self.cleaned_data["email"]
        get_adapter(request).send_mail("account/email/unknown_account", email, {})
        return email


class ConfirmPasswordForm(account.ReauthenticateForm):  # type: ignore[misc]
    """The password again, before something that matters."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _dress(self.fields["password"], _("Mot de passe"))


def _dress_code(form: forms.Form) -> None:
    _dress(form.fields["code"], _("Code"), _("Les six chiffres de votre application, ou un code de secours."))


class SecondFactorForm(second.AuthenticateForm):  # type: ignore[misc]
    """The code that follows the password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _dress_code(self)


class SecondFactorAgainForm(second.ReauthenticateForm):  # type: ignore[misc]
    """The code again, before something that matters."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _dress_code(self)


class ActivateApplicationForm(totp.ActivateTOTPForm):  # type: ignore[misc]
    """The first code of an application."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _dress(self.fields["code"], _("Code à six chiffres"), inputmode="numeric")


class AddKeyForm(webauthn.AddWebAuthnForm):  # type: ignore[misc]
    """A security key, under a name one will know again."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _dress(
            self.fields["name"],
            _("Son nom"),
            _("Pour la reconnaître parmi d’autres : « clé bleue », « mon téléphone »."),
        )


class RenameKeyForm(webauthn.EditWebAuthnForm):  # type: ignore[misc]
    """Another name for a security key."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _dress(self.fields["name"], _("Son nom"))


class ChosenPasswordForm(forms.Form):
    """The password somebody chooses by a link, twice."""

    password1 = forms.CharField(
        label=_("Votre mot de passe"),
        help_text=PASSWORD_HINT,
        strip=False,
        max_length=1000,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    password2 = forms.CharField(
        label=_("Le même, encore une fois"),
        strip=False,
        max_length=1000,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, *args: Any, user: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_password1(self) -> str:
        """Strong enough, and not the person's own name."""
        password: str = self.cleaned_data["password1"]
        validate_password(password, self.user)
        return password

    def clean(self) -> dict[str, Any]:
        """Both the same."""
        data = super().clean() or {}
        if "password1" in data and "password2" in data and data["password1"] != data["password2"]:
            self.add_error("password2", forms.ValidationError(_("Les deux mots de passe ne sont pas les mêmes.")))
        return data
