"""The keys under which Doable keeps something in the ASGI scope of a request. Knows no web framework."""

ADDED_HEADERS = "doable.headers"
"""The headers that any answer to this request gets."""
CREDENTIAL = "doable.credential"
"""The gate's finding about the caller; absent if nobody asked it."""
USER_ID = "doable.user_id"
"""The caller's id, for the log line, even if the caller was refused afterwards."""
