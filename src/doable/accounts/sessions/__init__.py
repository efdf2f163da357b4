"""Sessions: log-ins, and the refresh tokens that keep them alive."""
