"""Figures for Prometheus: counted where things happen, summed over the workers, and written by Prometheus's own library."""
