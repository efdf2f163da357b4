"""Moving in: what other programs exported becomes tasks here. It knows every domain, and so is an edge above them."""
