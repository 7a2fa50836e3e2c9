"""The annotated templates of drafts, one file for each kind of statement in ``templates/``, and filling them in.

:func:`prefill` takes over what a statement says of the one that it stands on, above all whom it must name, so that a
booker need not copy ids by hand.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from importlib.resources import files

from registry.drafting.drafts.toml import format_value
from verifier.base.canonical import Json
from verifier.statements.types import (
    Adjustment,
    Approval,
    Consent,
    Dispute,
    Exercise,
    Mandate,
    Party,
    Payment,
    Receipt,
    Report,
    Resumption,
    Ruling,
    Statement,
    Suspension,
    Twin,
    Usage,
)

KINDS = (
    "party", "key", "guardian", "mandate", "consent-create", "twin", "consent", "exercise", "approval", "usage",
    "report", "payment", "receipt", "adjustment", "revocation", "suspension", "resumption", "dispute", "ruling",
    "erasure", "registry",
)  # fmt: skip
"""In the order in which they occur in a life: what ``registry draft`` can write."""

_FOLDER = files("registry.drafting.drafts") / "templates"
_ON_CONSENT = (
    Exercise | Approval | Usage | Report | Payment | Receipt | Adjustment | Suspension | Resumption | Dispute | Ruling
)
_OF = frozenset({"adjustment", "dispute", "ruling"})

Values = Mapping[str, Json]
"""Member (``consent``) or table and member (``parties.model``, ``terms.caps.uses``) → its value; None takes it out."""


def template(kind: str, values: Values | None = None, remarks: Mapping[str, Iterable[str]] | None = None) -> str:
    """The draft of one of ``KINDS`` with its remarks and some more, and what is known already filled in."""
    if kind not in KINDS:
        raise ValueError(f"{kind} is not a kind of draft")
    name = "consent" if kind == "consent-create" else kind
    head = (_FOLDER / "_head.toml").read_text(encoding="utf-8").replace("{type}", name)
    text = head + (_FOLDER / f"{kind}.toml").read_text(encoding="utf-8")
    for path, value in (values or {}).items():
        text = with_value(text, path, value)
    for path, lines in (remarks or {}).items():
        for line in lines:
            text = with_remark(text, path, line)
    return text


def prefill(kind: str, target: Statement) -> dict[str, Json]:
    """What a draft of ``kind`` takes over from the statement that it stands on; empty if it cannot stand on it. None is
    for what the template asks for and this draft does without."""
    values = _references(kind, target)
    if not values:
        return {}
    registry = target.registry
    if registry is not None:
        values["registry"] = registry
    parties = target.parties
    for role, party in parties.roles().items():
        if _takes_over(kind, role):
            values[f"parties.{role}"] = party
    if parties.payees:
        values["parties.payees"] = parties.payees
    return values


def _takes_over(kind: str, role: str) -> bool:
    """Whether a draft names in a role whom its target names there (protocol, section 4.2)."""
    if kind == "consent":  # on a twin or under a mandate: it has parties of its own
        return role in ("model", "agency")
    return kind == "erasure" or role not in ("guardian", "author")


def _references(kind: str, target: Statement) -> dict[str, Json]:
    """The ids by which a draft of ``kind`` refers to ``target``."""
    match kind, target:
        case "erasure", Party():
            return {"of": target.id, "parties.author": target.id}
        case "erasure", _:
            return {"of": target.id}
        case "twin", Consent(act="create"):
            return {"creation": target.id}
        case "consent", Twin():
            return {"twin": target.id}
        case "consent", Mandate():
            return {"under": target.id}
        case "revocation", Consent() | Mandate() | Twin():
            return {"consent": None, target.type: target.id}
        case "usage", Consent(act="use", twin=str(twin)):
            return {"consent": target.id, "twin": twin}
        case "exercise" | "approval", Consent(act="use"):
            return {"consent": target.id}
        case "payment" | "receipt" | "adjustment" | "suspension" | "resumption", Consent():
            return {"consent": target.id}
        case "report", Usage():
            return {"consent": target.consent, "usage": target.id}
        case ("adjustment" | "dispute" | "ruling"), _ if isinstance(target, _ON_CONSENT):
            return {"consent": target.consent, "of": (target.id,)}
        case ("dispute" | "ruling"), Consent(act="use"):
            return {"consent": target.id, "of": (target.id,)}
    return {}


def with_value(text: str, path: str, value: Json) -> str:
    """A draft with a value put where it leaves it open, switched off or not; a member that it lacks is added.

    A list of tables takes the place of the template's own blocks for it.
    """
    table, _, member = path.rpartition(".")
    lines = text.split("\n")
    if isinstance(value, list | tuple) and any(isinstance(one, Mapping) for one in value):
        lines = _without_blocks(lines, path)
    current, place, found = "", -1, -1
    for number, line in enumerate(lines):
        if header := re.match(r"(?:# )?\[\[?([a-z_.]+)\]", line):
            current = header[1]
            if current == table:
                lines[number] = line.removeprefix("# ")
                place = number + 1
        elif current == table and re.match(rf"(?:# )?{member} = ", line):
            found = number
            break
    if value is None:
        if found >= 0:
            lines[found] = "# " + lines[found].removeprefix("# ")
    elif found >= 0:
        lines[found] = f"{member} = {format_value(value)}"
    elif place >= 0:
        lines.insert(place, f"{member} = {format_value(value)}")
    elif table:
        lines += [f"[{table}]", f"{member} = {format_value(value)}", ""]
    return "\n".join(lines)


def with_remark(text: str, path: str, remark: str) -> str:
    """A draft with one more line of remark right above a member, if it has it."""
    table, _, member = path.rpartition(".")
    lines = text.split("\n")
    current = ""
    for number, line in enumerate(lines):
        if header := re.match(r"(?:# )?\[\[?([a-z_.]+)\]", line):
            current = header[1]
        elif current == table and re.match(rf"(?:# )?{member} = ", line):
            lines.insert(number, f"# {remark}")
            break
    return "\n".join(lines)


def _without_blocks(lines: list[str], path: str) -> list[str]:
    """The lines without the blocks ``[[path]]``, each with the remark above it, up to the next header or gap."""
    kept: list[str] = []
    inside = False
    for line in lines:
        if line == f"[[{path}]]":
            while kept and kept[-1].startswith("#"):
                kept.pop()
            inside = True
        elif inside and (not line or re.match(r"(?:# )?\[", line)):
            inside = False
        if not inside:
            kept.append(line)
    return kept
