"""What Doable is measured beside, and which nobody else has written already."""
