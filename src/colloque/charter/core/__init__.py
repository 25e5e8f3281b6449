"""Pure rules of the charter: facts in, verdict out."""
