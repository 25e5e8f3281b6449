"""The pieces of the benchmark of votes, each run in a process of its own: the rows, the endpoint alone, the plain way."""
