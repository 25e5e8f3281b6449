"""Pure rules of the governed act."""
