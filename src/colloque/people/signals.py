"""What rooms above may want to know of people."""

from __future__ import annotations

from django.dispatch import Signal

invitation_accepted = Signal()
"""Sent inside the transaction in which a role offered by an invitation begins.

Arguments: `account`, `establishment`, `role` (Role), `about` (UUID of the person cared for, or None), `by` (Account or None:
whoever invited), `at`.
"""
