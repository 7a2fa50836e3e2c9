"""How much of a request is taken, in bytes and in lines: a file of its own for whoever only starts what serves."""

MAX_BODY = 64 * 1024 * 1024
MAX_LINES = 20_000
