"""Who may enter: credentials, and what has been revoked."""
