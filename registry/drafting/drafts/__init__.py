"""Statements as people write and read them: annotated drafts, and plain words for what is being signed."""
