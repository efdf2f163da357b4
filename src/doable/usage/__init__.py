"""How much the current user has, and may have."""
