r"""Evidence about digital twins, checked from Python: pure functions from bytes to verdicts.

A trust policy says whose word is taken. Under it, an evidence file comes to a verdict, or it is invalid: forged, broken
or not what it says. The check reads no file, clock or network: bytes and the instant (POSIX seconds) are given.

>>> from verifier import Invalid, Verdict, explain, open_checkpoint, parse_policy, verify
>>> policy = parse_policy(POLICY)
>>> outcome = verify(EVIDENCE, policy, instant=INSTANT)
>>> isinstance(outcome, Verdict), outcome.decision.authorised, outcome.decision.paid.answer
(True, 'AUTHORISED', 'PAID')

The verdict holds as of the checkpoint in the file, and for what is known by then; its basis says who looked after the
log. ``explain`` makes paragraphs for people of a verdict, or of what makes a file invalid; its words are in a file of
the package, which is all that is read here.

>>> outcome.as_of.basis
'claimed'
>>> print(explain(outcome)[0].heading)
AUTHORISED

Whatever is in the bytes, ``verify`` does not raise. ``Invalid`` says which of the numbered steps of docs/protocol.md
failed, its stable code, and why.

>>> forged = verify(EVIDENCE.replace(b"registry.example", b"other.example"), policy, instant=INSTANT)
>>> isinstance(forged, Invalid), forged.step, forged.code
(True, 5, 'log_untrusted')

A log's checkpoint (C2SP tlog-checkpoint) is opened under the same policy; ``open_checkpoint`` raises a ``KembarError``
where the policy does not trust it, as ``parse_policy`` does for what is no policy (C2SP tlog-policy).

>>> open_checkpoint(CHECKPOINT, policy).checkpoint.origin
'registry.example/log'

The names are loaded when they are used first, so that ``import verifier`` costs nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from verifier.evidence.explain import Paragraph
    from verifier.evidence.file import Invalid
    from verifier.evidence.verdict import Outcome, Verdict
    from verifier.evidence.verify import verify
    from verifier.log.trust import open_checkpoint, parse_policy

__all__ = ["Invalid", "Verdict", "explain", "open_checkpoint", "parse_policy", "verify"]


def explain(outcome: Outcome, language: str = "en") -> list[Paragraph]:
    """What ``verify`` gave, in paragraphs for people, each with a ``heading`` and ``lines``.

    ``language`` is one that there is a catalogue of words for, such as ``id``; else ValueError.
    """
    from verifier.evidence.explain import explain as explain_in
    from verifier.programs.language import catalogue

    return explain_in(outcome, catalogue(language))


if not TYPE_CHECKING:

    def __getattr__(name: str) -> object:
        """One of the other public names; all of them are loaded with the first (PEP 562)."""
        if name not in __all__:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from verifier.evidence.file import Invalid
        from verifier.evidence.verdict import Verdict
        from verifier.evidence.verify import verify
        from verifier.log.trust import open_checkpoint, parse_policy

        for found in (Invalid, Verdict, open_checkpoint, parse_policy, verify):
            globals()[found.__name__] = found
        return globals()[name]


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
