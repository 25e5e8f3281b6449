"""Pages of consultations: taking part, animating, moderating, ideas."""

from __future__ import annotations

from django.urls import URLPattern

app_name = "consultations"
urlpatterns: list[URLPattern] = []
