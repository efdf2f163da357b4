"""Undoing writes, whatever kinds of things they changed: an edge above the domains. What they changed is noted by `owned/journal.py`."""
