"""Establishments, units, accounts, roles, the systems that call us, and who may stand for whom."""
