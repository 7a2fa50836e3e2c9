"""Money: what is due to whom, what came in, on whose word (rules M1 to M8)."""
