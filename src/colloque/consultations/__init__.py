"""Consultations: many people think together, and what unites them becomes a rule or a project."""
