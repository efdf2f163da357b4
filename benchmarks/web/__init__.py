"""How fast the web client is, how much it loads, and what it holds: `python -m benchmarks.web`."""
