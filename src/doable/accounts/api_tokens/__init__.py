"""API tokens: made by a user, with scopes."""
