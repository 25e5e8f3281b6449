"""Addresses of people."""

from __future__ import annotations

from django.urls import path

from colloque.people import views

app_name = "people"
urlpatterns = [
    path("establishment/", views.establishment, name="establishment"),
    path("me/", views.me, name="me"),
    path("me/sessions/end/", views.sign_out_everywhere, name="sign-out-everywhere"),
    path("second-factor/", views.second_factor, name="second-factor"),
    path("invitation/<str:secret>/", views.invitation, name="invitation"),
    path("access/<str:secret>/", views.access, name="access"),
]
