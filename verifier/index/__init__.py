"""The index from a subject to its whole list of entries: proofs of presence and absence (protocol, section 6)."""
