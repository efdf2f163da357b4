"""Saved filters: what is often asked of tasks, saved under a name."""
