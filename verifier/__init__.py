"""The kernel: pure functions from bytes to verdicts, read by whoever has to sign for them."""
