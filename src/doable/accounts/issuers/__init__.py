"""Users who log in elsewhere: issuers, their keys, and who their subjects are here."""
