"""Users who log in elsewhere: issuers, their keys, and the users of their subjects."""
