"""Pages of consultations, by who they are for."""
