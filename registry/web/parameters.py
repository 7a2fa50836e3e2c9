"""Which parameters a call takes in its address. Unknown ones are errors, never passed over.

A slip of the pen must not log what was to be a dry run (``?dryrun=true``), or disclose what was to be kept back
(``?section=terms``). What anybody may cache, the log itself, is served whatever is added to its address; ``clashes.py``
looks at who asks first.
"""

from __future__ import annotations

from collections.abc import Mapping

from flask import Flask, request

from registry.web.errors import fail

TAKES: Mapping[str, tuple[str, ...]] = {
    # the function that answers: its parameters
    "entries.submit": ("dry_run", "require"),
    "entries.read": (),
    "proofs.inclusion": ("index", "size"),
    "proofs.consistency": ("old", "size"),
    "proofs.one_subject": (),
    "proofs.evidence_file": ("sections",),
    "feed.one_feed": ("before",),
}


def install(app: Flask) -> None:
    """Have every call of :data:`TAKES` refuse what it does not take, and what is given twice."""

    @app.before_request
    def strict() -> None:
        names = TAKES.get(request.endpoint or "")
        if names is None:
            return
        code = "bad_request" if request.method == "POST" else "question_malformed"
        for name, values in request.args.lists():
            if name not in names:
                takes = f"the parameters {', '.join(names)} and no others" if names else "no parameters"
                raise fail(code, f"this call takes {takes}", name[:40])
            if len(values) > 1:
                raise fail(code, "is given twice", name)
