"""How every paper ends: what it rests on, how to check it, where it leads to; and the foot of its pages."""

from __future__ import annotations

from hashlib import sha256

from registry.look import Look, in_fours
from registry.paper.basis import PaperBasis, in_eights
from registry.paper.sheet import LEFT, MUTED, WIDTH, Cell, Line, Sheet, small

SIDE = 30.0
"""Of a QR code, in mm."""
BESIDE = WIDTH - SIDE - 8
TOGETHER = 116.0
"""As high as all of it: it stands on one page."""


def finish(sheet: Sheet, basis: PaperBasis, title: str, about: str, path: str) -> bytes:
    """The whole paper, with its evidence in it. ``about`` is whom or what it is about, ``path`` its page's."""
    words, as_of = basis.words, basis.opened.as_of
    question = basis.opened.question
    file = f"{question.kind}-{question.id[:16]}.evidence.json"
    sheet.need(TOGETHER)
    sheet.heading(words.say("paper.rests_on"))
    facts: list[tuple[str, Cell]] = [
        (words.say("view.proof_log"), [Line(basis.origin), small(words.say("view.proof_size", n=as_of.size))]),
        (words.say("paper.as_of"), Line(basis.look.moment(as_of.at))),
        (words.say("paper.evidence"), [Line(file), small(f"SHA-256 {in_eights(sha256(basis.evidence).hexdigest())}")]),
        (words.say("paper.policy"), [Line(in_fours(basis.policy)), small(words.say("paper.policy_says"))]),
        (words.say("view.proof_basis"), Line(words.say(f"basis.{as_of.basis}"), 9)),
        (words.say("view.not_proved"), Line(words.say("paper.not_proved"), 9)),
    ]
    sheet.facts(facts)
    check(sheet, basis.look, basis.page(path), words.say("paper.check_says"), words.say("paper.command"))
    return close(sheet, basis.look, words.say("paper.named", title=title, name=about), file, basis.evidence)


def check(sheet: Sheet, look: Look, url: str | None, says: str, command: str | None) -> None:
    """How to check it, and beside that a QR code to its page."""
    words = look.words
    sheet.need(SIDE + 20)
    sheet.heading(words.say("paper.check" if command else "paper.scan"))
    top, width = sheet.y, WIDTH if url is None else BESIDE
    sheet.paragraph(says, width=width)
    if command is not None:
        sheet.code(command, width)
    if url is not None:
        sheet.paragraph(Line(url, 8, color=MUTED), width=width)
        sheet.scan(url, LEFT + WIDTH - SIDE, top + 1, SIDE, words.say("paper.scan_alt", url=url))
        sheet.set_y(max(sheet.y, top + SIDE + 1))
    sheet.space(3)


def close(sheet: Sheet, look: Look, foot: str, file: str, evidence: bytes | None) -> bytes:
    """The last words, the feet, the bytes."""
    words = look.words
    if sheet.is_spelt:
        sheet.paragraph(Line(words.say("paper.spelt"), 8, color=MUTED), after=0.6)
    sheet.paragraph(Line(words.say("page.times", zone=look.zone.place), 8, color=MUTED), after=0)
    total = sheet.pages_count
    sheet.feet(sheet.said(foot), [words.say("paper.page_of", n=n, total=total) for n in range(1, total + 1)])
    return sheet.finish(evidence, file)
