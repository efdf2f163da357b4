"""The page on which a mailed link shows a task."""
