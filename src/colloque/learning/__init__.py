"""Who has learned what is needed to work beside an AI."""
