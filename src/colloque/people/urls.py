"""Addresses of people."""

from __future__ import annotations

from django.urls import path

from colloque.people import views

app_name = "people"
urlpatterns = [
    path("establishment/", views.establishment, name="establishment"),
]
