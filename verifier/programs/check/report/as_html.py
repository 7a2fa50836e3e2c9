"""The report for people: one HTML page that stands alone, without scripts and without anything from elsewhere.

It prints well: pages are numbered by the browser, heads of tables come again on every page, and no file's heading is
left alone at the foot of one. What it says is said in words, never by colour alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from html import escape
from typing import Final

from verifier.programs.check.batch import CONCLUSIONS, KINDS, BatchTotals, CheckedFile, Item
from verifier.programs.check.report.words import BatchQuestion, entries, late, owed, said, when
from verifier.programs.language import tell
from verifier.words.catalogue import Catalogue

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

_HEAD: Final = """<!DOCTYPE html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="referrer" content="no-referrer">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
"""


def render(
    asked: BatchQuestion, totals: BatchTotals, exceptions: Iterable[CheckedFile], words: Catalogue
) -> Iterator[str]:
    """The page in pieces."""
    yield _HEAD.format(language=words.language, title=escape(words.say("report.title")), style=STYLE)
    yield from _summary(asked, totals, words)
    yield f"<h2>{escape(words.say('report.exceptions'))}</h2>\n"
    if not totals.exceptions:
        yield f"<p>{escape(words.say('report.none'))}</p>\n"
    for checked in exceptions:
        yield from _file(checked, words)
    yield f"<h2>{escape(words.say('report.basis'))}</h2>\n"
    limits = (words.say("report.limit_registrar"), words.say("report.limit_checkpoint"))
    for line in (*limits, *(words.say(f"basis.{basis}") for basis in ("audited", "witnessed", "claimed"))):
        yield f"<p class=small>{escape(line)}</p>\n"
    yield "</body>\n</html>\n"


# ---- on top


def _summary(asked: BatchQuestion, totals: BatchTotals, words: Catalogue) -> Iterator[str]:
    heading = words.say("report.heading", exceptions=totals.exceptions, n=totals.checked)
    checked = words.say("report.checked", at=words.moment(asked.instant), asked=_asked(asked, words))
    yield f"<h1>{escape(heading)}</h1>\n"
    yield f"<p>{escape(checked)}</p>\n"
    policy = escape(words.say("report.policy"))
    yield f"<p class=small>{policy} <span class=id>{escape(asked.policy)}</span></p>\n"
    became = [one for one in reversed(CONCLUSIONS) if totals.files[one]]
    yield from _table(
        words.say("report.files"),
        [(words.say("report.became"), ""), (words.say("report.files"), "n")],
        [(words.say(f"conclusion.{one}"), words.number(totals.files[one])) for one in became],
    )
    found = [(words.say(f"exception.{kind}"), words.number(totals.items[kind])) for kind in KINDS if totals.items[kind]]
    if found:
        heads = [(words.say("report.what"), ""), (words.say("report.how_many"), "n")]
        yield from _table(words.say("report.not_yes"), heads, found)
    sums = [
        tuple(words.money(amount, code) for amount in amounts)
        for code, one in totals.money().items()
        for amounts in [(one.owed, one.owed_late, one.held, one.held_late, one.not_yet_due)]
    ]
    if sums:
        of_it_late = words.say("report.of_it_late")
        upcoming = words.say("report.not_yet_due")
        columns = (words.say("report.owed"), of_it_late, words.say("report.held"), of_it_late, upcoming)
        yield from _table(words.say("report.unpaid"), [(head, "n") for head in columns], sums)
        yield f"<p class=small>{escape(words.say('batch.once'))}</p>\n"


def _asked(asked: BatchQuestion, words: Catalogue) -> str:
    lines = [words.say("report.max_age", hours=asked.max_age // 3_600)]
    if asked.require_audited:
        lines.append(words.say("report.audited"))
    if asked.ask is not None:
        lines.append(words.say("report.only", answer=words.say(f"report.ask.{asked.ask}")))
    return " ".join(lines)


# ---- one file


def _file(checked: CheckedFile, words: Catalogue) -> Iterator[str]:
    yield f"<section class=file>\n<h3>{escape(checked.file)}</h3>\n"
    if checked.as_of is not None and checked.question is not None:
        as_of = checked.as_of
        about = words.say(
            "report.about",
            kind=words.say(f"kind.{checked.question.kind}"),
            id=f"<span class=id>{checked.question.id}</span>",
            at=words.moment(as_of.at),
            size=as_of.size,
            basis=words.say(f"basis_word.{as_of.basis}"),
        )
        yield f"<p class=small>{about}</p>\n"  # nothing of it is anybody else's text
    if not checked.items:
        yield f"<p class=said>{escape(words.say(f'conclusion.{checked.conclusion}'))}</p>\n"
        meaning = f"{words.say(f'step.{checked.step}')} " if checked.step else ""
        yield f"<p>{escape(meaning + tell(checked.message, words))} ({escape(checked.code)})</p>\n"
    for item in checked.items:
        yield from _item(checked, item, words)
    yield "</section>\n"


def _item(checked: CheckedFile, item: Item, words: Catalogue) -> Iterator[str]:
    if item.question != checked.question:
        kind, id = words.say(f"kind.{item.question.kind}"), f"<span class=id>{item.question.id}</span>"
        yield f"<h4>{words.say('report.the', kind=kind, id=id)}</h4>\n"
    late_too = f" · {escape(words.say('report.late'))}" if "late" in item.kinds else ""
    yield f"<p class=said>{escape(said(item, words))}{late_too}</p>\n"
    for one in item.segments:
        answer = words.say(f"answer.{one.authorised}")
        line = words.say("explain.segment", start=words.moment(one.from_), end=words.moment(one.to), answer=answer)
        yield f"<p>{escape(line)}</p>\n"
    if item.reasons:
        yield from _table(
            words.say("report.why"),
            [
                (words.say("report.rule"), ""),
                (words.say("report.result"), ""),
                (words.say("report.reason"), ""),
                (words.say("report.entries"), ""),
            ],
            [
                (
                    words.say("report.rule_title", rule=row.rule, title=words.say(f"rule.{row.rule}")),
                    words.say(f"report.result.{row.result.value}"),
                    words.say("report.reason_code", sentence=words.say(f"code.{row.code}"), code=row.code),
                    entries(row, words),
                )
                for row in item.reasons
            ],
        )
    lines = list(owed(item))
    if lines and item.paid is not None:
        currency = item.paid.currency
        yield from _table(
            words.say("report.money"),
            [
                (words.say("report.payee"), "id"),
                (words.say("report.way"), ""),
                (words.say("report.answer"), ""),
                (words.say("report.due"), "n"),
                (words.say("report.received"), "n"),
                (words.say("report.outstanding"), "n"),
                (words.say("report.due_at"), ""),
                (words.say("report.days_late"), ""),
            ],
            [
                (
                    line.payee,
                    words.say(f"leg.{line.leg}"),
                    words.say(f"answer.{line.answer}"),
                    words.money(line.due, currency),
                    words.money(line.received, currency),
                    words.money(line.outstanding, currency),
                    when(line.due_at, words),
                    late(line, words),
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
