"""Everything that is stored about a user, as one JSON document. It knows every domain, and so is an edge above them."""
