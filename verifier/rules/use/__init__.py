"""Whether a use is within what was agreed (T4, A3 to A19)."""
