"""Whether a signed entry counts: its signers, their keys, who rules on it, what stops it (T6 to T8, A0 to A5, A20)."""
