"""Cures of one entry too many (Quotas): a consent that renews helps only lists of a consent, and not always there."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from registry.advice.cures.asked import FailedRow
from verifier.rules.quotas import beyond_quota

_RENEW = "Sign a consent that renews this one: there the count begins anew."

CURES: Mapping[tuple[str, str], str] = {
    ("uses", "usages"): _RENEW,
    ("uses", "usages of one sub-licensee"): (
        "The licensee declares the use itself, or sign a consent that renews this one: there the count begins anew."
    ),
    ("uses", "reports"): (
        "Wait until the end of a use, and report all of it at once; the first report of a use is always taken."
    ),
    ("uses", "reports of one sub-licensee"): (
        "The licensee reports in its stead, or wait until the end of the use, and report all of it at once."
    ),
    ("account", "payments and returns"): (
        "Let the payee receipt the money instead: receipts are counted apart, and one may stand for several transfers."
    ),
    ("account", "receipts, credits and returns"): (
        "Let the payer or a listed provider state the money instead: their payments are counted apart."
    ),
    ("approval", "decisions"): (
        "Decide on another version of the file, or under a consent that renews this one. A rejection that ends an "
        "approval is always taken."
    ),
    ("consent", "entries"): (
        "Say it of several entries at once, in of, or under a consent that renews this one. What stops something is "
        "always taken."
    ),
    ("keys", "by its own keys"): (
        "Change the keys with the recovery keys, or with a registrar: these are counted apart. Retiring keys is always "
        "possible."
    ),
    (
        "keys",
        "by others",
    ): "The party's own keys change its keys, or it is enrolled anew. Retiring keys is always possible.",
    ("mandate", "entries"): "Sign a new mandate. Ending this one is always possible.",
    ("twin", "entries"): "Register another twin. Retiring this one is always possible.",
}
"""By list and what is counted there, as in :data:`~verifier.rules.quotas.QUOTAS`."""


def _quota(asked: FailedRow) -> str | None:
    beyond = beyond_quota(asked.context, asked.entry)
    return None if beyond is None else CURES[beyond.kind, beyond.counted]


SENTENCES: Mapping[str, Callable[[FailedRow], str | None]] = {"quota": _quota}
