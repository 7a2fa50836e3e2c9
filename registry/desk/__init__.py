"""The desk: statements that wait for signatures, beside the log and never in it."""
