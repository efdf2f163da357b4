"""Tools for assistants, by the Model Context Protocol: an edge above the domains."""
