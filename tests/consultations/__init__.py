"""Consultations, tested."""
