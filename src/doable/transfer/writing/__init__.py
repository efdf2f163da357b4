"""Moving out: what somebody has, in the formats that other programs read."""
