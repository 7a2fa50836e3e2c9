"""The tests mirror the packages: tests/log for verifier/log, and so on. Vectors are JSON files in tests/vectors."""
