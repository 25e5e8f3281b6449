"""Pages of the charter: what everybody reads, the life of a proposal, the committee."""
