"""Who reads what: whose key one is, what its party may read, and what it is told."""
