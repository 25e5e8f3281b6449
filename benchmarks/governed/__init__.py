"""The pieces of the gateway's benchmark, each run in a process of its own: an instant AI, a light load, two alternatives."""
