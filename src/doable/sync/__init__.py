"""Catching up: what has changed since a revision, asked for once or followed live."""
