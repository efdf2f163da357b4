"""Sessions: log-ins, and the refresh tokens that they go on with."""
