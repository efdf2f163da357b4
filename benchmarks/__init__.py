"""Doable beside its rivals, measured by `make bench`. docs/performance.md says how, and how fair it is."""
