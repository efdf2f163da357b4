"""Tasks, each of which has one owner."""
