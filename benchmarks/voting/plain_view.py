"""The plain way to take a vote, over the same tables: a Django view and the ORM's `update_or_create`, one vote a transaction.

It keeps the same promises as far as a view can, receipts apart: who votes, what is open (though a vote may slip in while it
closes), durable before it is answered, and a next statement this person has not answered.
"""

from __future__ import annotations

import json
import random
from uuid import UUID

from django.db import transaction
from django.http import HttpRequest, JsonResponse
from django.urls import path
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from colloque.consultations.core.tickets import cookie_name, ticket_digest
from colloque.consultations.models import Consultation, Participant, Statement, Vote


@csrf_exempt
@transaction.atomic
def vote(request: HttpRequest, consultation: UUID) -> JsonResponse:
    """One vote, the plain way."""
    body = json.loads(request.body)
    held = Consultation.objects.get(pk=consultation, state="open")
    ticket = request.COOKIES[cookie_name(consultation)]
    who = Participant.objects.get(consultation=held, token_digest=ticket_digest(ticket))
    statement = Statement.objects.get(consultation=held, number=body["statement"], state="published")
    Vote.objects.update_or_create(
        consultation=held,
        participant_number=who.number,
        statement_number=statement.number,
        defaults={"value": body["value"], "at": timezone.now()},
    )
    seen = Vote.objects.filter(consultation=held, participant_number=who.number).values("statement_number")
    left = Statement.objects.filter(consultation=held, state="published").exclude(number__in=seen)
    numbers = list(left.values_list("number", flat=True))
    following = Statement.objects.get(consultation=held, number=random.choice(numbers)) if numbers else None
    told = None if following is None else {"number": following.number, "text": following.text}
    response = JsonResponse({"next": told, "left": len(numbers)})
    response["Content-Length"] = str(len(response.content))
    return response


urlpatterns = [path("votes/<uuid:consultation>", vote)]
