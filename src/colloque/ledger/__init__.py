"""The room of the append-only ledger: Merkle log, proofs, checkpoints, erasure, offline verification."""
