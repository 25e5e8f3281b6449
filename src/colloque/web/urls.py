"""Pages of the house itself: each role's home and the public face of an establishment."""

from __future__ import annotations

from django.urls import path

from colloque.web import views

app_name = "web"

urlpatterns = [
    path("", views.home, name="home"),
    path("accessibility/", views.accessibility, name="accessibility"),
    path("e/<slug:slug>/", views.establishment, name="establishment"),
]
