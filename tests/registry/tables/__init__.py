"""Tables beside the log."""
