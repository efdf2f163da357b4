"""Lists, by which tasks can be kept apart."""
