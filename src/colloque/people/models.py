"""Tables of people: establishments, units, accounts, memberships, and the client systems that may call the gateway."""

from __future__ import annotations

import uuid
from typing import ClassVar, Final

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext

from colloque.kernel.vocabulary import Profession, Role

NOWHERE: Final = "erased.invalid"
"""The address of an account closed by an erasure ends so. Source: RFC 2606, section 2 (`.invalid`)."""


def _values(enum: type[Role | Profession]) -> list[str]:
    return [member.value for member in enum]


class EstablishmentKind(models.TextChoices):
    """What kind of house it is."""

    HOSPITAL = "hospital"
    NURSING_HOME = "nursing-home"


class Establishment(models.Model):
    """A hospital or a nursing home: the circle in which a charter holds."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=20, choices=EstablishmentKind)
    city = models.CharField(max_length=120, blank=True)
    timezone = models.CharField(max_length=60, default="Europe/Paris")
    ai_outage = models.BooleanField(default=False)

    def __str__(self) -> str:
        return self.name


class Unit(models.Model):
    """A ward, a service, a floor."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    establishment = models.ForeignKey(Establishment, on_delete=models.PROTECT, related_name="units")
    slug = models.SlugField()
    name = models.CharField(max_length=200)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["establishment", "slug"], name="unit_slug_once")]

    def __str__(self) -> str:
        return self.name


class AccountManager(BaseUserManager["Account"]):
    """Makes accounts; the email is the name one signs in with."""

    def create_user(self, email: str, password: str | None = None, **fields: object) -> Account:
        """A person's account. Raises `ValueError` without an email."""
        if not email:
            raise ValueError("An account needs an email.")
        account = self.model(email=self.normalize_email(email).lower(), **fields)
        account.set_password(password)
        account.save(using=self._db)
        return account

    def create_superuser(self, email: str, password: str | None = None, **fields: object) -> Account:
        """An account for whoever operates the installation."""
        return self.create_user(email, password, is_superuser=True, is_staff=True, **fields)


class Account(AbstractBaseUser, PermissionsMixin):
    """Somebody who signs in. What they may do comes from memberships, never from the account itself."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    email = models.EmailField(unique=True)
    given_name = models.CharField(max_length=120, blank=True)
    family_name = models.CharField(max_length=120, blank=True)
    language = models.CharField(max_length=8, default="fr")
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(default=False)
    date_joined = models.DateTimeField(auto_now_add=True)
    sessions_from = models.DateTimeField(null=True, blank=True)

    objects = AccountManager()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    def __str__(self) -> str:
        return self.full_name or str(self.id)

    @property
    def full_name(self) -> str:
        """Given and family name; of an account closed by an erasure, words in the language of whoever reads."""
        if self.email.endswith(f"@{NOWHERE}"):
            return gettext("Personne effacée")
        return f"{self.given_name} {self.family_name}".strip()

    def get_full_name(self) -> str:
        """The name allauth and Django ask for."""
        return self.full_name

    def get_short_name(self) -> str:
        """The given name."""
        return self.given_name


class Membership(models.Model):
    """A role of an account in an establishment, or in one unit of it, for a time."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="memberships", db_index=False)
    establishment = models.ForeignKey(Establishment, on_delete=models.PROTECT, related_name="memberships")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="memberships", null=True, blank=True)
    role = models.CharField(max_length=30, choices=[(role.value, role.value) for role in Role])
    profession = models.CharField(max_length=30, blank=True, choices=[(p.value, p.value) for p in Profession])
    valid_from = models.DateTimeField()
    valid_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["establishment", "role"], name="membership_by_role"),
            models.Index(fields=["account", "establishment", "role"], name="membership_of_account"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(role__in=_values(Role)), name="membership_role_known"),
            models.CheckConstraint(
                condition=Q(role=Role.CARER.value, profession__in=_values(Profession))
                | (~Q(role=Role.CARER.value) & Q(profession="")),
                name="membership_profession_for_carers",
            ),
            models.CheckConstraint(
                condition=Q(valid_until__isnull=True) | Q(valid_until__gt=F("valid_from")),
                name="membership_ends_after_it_begins",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.role} {self.establishment_id}"


class ClientSystem(models.Model):
    """An electronic health record allowed to call the gateway: its issuer, its public keys, the origins of its pages."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    establishment = models.ForeignKey(Establishment, on_delete=models.PROTECT, related_name="client_systems")
    name = models.CharField(max_length=200)
    issuer = models.CharField(max_length=500)
    jwks = models.JSONField()
    origins = models.JSONField(default=list, blank=True)
    is_active = models.BooleanField(default=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["establishment", "issuer"], name="client_system_issuer_once")]

    def __str__(self) -> str:
        return self.name


class PractitionerIdentifier(models.Model):
    """Which account a client system means by `Practitioner/…`; the digest is a blind index of the identifier."""

    id = models.BigAutoField(primary_key=True)
    system = models.ForeignKey(ClientSystem, on_delete=models.CASCADE, related_name="practitioners", db_index=False)
    digest = models.BinaryField(max_length=32)
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="practitioner_identifiers")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["system", "digest"], name="practitioner_identifier_once")]

    def __str__(self) -> str:
        return f"practitioner of {self.system_id}"


class Invitation(models.Model):
    """A role offered to an address. The link holds the secret, the row only its digest; the role begins when it is accepted.

    `about` is the person cared for whom the account will speak for (patient or trusted person), known to a room above.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    establishment = models.ForeignKey(Establishment, on_delete=models.PROTECT, related_name="invitations")
    email = models.EmailField()
    given_name = models.CharField(max_length=120)
    family_name = models.CharField(max_length=120)
    role = models.CharField(max_length=30, choices=[(role.value, role.value) for role in Role])
    profession = models.CharField(max_length=30, blank=True, choices=[(p.value, p.value) for p in Profession])
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, null=True, blank=True, related_name="invitations")
    valid_until = models.DateTimeField(null=True, blank=True)
    about = models.UUIDField(null=True, blank=True)
    national_digest = models.BinaryField(max_length=32, null=True, blank=True)
    digest = models.BinaryField(max_length=32, unique=True)
    invited_by = models.ForeignKey(
        Account, on_delete=models.PROTECT, null=True, blank=True, related_name="invitations_sent"
    )
    invited_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    account = models.ForeignKey(Account, on_delete=models.SET_NULL, null=True, blank=True, related_name="invitations")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["establishment", "email", "role", "unit"],
                condition=Q(used_at__isnull=True, withdrawn_at__isnull=True),
                nulls_distinct=False,
                name="invitation_open_once",
            ),
            models.CheckConstraint(condition=Q(role__in=_values(Role)), name="invitation_role_known"),
            models.CheckConstraint(condition=Q(expires_at__gt=F("invited_at")), name="invitation_ends_after_it_begins"),
        ]

    def __str__(self) -> str:
        return f"invitation to {self.establishment_id}"


class AccessLink(models.Model):
    """A link by which somebody who cannot sign in any more chooses a new password."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="access_links")
    digest = models.BinaryField(max_length=32, unique=True)
    made_by = models.ForeignKey(
        Account, on_delete=models.PROTECT, null=True, blank=True, related_name="access_links_made"
    )
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"access link of {self.account_id}"


class NationalIdentity(models.Model):
    """That an account belongs to the professional of a national identifier; the digest is a blind index of it."""

    account = models.OneToOneField(
        Account, on_delete=models.CASCADE, primary_key=True, related_name="national_identity"
    )
    digest = models.BinaryField(max_length=32, unique=True)
    verified_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"national identity of {self.account_id}"
