"""Colloque: decide together which AI may take part in care, enforce it, keep people in command, prove it."""

__version__ = "0.1.0"
