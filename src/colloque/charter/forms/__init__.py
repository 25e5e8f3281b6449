"""Forms of the charter."""
