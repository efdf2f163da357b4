"""Commands that call a server, their own or another: with a token, by HTTP, as any client does."""
