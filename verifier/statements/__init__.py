"""Statements: envelopes, the statement types, private sections and their vocabularies (protocol, sections 3 and 4)."""
