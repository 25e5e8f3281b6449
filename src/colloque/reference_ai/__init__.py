"""A small honest AI service that speaks only CDS Hooks over HTTP."""
