"""Backups: making one, checking it, restoring it, and what must happen after any restore."""
