"""What a signer should know before signing a consent, beside what it says: form and notice (A19), and the deal memo."""

from __future__ import annotations

from collections.abc import Iterator

from registry.drafting.drafts.profiles import form_warnings
from registry.drafting.memo.render import LANGUAGES, digest, render
from registry.intake.submission import Submission
from verifier.statements.sections import ConsentMoney, CreateTerms, Terms
from verifier.statements.types import Consent


def warnings(submission: Submission, registry: str | None = None) -> Iterator[str]:
    """Plain sentences; none for what is not a consent. ``registry`` is the registry's profile, if it is known."""
    statement = submission.statement()
    if not isinstance(statement, Consent):
        return
    sections = {name: section for name, (_, section) in submission.opened().items()}
    terms = sections.get("terms")
    if not isinstance(terms, Terms | CreateTerms):
        return
    yield from form_warnings(terms, registry)
    if isinstance(terms, Terms) and not isinstance(sections.get("money"), ConsentMoney):
        return
    if terms.memo is None:
        yield "It carries no deal memo (terms.memo): registry memo makes one from the draft, for her to read first."
    elif terms.memo not in {digest(render(statement, sections, language)) for language in LANGUAGES}:
        yield (
            "The deal memo whose hash it carries (terms.memo) is not the one made of these terms, in English or "
            "Indonesian: the terms were changed after it was made, or it was made by other means. Compare the memo "
            "that she was shown with what is said above."
        )
