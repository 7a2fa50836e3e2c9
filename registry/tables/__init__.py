"""Tables beside the log: what is kept about readers and on the desk. No proof needs them."""
