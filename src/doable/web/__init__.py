"""The web client as it was built (`web/`), and how browsers get it."""
