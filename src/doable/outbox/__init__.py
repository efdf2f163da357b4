"""Mail that waits: written in the transaction that asks for it, sent afterwards, at least once."""
