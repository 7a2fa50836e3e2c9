"""A deal memo as paper: a consent's terms in plain words; of one in the log with its evidence, of a draft without."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from registry.drafting.memo.render import as_heading, digest, language_of, render, unbroken
from registry.look import Look, in_fours
from registry.paper.basis import NoPaper, PaperBasis, in_eights
from registry.paper.ending import check, close, finish
from registry.paper.sheet import MUTED, Line, Sheet, small
from verifier.base.errors import KembarError
from verifier.rules.model.context import Unread
from verifier.statements.sections import CreateTerms, Section, Terms
from verifier.statements.types import Consent
from verifier.words.catalogue import Catalogue, Sentence

MADE_OF = {"exclusive", "money", "terms"}
"""Sections that a memo tells of."""
_ID = re.compile(r"\b([0-9a-f]{64})\b")


def memo(basis: PaperBasis) -> bytes:
    """The PDF of the consent that the evidence is about. Raises :class:`NoPaper` where it is about something else, or
    does not show its terms, and :class:`~registry.paper.archive.TooMuchEvidence`."""
    question = basis.opened.question
    entry = basis.consent(question.id) if question.kind == "consent" else None
    if entry is None:
        raise NoPaper(Sentence("paper.of_a_consent", kind=Sentence(f"question.{question.kind}")))
    words, sections = basis.words, {}
    for name in MADE_OF & set(entry.statement.sections):  # of what is hidden no memo can be silent
        section = basis.opened.context.section(entry, name)
        if isinstance(section, Unread):
            raise NoPaper(Sentence("paper.terms_not_shown"))
        sections[name] = section
    text = _text(entry.statement, sections, words)
    sheet = _begun(words, basis.opened.as_of.at)
    since = words.say("paper.memo_signed", at=basis.look.moment(entry.logged), entry=words.number(entry.index))
    sheet.paragraph(Line(since, 10.5, color=MUTED), after=1.5)
    sheet.paragraph(small(_same(entry.statement, sections, words)), after=3)
    _set(sheet, text, basis.name)
    path = f"/model/consents/{question.id}"
    return finish(sheet, basis, words.say("paper.memo"), in_fours(question.id), path)


def draft_memo(
    consent: Consent,
    sections: Mapping[str, Section],
    look: Look,
    at: int,
    url: str | None = None,
    names: Mapping[str, str] | None = None,
) -> bytes:
    """The PDF of a draft, as it was ``at`` an instant (POSIX seconds): there is no evidence of it, and it says so.
    ``names`` are what parties are called, by their ids. Raises :class:`NoPaper` where it lacks a section."""
    words = look.words
    text = _text(consent, sections, words)
    sheet = _begun(words, at)
    sheet.paragraph(Line(words.say("paper.memo_draft"), 10.5, color=MUTED), after=3)
    _set(sheet, text, (names or {}).get)
    if url is not None:
        check(sheet, look, url, words.say("paper.check_draft"), None)
    return close(sheet, look, words.say("paper.memo"), "", None)


def _begun(words: Catalogue, at: int) -> Sheet:
    sheet = Sheet(words.say("paper.memo"), words.language, at)
    sheet.heading(words.say("paper.memo"), 1)
    return sheet


def _text(consent: Consent, sections: Mapping[str, Section], words: Catalogue) -> str:
    try:
        return unbroken(consent, sections, words.language)
    except KembarError:
        raise NoPaper(Sentence("paper.terms_not_shown")) from None


def _same(consent: Consent, sections: Mapping[str, Section], words: Catalogue) -> str:
    """Whether it says what the memo said that the consent carries the hash of."""
    terms = sections.get("terms")
    carried = terms.memo if isinstance(terms, Terms | CreateTerms) else None
    if carried is None:
        return words.say("paper.memo_none")
    assert isinstance(terms, Terms | CreateTerms)
    same = carried in (digest(render(consent, sections, one)) for one in (language_of(terms.language), words.language))
    return words.say("paper.memo_same" if same else "paper.memo_other", digest=in_eights(carried))


def _set(sheet: Sheet, text: str, name: Callable[[str], str | None]) -> None:
    """A memo's text: its title is the paper's, what stands at the edge a heading, the rest sentences. Whoever has a
    ``name`` is called by it, with the first digits of the id."""

    def called(found: re.Match[str]) -> str:
        known = name(found[1])
        return in_eights(found[1]) if known is None else f"{known} ({in_fours(found[1])})"

    _, *lines = text.strip("\n").split("\n")
    for line in lines:
        said = sheet.said(_ID.sub(called, line.strip()))
        if not said:
            continue
        if line.startswith(" "):
            sheet.paragraph(Line(said, 9.5), after=1.3)
        elif said.isupper():
            sheet.space(2.5)
            sheet.heading(as_heading(said))
        else:
            sheet.paragraph(Line(said, 9.5, color=MUTED), after=2)
    sheet.space(4)
