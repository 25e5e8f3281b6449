"""Everything that changes consultations, by theme: opening, taking part, moderation, paper, ideas."""
