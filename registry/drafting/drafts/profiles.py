"""What a profile makes a duty of a consent (A15, A19): asked for in a draft, and said before it is signed.

The numbers are the contract's own (:mod:`verifier.rules.use.profiles`); here are the words, and the members that a
draft leaves open until somebody has answered.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from verifier.base.canonical import Json
from verifier.base.strict import MAX_INSTANT, format_instant
from verifier.rules.money.splits import PROFILE_COMMISSION_BP
from verifier.rules.use.profiles import PROFILES
from verifier.statements.sections import CreateTerms, Terms
from verifier.statements.vocabulary import PROFILES as NAMES
from verifier.words.catalogue import Catalogue

TITLES: Mapping[str, str] = {
    "ny": "New York, Fashion Workers Act",
    "sag-aftra": "SAG-AFTRA's agreements",
    "eu": "European Union",
    "equity-uk": "Equity, United Kingdom",
    "open": "open",
}
_HOUR = 3_600

Remarks = Mapping[str, tuple[str, ...]]
"""Member (``terms.delivered``) -> lines to stand above it."""


def asked_for(profile: str, kind: str) -> tuple[dict[str, Json], Remarks]:
    """For a draft ``consent`` or ``consent-create``: members that are set or left open, and what is said about them."""
    duties = PROFILES[profile]
    hours = duties.delivered // _HOUR
    stands = "it is not in force" if duties.form else "every verdict warns"
    values: dict[str, Json] = {"terms.profile": profile, "terms.advice": "", "terms.language": ""}
    remarks: dict[str, tuple[str, ...]] = {
        "terms.delivered": (f"{profile}: at least {hours} hours before starts; else {stands}.",),
        "terms.advice": (f"{profile}: say how she was advised before she was asked to sign.",),
        "terms.profile": (f"{TITLES[profile]}. The registry's own profile applies as well; the stricter number wins.",),
    }
    if kind == "consent":
        more_values, more_remarks = _of_a_use(profile)
        values.update(more_values)
        remarks.update(more_remarks)
    return values, remarks


def _of_a_use(profile: str) -> tuple[dict[str, Json], dict[str, tuple[str, ...]]]:
    duties = PROFILES[profile]
    values: dict[str, Json] = {}
    remarks: dict[str, tuple[str, ...]] = {}
    if duties.product_line:
        values["terms.products"] = [""]
        remarks["terms.products"] = (f"{profile}: name them; without a product line it is not in force.",)
    if duties.label:
        values["terms.label"] = "both"
        remarks["terms.label"] = (
            f"{profile}: in the 27 member states a use must be labelled visibly, whatever stands here.",
        )
        remarks["terms.notice"] = (f"{profile}: of no effect; she withdraws as easily as she agreed, at once.",)
    if duties.form:
        remarks["terms.description"] = (
            f"{profile}: scope, purpose and duration, so that she could tell it from any other use.",
        )
    if (cap := PROFILE_COMMISSION_BP.get(profile)) is not None:
        remarks["money.splits.kind"] = (f"{profile}: the agency's parts are at most {cap // 100} % of all parts.",)
    if profile == "equity-uk":
        remarks["exclusive.categories"] = (f"{profile}: not exclusive, unless she agrees to it expressly.",)
        remarks["terms.ends"] = (f"{profile}: limited in time; renew rather than run on.",)
    return values, remarks


def form_warnings(terms: Terms | CreateTerms, registry: str | None, words: Catalogue) -> Iterator[str]:
    """What A19 would hold against terms, under their own profile and the registry's (``None``: not known here)."""
    profiles = sorted({name for name in (terms.profile, registry) if name is not None}) or ["open"]
    hours = max(PROFILES[name].delivered for name in profiles) // _HOUR
    strict = [name for name in profiles if PROFILES[name].form]
    then = words.say("warning.would_warn")
    if strict:
        then = words.say("warning.not_in_force", profiles=words.and_.join(strict))
    if terms.delivered > terms.starts - hours * _HOUR:
        earliest = format_instant(min(terms.delivered + hours * _HOUR, MAX_INSTANT))
        yield words.say("warning.delivered", n=hours, then=then, at=earliest)
    if isinstance(terms, Terms) and terms.products is None and any(PROFILES[name].product_line for name in profiles):
        yield words.say("warning.no_product_line", then=then)
    if terms.profile is None and registry is None:
        stricter = [name for name in NAMES if PROFILES[name].form]
        yield words.say("warning.no_profile", profiles=words.say("warning.or").join(stricter))
