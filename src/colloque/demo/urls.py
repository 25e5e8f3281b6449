"""The sign-in links of the demonstration."""

from __future__ import annotations

from django.urls import path

from colloque.demo import views

app_name = "demo"
urlpatterns = [
    path("", views.entrances, name="entrances"),
    path("enter/<slug:entry>/", views.enter, name="enter"),
]
