"""The users."""
