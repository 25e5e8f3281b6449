"""Everything that reads consultations, by page."""
