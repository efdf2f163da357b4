"""Many operations at once, on things of every kind: all of them happen, or none. An edge above the domains."""
