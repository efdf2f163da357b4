"""`doable demo`: an account that somebody could have, for trying out, for pictures and for measuring."""
