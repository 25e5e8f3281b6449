"""The AI systems of an establishment: what they are for, what they may receive, who answers for them, and their suspension."""
