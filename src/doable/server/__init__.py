"""The server's processes: what is looked at before they start, how they run, and how they end."""
