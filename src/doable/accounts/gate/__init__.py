"""Who may enter: credentials and revocations."""
