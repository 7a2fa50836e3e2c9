"""What tests/vectors/make_statement_vectors.py writes: the protocol's sections 2 to 4 on their own account."""
