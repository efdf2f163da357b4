"""Catching up: the changes since a revision, asked for once or followed live."""
