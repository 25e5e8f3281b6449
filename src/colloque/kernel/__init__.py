"""Ground floor: ids, time as a value, errors, canonical JSON, sealing, and the vocabulary everyone shares."""
