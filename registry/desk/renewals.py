"""What ends soon for a party: consents, uses that run past theirs, options; each with a draft of what may follow."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from registry.desk.contact_store import DAY
from registry.desk.dates import AgreedDates, ConsentDates
from registry.desk.options import Options
from registry.drafting.drafts.sources import owed_again, renewing
from registry.drafting.drafts.templates import prefill, template
from registry.intake.submission import Submission
from registry.readers.reader import Reader
from registry.service import Service
from verifier.base.canonical import Json
from verifier.base.strict import format_instant
from verifier.statements.envelope import parse_envelope
from verifier.words.catalogue import Catalogue

STEPS = (7, 30, 60, 120)
"""Days before an end at which it is told."""
PAST = 366 * DAY
"""Seconds since its end for which uses of a consent are still looked at."""
MOST = 100
"""Ends that are told at a time, the nearest."""

RenewalKind = Literal["consent", "exercise", "option", "use"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Renewal:
    """``id`` is that of the consent, the use, or the option, which ends at ``ends`` (POSIX seconds), within so many
    days. Of a use, ``ends`` is when its ``consent`` does, and ``runs_until`` when the use would. ``exercise``: of a
    consent that is an option, the last moment to take it. ``draft`` is TOML for ``registry sign``; empty where the
    reader may not read all that it would take over.
    """

    kind: RenewalKind
    id: str
    consent: str
    model: str
    other: str
    ends: int
    within: int
    runs_until: int | None = None
    draft: str = ""


class Renewals:
    """Of one registry, for any number of threads."""

    def __init__(self, service: Service, options: Options) -> None:
        self._service = service
        self._options = options

    def of(self, reader: Reader, words: Catalogue) -> list[Renewal]:
        """What ends soon for one reader, the nearest first; what is remarked in drafts is in her words."""
        dates = AgreedDates(self._service, reader)
        found = [*self._consents(dates, words), *self._of_options(reader.party, dates.now)]
        dates.note()
        return sorted(found, key=lambda one: (one.ends, one.kind, one.id))[:MOST]

    def _consents(self, dates: AgreedDates, words: Catalogue) -> Iterator[Renewal]:
        for one in dates.consents(since=dates.now - PAST):
            within = _within(one.ends, dates.now)
            if within is not None:
                yield self._renewal("consent", one.consent.id, one, dates, words, within, one.ends)
            if one.exercise_by is not None and (within := _within(one.exercise_by, dates.now)) is not None:
                yield self._renewal("exercise", one.consent.id, one, dates, words, within, one.exercise_by)
            if one.ends <= dates.now + STEPS[-1] * DAY:
                for use in dates.uses(one, since=max(dates.now, one.ends)):
                    within = _within(one.ends, dates.now) or 0
                    yield self._renewal("use", use.usage.id, one, dates, words, within, one.ends, use.ends)

    def _renewal(
        self, kind: RenewalKind, id: str, one: ConsentDates, dates: AgreedDates, words: Catalogue, within: int,
        ends: int, runs_until: int | None = None,
    ) -> Renewal:  # fmt: skip
        parties = one.consent.parties
        earlier = self._readable(one, dates)
        if not {"exclusive", "money", "terms"} & one.consent.sections.keys() <= earlier.opened().keys():
            draft = ""  # she may not read all that was agreed: to take it or renew it is another's
        elif kind == "exercise":
            draft = template("exercise", prefill("exercise", one.consent))
        else:
            draft = self._follows(earlier, dates.now, runs_until, words)
        return Renewal(
            kind=kind, id=id, consent=one.consent.id, model=parties.model or "", other=parties.licensee or "",
            ends=ends, within=within, runs_until=runs_until, draft=draft,
        )  # fmt: skip

    @staticmethod
    def _follows(earlier: Submission, now: int, until: int | None, words: Catalogue) -> str:
        """What renews it, for as long again, or ``until`` then."""
        notes = tuple(owed_again(earlier, now, words))
        return template("consent", renewing(earlier, until), {"money.currency": notes} if notes else None)

    def _readable(self, one: ConsentDates, dates: AgreedDates) -> Submission:
        """The consent with the sections that she may read."""
        index = one.entry.index
        leaf, texts = self._service.leaf(index), self._service.disclosures(index)
        assert leaf is not None
        envelope = parse_envelope(leaf)
        shown = tuple(text for name, text in sorted(texts.items()) if dates.gives(one.consent, name))
        return Submission(payload=envelope.payload, signatures=envelope.signatures, disclosures=shown)

    def _of_options(self, party: str, now: int) -> Iterator[Renewal]:
        for seen in self._options.options(party):
            option = seen.option
            if not option.is_open:
                continue
            ends = option.until if option.state == "granted" else option.answer_by
            if ends <= now + STEPS[0] * DAY:
                values: dict[str, Json] = {
                    "registry": self._service.genesis, "parties.model": option.model, "parties.licensee": option.asker,
                    "terms.starts": format_instant(option.starts), "terms.ends": format_instant(option.ends),
                }  # fmt: skip
                yield Renewal(
                    kind="option", id=option.id, consent="", model=option.model, other=option.asker, ends=ends,
                    within=STEPS[0], draft=template("consent", values),
                )  # fmt: skip


def _within(ends: int, now: int) -> int | None:
    """The smallest step that an end is within; None where it is not near, or over."""
    return next((step for step in STEPS if now < ends <= now + step * DAY), None)
