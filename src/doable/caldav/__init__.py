"""CalDAV (RFC 4791): the tasks in everybody's own app, and the events and journals that these put beside them."""
