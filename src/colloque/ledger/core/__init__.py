"""Trees, tiles, notes, proofs and sealed entries as pure values; no database, no clock, no randomness of their own."""
