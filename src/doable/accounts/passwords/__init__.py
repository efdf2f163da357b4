"""Passwords: hashed, verified, and judged when they are new."""
