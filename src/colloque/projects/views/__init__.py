"""Pages of projects: each calls one query or one action."""
