"""What Doable keeps in the ASGI scope of a request, beside what ASGI has there. Knows no web framework."""

ADDED_HEADERS = "doable.headers"
"""The headers that every answer to this request gets, whichever it is."""
CREDENTIAL = "doable.credential"
"""What the gate found out about the caller; absent where nobody asked it."""
USER_ID = "doable.user_id"
"""The caller's id, for the log line, also where the caller was refused afterwards."""
