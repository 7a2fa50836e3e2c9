"""The registry's answers laid out for people: what a dry run says, and whose exclusivity is in the way."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence

from registry.drafting.drafts.words import printable
from verifier.base.canonical import Json
from verifier.base.currencies import format_money
from verifier.programs.language import english

WIDTH = 100

_SAID = {
    "AUTHORISED": "the use is authorised",
    "NOT_AUTHORISED": "the use would NOT be authorised",
    "IN_FORCE": "the consent would be in force",
    "NOT_IN_FORCE": "the consent would NOT be in force",
    "CANNOT_TELL": "whether it would be allowed CANNOT BE TOLD",
}


def dry_run_lines(name: str, answer: Mapping[str, Json]) -> Iterator[str]:
    """"May I?": the answer first, then every rule that does not pass with what to do, then whom it clashes with."""
    yield f"{name}: {_headline(answer)}"
    cures = {(row.get("rule"), row.get("code")): str(row.get("cure")) for row in answer.get("cures", ())}
    rows = [row for row in (*answer["admission"], *answer["rules"]) if row["result"] in ("FAIL", "UNKNOWN")]
    alike: dict[tuple[str, str, str | None], list[str]] = {}
    for row in rows:
        rule, code = printable(str(row["rule"])), printable(str(row["code"]))
        if not rule.startswith("M"):  # what a use costs stands below
            its = alike.setdefault((row["result"], code, cures.get((row["rule"], row["code"]))), [])
            its += [rule] if rule not in its else []
    for (result, code, cure), its in alike.items():
        yield from _row(its, result, code, cure)
    yield from _warnings(answer.get("warnings", ()), answer.get("cures", ()))
    if isinstance(clashes := answer.get("clashes"), list) and clashes:
        yield ""
        yield "  In the way is the exclusivity of others:"
        for clash in clashes:
            yield from clash_lines(clash)
    yield from _cost(answer.get("paid"))
    yield from effect_lines(answer.get("effects", ()))


def clash_lines(clash: Mapping[str, Json]) -> Iterator[str]:
    """Whose it is, when it meets the plan, and what it takes in."""
    spans = " and ".join(f"from {span['from']} until {span['to']}" for span in clash["windows"])
    sure = "" if clash["sure"] else f", which cannot be told for certain ({printable(str(clash.get('code')))})"
    yield f"    consent {clash['consent']}"
    yield f"      of the licensee {clash['licensee']}"
    yield f"      {spans}{sure}"
    scope = clash.get("scope")
    if isinstance(scope, dict):
        out = scope.get("countries_excluded")
        countries = _codes(scope["countries"]) + (f" without {_codes(out)}" if out else "")
        taken = f"for {_codes(scope['categories'])} in {countries} on {_codes(scope['channels'])}"
        more = f", and {_span(scope['hold_off'])} more" if "hold_off" in scope else ""
        yield from _wrapped(f"{taken}, from {scope['starts']} until {scope['ends']}{more}", "      ")


def effect_lines(effects: Json) -> Iterator[str]:
    """What a revocation does, consent by consent: from when on, which uses are to be pulled, what stays due."""
    for effect in effects or ():
        yield ""
        yield f"  It ends the consent {effect['consent']}"
        yield f"    of the licensee {effect['licensee']}"
        notice = f", after a notice of {_span(effect['notice'])}" if effect["notice"] else ""
        already = " An earlier revocation ends it no later." if effect["already"] else ""
        yield f"    from {effect['takes_effect']} on{notice}.{already}"
        live = [use for use in effect["uses"] if "pull_at" in use]
        yield f"    Uses to be pulled: {len(live) or 'none'}" + (":" if live else ".")
        for use in live:
            yield from _live(use)
        if live:
            yield "      What is charged by time ends earlier only once a report says when it was pulled."
        yield from _owed(effect["uses"])
        if effect.get("more"):
            yield f"    And {effect['more']} more uses that are not listed here."


def _live(use: Mapping[str, Json]) -> Iterator[str]:
    by = f", by the sub-licensee {use['sublicensee']}" if "sublicensee" in use else ""
    yield f"      usage {use['usage']}{by}"
    yield f"        declared from {use['starts']} until {use['ends']}: to be pulled by {use['pull_at']}"
    yield from (f"        file {asset}" for asset in use["assets"])


def _owed(uses: Json) -> Iterator[str]:
    """What is outstanding, use by use: none of it lapses."""
    owed = [
        (use["usage"], line, use["paid"].get("currency"))
        for use in uses
        for line in (use.get("paid") or {}).get("payees", ())
        if line.get("outstanding")
    ]
    yield "    What stays due:" + ("" if owed else " nothing is outstanding.")
    for usage, line, currency in owed:
        due = f", due {line['due_at']}" if "due_at" in line else ""
        way = "" if line["leg"] == "direct" else f" ({str(line['leg']).replace('_', ' ')})"
        yield f"      {format_money(int(line['outstanding']), currency)} to {line['payee']}{way}{due}"
        yield f"        for the usage {usage}"


def _span(seconds: int) -> str:
    count, unit = (seconds // 86_400, "day") if seconds % 86_400 == 0 else (seconds, "second")
    return f"{count:,} {unit}{'' if count == 1 else 's'}"


def _headline(answer: Mapping[str, Json]) -> str:
    said = answer.get("answer")
    failing = {row["rule"] for row in answer["admission"] if row["result"] == "FAIL"}
    logged = "it would be logged"
    if failing - {"A1"} or (failing and said is None):
        logged = "it would not be logged as it is"
    elif failing:
        logged = "it would not be logged as it is, for signatures are missing or wrong"
    if said is None and failing == {"A1"} and _waits_for_signatures(answer):
        return "yes: it would be logged once everybody has signed."
    if said is None:
        return f"{'yes' if not failing else 'no'}: {logged}."
    word = {"NOT_AUTHORISED": "no", "NOT_IN_FORCE": "no", "CANNOT_TELL": "cannot tell"}.get(str(said), "yes")
    sentence = _SAID.get(str(said), printable(str(said)))
    if not failing:
        return f"{word} ({said}): {logged}, and {sentence}."
    once = " once everybody has signed" if failing == {"A1"} else ""
    return f"{word} ({said}): {sentence}{once}; {logged}."


def _waits_for_signatures(answer: Mapping[str, Json]) -> bool:
    """Whether signatures are all that is missing, or wrong: a key that was seen before is more than that."""
    return all(row["code"] == "void_signers" for row in answer["admission"] if row["result"] == "FAIL")


def _row(rules: Sequence[str], result: str, code: str, cure: str | None) -> Iterator[str]:
    about = f" ({english().say(f'rule.{rules[0]}')})" if len(rules) == 1 and f"rule.{rules[0]}" in english() else ""
    yield ""
    yield from _wrapped(f"{', '.join(rules)} {result} {code}: {_sentence(code)}{about}", "  ", "    ")
    if cure is not None:
        yield from _wrapped(f"What to do: {printable(cure)}", "    ", "      ")


def _sentence(code: str) -> str:
    """A reason code's sentence; of one that a newer registry knows, nothing."""
    id = f"code.{code}"
    return english().say(id) if id in english() else ""


