"""The log: Merkle trees, tiles, signed notes, cosignatures and trust policies (RFC 6962, C2SP)."""
