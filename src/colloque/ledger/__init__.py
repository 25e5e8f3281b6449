"""The ledger: what happened, recorded with the change it describes, provable to anyone, readable by those concerned."""
