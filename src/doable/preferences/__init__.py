"""What a user prefers: the time zone, the first day of the week, and so on."""
