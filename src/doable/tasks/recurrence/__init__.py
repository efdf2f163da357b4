"""Tasks that recur: their rules, the dates of these, and what becomes of a series when one of its tasks is completed."""
