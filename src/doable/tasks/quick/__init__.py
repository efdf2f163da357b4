"""Quick add: a task out of one line of text, as a person writes it."""
