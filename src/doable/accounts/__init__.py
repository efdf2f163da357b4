"""Who you are: users, passwords, tokens, and revocations."""
