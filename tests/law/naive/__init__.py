"""References that follow the definitions word for word: slow, clear, and for tests only."""
