"""How often something may be tried or asked for, and from where."""
