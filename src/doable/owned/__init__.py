"""The machinery of every kind: the owner's row, tombstones, kept answers. Every write of an owner goes through it. No routes."""
