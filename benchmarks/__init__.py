"""Doable beside PocketBase, measured by `make bench`. docs/benchmarks.md says how, and how fair it is."""
