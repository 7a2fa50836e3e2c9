"""The commands of ``registry``, a file for each family."""
