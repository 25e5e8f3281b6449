"""A small honest AI for breast cytology, in its own process: it speaks only CDS Hooks over HTTP and imports nothing of ours."""
