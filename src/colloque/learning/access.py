"""Who may see and give attestations."""

from __future__ import annotations

from uuid import UUID

from colloque.learning.actions import MAY_ATTEST
from colloque.learning.models import Attestation
from colloque.people.access import Viewer, account_in, nothing_here, require
from colloque.people.models import Account


def carer_to_attest(viewer: Viewer, account_id: UUID) -> Account:
    """An account of the establishment the viewer directs or administers. Raises `NotFoundError`."""
    return account_in(viewer, account_id, *MAY_ATTEST)


def attestation_in(viewer: Viewer, attestation_id: UUID) -> Attestation:
    """An attestation given in the establishment the viewer directs or administers. Raises `NotFoundError`."""
    require(viewer, *MAY_ATTEST)
    found = Attestation.objects.filter(pk=attestation_id, establishment=viewer.house)
    attestation = found.select_related("account", "establishment").first()
    if attestation is None:
        raise nothing_here()
    return attestation