def _warnings(warnings: Json, cures: Json) -> Iterator[str]:
    by_code = {row.get("code"): str(row.get("cure")) for row in cures or ()}
    for row in warnings or ():
        code = printable(str(row["code"]))
        yield ""
        yield from _wrapped(f"Warning, {code}: {_sentence(code)}", "  ", "    ")
        if (cure := by_code.get(row["code"])) is not None:
            yield from _wrapped(f"What to do: {printable(cure)}", "    ", "      ")


def _cost(paid: Json) -> Iterator[str]:
    """What a use makes due, payee by payee."""
    lines = [line for line in (paid or {}).get("payees", ()) if line.get("due")]
    if lines:
        yield ""
        yield "  What it costs:"
    for line in lines:
        due = f", due {line['due_at']}" if "due_at" in line else ""
        way = "" if line["leg"] == "direct" else f" ({str(line['leg']).replace('_', ' ')})"
        yield f"    {format_money(int(line['due']), paid.get('currency'))} to {line['payee']}{way}{due}"


def _codes(codes: Json) -> str:
    return ", ".join(printable(str(code)) for code in codes)


def _wrapped(text: str, indent: str, more: str | None = None) -> list[str]:
    return textwrap.wrap(
        text, WIDTH, initial_indent=indent, subsequent_indent=more or indent, break_long_words=False,
        break_on_hyphens=False,
    )  # fmt: skip
