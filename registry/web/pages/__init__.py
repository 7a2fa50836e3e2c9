"""Pages for people: each is a plain value, worked out from what its reader may read, and shown as HTML or as JSON.

A family of pages is a file: it makes the values. ``rendering`` shows them, by a template of the same name; words are
the catalogue's, and which language and zone they are written in says ``viewing``.
"""
