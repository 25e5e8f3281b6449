"""Pages of patients: each calls one query or one action."""
