"""The room of people, and what it listens to."""

from __future__ import annotations

from django.apps import AppConfig


class PeopleConfig(AppConfig):
    """People."""

    name = "colloque.people"

    def ready(self) -> None:
        """Listen to signing in and to second factors."""
        from allauth.account.signals import authentication_step_completed
        from allauth.account.signals import user_logged_in as signed_in_with_allauth
        from allauth.mfa.signals import authenticator_added, authenticator_removed
        from django.contrib.auth.signals import user_logged_in

        from colloque.ledger.access import admit
        from colloque.people import identity, second_factor, sessions
        from colloque.people.access import may_know_entry

        admit(may_know_entry)

        user_logged_in.connect(sessions.after_sign_in, dispatch_uid="people.sessions")
        signed_in_with_allauth.connect(identity.after_sign_in, dispatch_uid="people.identity")
        authentication_step_completed.connect(second_factor.after_step, dispatch_uid="people.second_factor.step")
        authenticator_added.connect(second_factor.after_enrolment, dispatch_uid="people.second_factor.added")
        authenticator_removed.connect(second_factor.after_removal, dispatch_uid="people.second_factor.removed")
