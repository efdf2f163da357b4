"""Tags: names that tasks have, each with a colour and a place."""
