"""Mailed links: their tokens, the letters, and the postman who sends them."""
