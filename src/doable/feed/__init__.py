"""Each owner's row: the revision that every write moves, and the number of tasks. It has no routes."""
