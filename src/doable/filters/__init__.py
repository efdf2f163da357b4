"""Saved filters: what is often asked of tasks, by a name."""
