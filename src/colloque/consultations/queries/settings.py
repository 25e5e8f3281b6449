"""A consultation as its form shows it again."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from colloque.consultations.models import Consultation
from colloque.consultations.queries.pages import seeds_of


def form_values(consultation: Consultation) -> dict[str, Any]:
    """The initial values of `ConsultationForm` for a draft."""
    names = (
        "question title about title_en question_en about_en anonymity is_listed moderation moderation_policy groups "
        "profile_questions"
    ).split()
    sizes = {f"size_{group}": size for group, size in consultation.group_sizes.items()}
    closes = consultation.closes_at
    return {
        **{name: getattr(consultation, name) for name in names},
        **sizes,
        "seeds": "\n".join(statement.text for statement in seeds_of(consultation)),
        **({"closes_on": timezone.localdate(closes)} if closes else {}),
    }
