"""Sections, by which the tasks of a list are kept apart."""
