"""Web push (RFC 8030, 8291, 8292): where a user's browsers want to be told, and how they are."""
