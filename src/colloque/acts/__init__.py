"""The governed act: this AI, for this kind of act, for this person, in this situation, now."""
