"""The report for people: one HTML page that stands alone, without scripts and without anything from elsewhere.

It prints well: pages are numbered by the browser, heads of tables come again on every page, and no file's heading is
left alone at the foot of one. What it says is said in words, never by colour alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from html import escape
from typing import Final

from verifier.evidence.explain import ANSWERS, BASES, STEPS
from verifier.programs.check.batch import CONCLUSIONS, KINDS, BatchTotals, CheckedFile, Item
from verifier.programs.check.report.words import (
    ABOUT,
    CONCLUSION_WORDS,
    KIND_WORDS,
    LIMITS,
    ONCE,
    BatchQuestion,
    entries,
    late,
    leg,
    money,
    owed,
    said,
    title,
    when,
    why,
)

STYLE: Final = """
:root { color-scheme: light; }
body { font: 15px/1.45 "Liberation Sans", Arial, Helvetica, sans-serif; color: #111; background: #fff;
  max-width: 62em; margin: 2em auto; padding: 0 1.2em; }
h1 { font-size: 1.7em; margin: 0 0 .3em; }
h2 { font-size: 1.25em; margin: 1.8em 0 .4em; border-bottom: 2px solid #111; }
h3 { font-size: 1.05em; margin: 1.6em 0 .2em; overflow-wrap: anywhere; }
h4 { font-size: 1em; margin: .9em 0 .2em; overflow-wrap: anywhere; }
p { margin: .3em 0; }
table { border-collapse: collapse; width: 100%; margin: .4em 0 .8em; }
caption { text-align: left; font-weight: bold; padding: .2em 0; }
th, td { text-align: left; vertical-align: top; padding: .22em .55em .22em 0; border-bottom: 1px solid #bbb; }
th { font-weight: bold; border-bottom-color: #111; }
.n { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
.id { font-family: "Liberation Mono", "DejaVu Sans Mono", monospace; font-size: .86em; overflow-wrap: anywhere; }
.said { font-weight: bold; }
.small { font-size: .88em; color: #333; }
section.file { border-top: 1px solid #777; }
@page { size: A4; margin: 16mm 14mm 18mm; }
@media print {
  body { font-size: 9.5pt; max-width: none; margin: 0; padding: 0; }
  h2, h3, h4, caption { break-after: avoid; }
  thead { display: table-header-group; }
  tr, p { break-inside: avoid; }
  a { color: inherit; text-decoration: none; }
}
"""

_HEAD: Final = f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="referrer" content="no-referrer">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Exceptions</title>
<style>{STYLE}</style>
</head>
<body>
"""


def render(asked: BatchQuestion, totals: BatchTotals, exceptions: Iterable[CheckedFile]) -> Iterator[str]:
    """The page in pieces."""
    yield _HEAD
    yield from _summary(asked, totals)
    yield "<h2>Exceptions</h2>\n"
    if not totals.exceptions:
        yield "<p>There are none: every answer that was asked for is yes, and nothing is late.</p>\n"
    for checked in exceptions:
        yield from _file(checked)
    yield "<h2>What this rests on</h2>\n"
    for line in (*LIMITS, *BASES.values()):
        yield f"<p class=small>{escape(line)}</p>\n"
    yield "</body>\n</html>\n"


# ---- on top


def _summary(asked: BatchQuestion, totals: BatchTotals) -> Iterator[str]:
    files = f"{totals.checked:,} evidence {'file' if totals.checked == 1 else 'files'}"
    yield f"<h1>Exceptions: {totals.exceptions:,} of {files}</h1>\n"
    yield f"<p>Checked for the instant {when(asked.instant)}. {_asked(asked)}</p>\n"
    yield f"<p class=small>Trust policy, SHA-256 <span class=id>{escape(asked.policy)}</span></p>\n"
    yield from _table(
        "Files",
        [("What became of them", ""), ("Files", "n")],
        [(CONCLUSION_WORDS[one], f"{totals.files[one]:,}") for one in reversed(CONCLUSIONS) if totals.files[one]],
    )
    found = [(KIND_WORDS[kind], f"{totals.items[kind]:,}") for kind in KINDS if totals.items[kind]]
    if found:
        yield from _table("Answers that are not yes, and late payments", [("What", ""), ("How many", "n")], found)
    sums = [
        (money(one.owed, code), money(one.owed_late, code), money(one.held, code), money(one.held_late, code))
        for code, one in totals.money().items()
    ]
    if sums:
        heads = ("Owed by licensees", "of it late", "Owed by agencies", "of it late")
        yield from _table("Not paid", [(head, "n") for head in heads], sums)
        yield f"<p class=small>{escape(ONCE)}</p>\n"


def _asked(asked: BatchQuestion) -> str:
    words = [f"A checkpoint may be {asked.max_age // 3_600:,} hours old."]
    if asked.require_audited:
        words.append("A trusted auditor had to confirm the index.")
    if asked.ask is not None:
        words.append(f"Of uses, only this was asked: {asked.ask}.")
    return " ".join(words)


# ---- one file


def _file(checked: CheckedFile) -> Iterator[str]:
    yield f"<section class=file>\n<h3>{escape(checked.file)}</h3>\n"
    if checked.as_of is not None and checked.question is not None:
        as_of = checked.as_of
        yield (
            f"<p class=small>About the {ABOUT[checked.question.kind]} <span class=id>{checked.question.id}</span>, "
            f"as of {when(as_of.at)}, {as_of.size:,} entries, {as_of.basis}.</p>\n"
        )
    if not checked.items:
        yield f"<p class=said>{escape(CONCLUSION_WORDS[checked.conclusion])}</p>\n"
        meaning = f"{STEPS[checked.step]} " if checked.step else ""
        yield f"<p>{escape(meaning + checked.message)} ({escape(checked.code)})</p>\n"
    for item in checked.items:
        yield from _item(checked, item)
    yield "</section>\n"


def _item(checked: CheckedFile, item: Item) -> Iterator[str]:
    if item.question != checked.question:
        yield f"<h4>The {ABOUT[item.question.kind]} <span class=id>{item.question.id}</span></h4>\n"
    late_too = " · LATE" if "late" in item.kinds else ""
    yield f"<p class=said>{escape(said(item))}{late_too}</p>\n"
    for one in item.segments:
        yield f"<p>From {when(one.from_)} to {when(one.to)}: {ANSWERS[one.authorised]}.</p>\n"
    if item.reasons:
        yield from _table(
            "Why",
            [("Rule", ""), ("Result", ""), ("Reason", ""), ("Entries", "")],
            [
                (
                    f"{row.rule}, {title(row.rule)}",
                    "against it" if row.result.value == "FAIL" else "cannot be told",
                    f"{why(row)} ({row.code})",
                    entries(row),
                )
                for row in item.reasons
            ],
        )
    lines = list(owed(item))
    if lines and item.paid is not None:
        currency = item.paid.currency
        heads = ("Due", "Received", "Outstanding")
        yield from _table(
            "Money",
            [
                ("Payee", "id"),
                ("Way", ""),
                ("Answer", ""),
                *[(one, "n") for one in heads],
                ("Due at", ""),
                ("Late", ""),
            ],
            [
                (
                    line.payee,
                    leg(line),
                    ANSWERS[line.answer],
                    money(line.due, currency),
                    money(line.received, currency),
                    money(line.outstanding, currency),
                    when(line.due_at),
                    late(line),
                )
                for line in lines
            ],
        )


def _table(caption: str, heads: Sequence[tuple[str, str]], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """A table; each head has the class of its column."""
    classes = [f" class={name}" if name else "" for _, name in heads]
    yield f"<table>\n<caption>{escape(caption)}</caption>\n<thead><tr>"
    for (head, _), name in zip(heads, classes, strict=True):
        yield f"<th scope=col{name if name != ' class=id' else ''}>{escape(head)}</th>"
    yield "</tr></thead>\n<tbody>\n"
    for row in rows:
        cells = "".join(f"<td{name}>{escape(cell)}</td>" for name, cell in zip(classes, row, strict=True))
        yield f"<tr>{cells}</tr>\n"
    yield "</tbody>\n</table>\n"
