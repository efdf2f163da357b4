"""What every write of an owner's goes through: the owner's row, tombstones, answers that are given once. No routes."""
