"""What a signer should know before signing a consent, beside what it says: form and notice (A19), and the deal memo."""

from __future__ import annotations

from collections.abc import Iterator

from registry.drafting.drafts.profiles import form_warnings
from registry.drafting.memo.render import LANGUAGES, digest, render
from registry.intake.submission import Submission
from verifier.programs.language import catalogue
from verifier.statements.sections import ConsentMoney, CreateTerms, Terms
from verifier.statements.types import Consent
from verifier.words.catalogue import Catalogue


def warnings(submission: Submission, words: Catalogue, registry: str | None = None) -> Iterator[str]:
    """Plain sentences; none for what is not a consent. ``registry`` is the registry's profile, if it is known."""
    statement = submission.statement()
    if not isinstance(statement, Consent):
        return
    sections = {name: section for name, (_, section) in submission.opened().items()}
    terms = sections.get("terms")
    if not isinstance(terms, Terms | CreateTerms):
        return
    yield from form_warnings(terms, registry, words)
    if isinstance(terms, Terms) and not isinstance(sections.get("money"), ConsentMoney):
        return
    if terms.memo is None:
        yield words.say("warning.no_memo")
    elif terms.memo not in {digest(render(statement, sections, language)) for language in LANGUAGES}:
        named = words.say("warning.or").join(catalogue(language).name for language in LANGUAGES)
        yield words.say("warning.other_memo", languages=named)
