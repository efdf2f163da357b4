"""Who you are: users, passwords, access tokens and what has been revoked."""
