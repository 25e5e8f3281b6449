"""Addresses of people."""

from __future__ import annotations

from django.urls import path

from colloque.people.views import administration, identity, own

app_name = "people"
urlpatterns = [
    path("establishment/", own.establishment, name="establishment"),
    path("me/", own.me, name="me"),
    path("me/sessions/end/", own.sign_out_everywhere, name="sign-out-everywhere"),
    path("second-factor/", own.second_factor, name="second-factor"),
    path("invitation/<str:secret>/", own.invitation, name="invitation"),
    path("invitation/<str:secret>/identity/", identity.accept_invitation, name="invitation-identity"),
    path("identity/", identity.sign_in, name="identity"),
    path("me/identity/", identity.link, name="link-identity"),
    path("access/<str:secret>/", own.access, name="access"),
    path("", administration.team, name="list"),
    path("invite/", administration.invite, name="invite"),
    path("invitations/<uuid:invitation_id>/withdraw/", administration.withdraw_invitation, name="withdraw-invitation"),
    path("accounts/<uuid:account_id>/", administration.person, name="person"),
    path("accounts/<uuid:account_id>/roles/", administration.give_role, name="give-role"),
    path("accounts/<uuid:account_id>/access/", administration.access_link, name="access-link"),
    path("accounts/<uuid:account_id>/second-factor/", administration.forget_second_factor, name="forget-second-factor"),
    path("accounts/<uuid:account_id>/deactivate/", administration.deactivate, name="deactivate"),
    path("roles/<uuid:membership_id>/end/", administration.end_role, name="end-role"),
    path("units/", administration.units, name="units"),
    path("units/<uuid:unit_id>/", administration.unit, name="unit"),
    path("systems/", administration.systems, name="systems"),
    path("systems/new/", administration.new_system, name="new-system"),
    path("systems/<uuid:system_id>/", administration.system, name="system"),
    path("systems/<uuid:system_id>/active/", administration.admit_system, name="admit-system"),
    path("systems/<uuid:system_id>/practitioners/", administration.new_practitioner, name="new-practitioner"),
    path("practitioners/<int:identifier_id>/remove/", administration.remove_practitioner, name="remove-practitioner"),
]
