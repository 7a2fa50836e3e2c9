"""Who is asking: signed requests (RFC 9421) and browsers' sessions. Authority is by key, never by address.

A route asks ``registry.web.auth.asking.reader()``.
"""
