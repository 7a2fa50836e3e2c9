"""What tests share: worlds, logs, servers and stories. No test stands here."""
