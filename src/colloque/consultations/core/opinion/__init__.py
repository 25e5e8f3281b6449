"""The opinion map: what unites, what divides, who thinks alike, computed from votes.

`values` holds what goes in and comes out and loads nothing heavy. Everything else here loads NumPy and numba: import it
inside the function that computes.
"""
