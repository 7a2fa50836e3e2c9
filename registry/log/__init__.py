"""Where a registry's log lies on disk."""
