"""The registry's answers laid out for people: what a dry run says, and whose exclusivity is in the way."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from registry.client import Refusal
from verifier.base.canonical import Json
from verifier.base.printable import printable
from verifier.evidence.explain import explain_code
from verifier.programs.language import english, tell
from verifier.words.catalogue import Catalogue, capital

WIDTH = 100

_NO = {"NOT_AUTHORISED": "no", "NOT_IN_FORCE": "no", "CANNOT_TELL": "cannot_tell"}


def dry_run_lines(name: str, answer: Mapping[str, Json], words: Catalogue) -> Iterator[str]:
    """"May I?": the answer first, then every rule that does not pass with what to do, then whom it clashes with."""
    yield words.say("dry_run.headline", name=name, said=_headline(answer, words))
    cures = {(row.get("rule"), row.get("code")): str(row.get("cure")) for row in answer.get("cures", ())}
    rows = [row for row in (*answer["admission"], *answer["rules"]) if row["result"] in ("FAIL", "UNKNOWN")]
    alike: dict[tuple[str, str, str | None], list[str]] = {}
    for row in rows:
        rule, code = printable(str(row["rule"])), printable(str(row["code"]))
        if not rule.startswith("M"):  # what a use costs stands below
            its = alike.setdefault((row["result"], code, cures.get((row["rule"], row["code"]))), [])
            its += [rule] if rule not in its else []
    for (result, code, cure), its in alike.items():
        yield from _row(its, result, code, cure, words)
    yield from _warnings(answer.get("warnings", ()), answer.get("cures", ()), words)
    if isinstance(clashes := answer.get("clashes"), list) and clashes:
        yield ""
        yield f"  {words.say('dry_run.in_the_way')}"
        for clash in clashes:
            yield from clash_lines(clash, words)
    yield from _cost(answer.get("paid"), words)
    yield from effect_lines(answer.get("effects", ()), words)


def clash_lines(clash: Mapping[str, Json], words: Catalogue) -> Iterator[str]:
    """Whose it is, when it meets the plan, and what it takes in."""
    spans = words.and_.join(words.say("clash.span", start=one["from"], end=one["to"]) for one in clash["windows"])
    sure = "" if clash["sure"] else words.say("clash.unsure", code=printable(str(clash.get("code"))))
    yield f"    {words.say('clash.consent', id=clash['consent'])}"
    yield f"      {words.say('clash.licensee', id=clash['licensee'])}"
    yield f"      {spans}{sure}"
    if "option_until" in clash:
        yield f"      {words.say('clash.option', at=clash['option_until'])}"
    scope = clash.get("scope")
    if isinstance(scope, dict):
        yield from _wrapped(_scope(scope, words), "      ")
        if "against" in scope:
            yield from _wrapped(words.say("clash.against", ids=", ".join(map(str, scope["against"]))), "      ")


def _scope(scope: Mapping[str, Json], words: Catalogue) -> str:
    countries = _codes(scope["countries"])
    if excluded := scope.get("countries_excluded"):
        countries = words.say("clash.without", countries=countries, excluded=_codes(excluded))
    values = {
        "categories": _codes(scope["categories"]),
        "countries": countries,
        "channels": _codes(scope["channels"]),
        "start": scope["starts"],
        "end": scope["ends"],
    }
    if "hold_off" in scope:
        return words.say("clash.scope_held", hold_off=_span(scope["hold_off"], words), **values)
    return words.say("clash.scope", **values)


def effect_lines(effects: Json, words: Catalogue) -> Iterator[str]:
    """What a revocation does, consent by consent: from when on, which uses are to be pulled, what stays due."""
    yield from _totals(effects or (), words)
    for effect in effects or ():
        yield ""
        part = effect.get("part")
        ends = words.say("effect.releases" if part == "exclusive" else "effect.ends", consent=effect["consent"])
        yield f"  {ends}"
        yield f"    {words.say('clash.licensee', id=effect['licensee'])}"
        start = words.say("effect.from", at=effect["takes_effect"])
        if effect["notice"]:
            notice = _span(effect["notice"], words)
            start = words.say("effect.from_after_notice", at=effect["takes_effect"], notice=notice)
        already = f" {words.say('effect.already')}" if effect["already"] else ""
        yield f"    {start}{already}"
        if part is not None:
            yield from _owed(effect, words)
            continue
        live = [use for use in effect["uses"] if "pull_at" in use]
        pull = words.say("effect.to_pull", count=len(live)) if live else words.say("effect.nothing_to_pull")
        yield f"    {pull}"
        for use in live:
            yield from _live(use, words)
        if live:
            yield f"      {words.say('effect.charged_by_time')}"
        yield from _owed(effect, words)
        if more := effect.get("more"):
            yield f"    {words.say('effect.more', n=int(more))}"


def _totals(effects: Sequence[Json], words: Catalogue) -> Iterator[str]:
    """How much there is to pull and to pay over all consents, before each is told. What goes through an agency counts
    once, as it is owed to the agency."""
    uses = [use for effect in effects for use in effect["uses"]]
    due: Counter[str] = Counter()
    later: Counter[str] = Counter()
    for effect in effects:
        for _, line, currency in _outstanding(effect):
            if line["leg"] != "from_agency" and currency is not None:
                due[currency] += int(line["outstanding"])
        for line, currency in _later(effect):
            if line["leg"] != "from_agency" and currency is not None:
                later[currency] += int(line["amount"])
    said = []
    if uses:
        said.append(words.say("effect.all_to_pull", n=sum("pull_at" in use for use in uses)))
    for id, sums, sign in (("due", due, 1), ("later", later, 1), ("falls", later, -1)):
        if amounts := [words.money(abs(one), currency) for currency, one in sorted(sums.items()) if sign * one > 0]:
            said.append(words.say(f"effect.sum_{id}", amounts=words.listed(amounts)))
    if said:
        yield ""
        yield from (f"  {one}" for one in said)


def _live(use: Mapping[str, Json], words: Catalogue) -> Iterator[str]:
    usage = words.say("effect.usage", usage=use["usage"])
    if "sublicensee" in use:
        usage = words.say("effect.usage_by", usage=use["usage"], sublicensee=use["sublicensee"])
    yield f"      {usage}"
    yield f"        {words.say('effect.pull', start=use['starts'], end=use['ends'], pull=use['pull_at'])}"
    yield from (f"        {words.say('effect.file', asset=asset)}" for asset in use["assets"])


def _owed(effect: Mapping[str, Json], words: Catalogue) -> Iterator[str]:
    """What is outstanding, the consent's own first, then use by use; then what arises on later dates. None of it
    lapses, but for what is said to fall away."""
    owed = list(_outstanding(effect))
    yield f"    {words.say('effect.stays_due' if owed else 'effect.nothing_due')}"
    for usage, line, currency in owed:
        yield f"      {_amount(line, 'outstanding', currency, words)}"
        whose = words.say("effect.for_consent") if usage is None else words.say("effect.for_usage", usage=usage)
        yield f"        {whose}"
    later = list(_later(effect))
    if later:
        yield f"    {words.say('effect.later')}"
    for line, currency in later:
        amount = words.money(abs(int(line["amount"])), currency)
        id = "effect.arises" if int(line["amount"]) > 0 else "effect.falls_away"
        yield from _wrapped(words.say(id, amount=amount, payee=line["payee"], at=line["at"]), "      ", "        ")


def _outstanding(effect: Mapping[str, Json]) -> Iterator[tuple[str | None, Mapping[str, Json], str | None]]:
    """Each line of one consent that is not filled, with its currency, and with the use that owes it; None: the consent
    itself does."""
    for usage, paid in [(None, effect.get("paid")), *((use["usage"], use.get("paid")) for use in effect["uses"])]:
        for line in (paid or {}).get("payees", ()):
            if line.get("outstanding"):
                yield usage, line, (paid or {}).get("currency")


def _later(effect: Mapping[str, Json]) -> Iterator[tuple[Mapping[str, Json], str | None]]:
    """What arises of one consent on dates to come, with its currency."""
    for line in effect.get("later", ()):
        yield line, (effect.get("paid") or {}).get("currency")


def _amount(line: Mapping[str, Json], member: str, currency: str | None, words: Catalogue) -> str:
    due = words.say("dry_run.due", at=line["due_at"]) if "due_at" in line else ""
    way = "" if line["leg"] == "direct" else words.code("dry_run.way", str(line["leg"]))
    amount = words.money(int(line[member]), currency)
    return words.say("dry_run.cost", amount=amount, payee=line["payee"], way=way, due=due)


def _span(seconds: int, words: Catalogue) -> str:
    if seconds % 86_400 == 0:
        return words.say("span.days", n=seconds // 86_400)
    return words.say("span.seconds", n=seconds)


def _headline(answer: Mapping[str, Json], words: Catalogue) -> str:
    said = answer.get("answer")
    failing = {row["rule"] for row in answer["admission"] if row["result"] == "FAIL"}
    if said is None:
        if failing == {"A1"} and _waits_for_signatures(answer):
            return words.say("dry_run.would_log_once_signed")
        return words.say("dry_run.would_not_log" if failing else "dry_run.would_log")
    word = _NO.get(str(said), "yes")
    if word == "yes" and failing:  # what is not logged is not authorised, whatever the contract says of it
        word = "not_yet" if failing == {"A1"} and _waits_for_signatures(answer) else "no"
    code = printable(str(said))
    values = {
        "word": words.say(f"dry_run.word.{word}"),
        "answer": code,
        "sentence": words.code("dry_run.said", code),
    }
    if not failing:
        return words.say("dry_run.answer_and_log", **values)
    return words.say("dry_run.answer_not_log_unsigned" if failing == {"A1"} else "dry_run.answer_not_log", **values)


def _waits_for_signatures(answer: Mapping[str, Json]) -> bool:
    """Whether signatures are all that is missing, or wrong: a key that was seen before is more than that."""
    return all(row["code"] == "void_signers" for row in answer["admission"] if row["result"] == "FAIL")


def _row(rules: Sequence[str], result: str, code: str, cure: str | None, words: Catalogue) -> Iterator[str]:
    values = {
        "rules": ", ".join(rules),
        "result": words.code("result", result),
        "code": code,
        "sentence": sentence_of(code, words),
    }
    text = words.say("dry_run.row", **values)
    if len(rules) == 1 and (title := words.code("rule", rules[0])) != rules[0]:
        text = words.say("dry_run.row_about", title=title, **values)
    yield ""
    yield from _wrapped(text, "  ", "    ")
    if cure is not None:
        yield from _cure(code, cure, words)


def refusal_text(refusal: Refusal, words: Catalogue) -> str:
    """What the registry refused and what to do. It writes English: in another language it is each failing rule's
    sentence, or its own where the catalogue has it, else the problem's title with the registry's words beside it."""
    if words.language == english().language or f"problem.{refusal.kind}" not in words:
        return printable(refusal.message)
    failed = [row for row in refusal.problem.get("rules") or () if row.get("result") == "FAIL"]
    said = [explain_code(str(row["rule"]), str(row["code"]), words) for row in failed if f"code.{row['code']}" in words]
    hint = words.say(f"hint.{refusal.kind}")
    if said:
        return " ".join([*said, hint])
    detail = str(refusal.problem.get("detail", ""))
    if (told := tell(detail, words)) != detail:
        said = [f"{capital(printable(told)).removesuffix('.')}.", *([] if refusal.says_it_all else [hint])]
        return " ".join(said)
    own = words.say("dry_run.own_words", text=printable(detail))
    return " ".join([words.say(f"problem.{refusal.kind}"), hint, own])


def reason_text(refusal: Refusal, words: Catalogue) -> str:
    """Why the registry refused, without what to do about it: for a command that knows that better."""
    detail = str(refusal.problem.get("detail", ""))
    return f"{capital(printable(tell(detail, words))).removesuffix('.')}."


def sentence_of(code: str, words: Catalogue) -> str:
    """A reason code's sentence; of one that only a newer registry knows, nothing."""
    return words.say(f"code.{code}") if f"code.{code}" in words else ""


def _cure(code: str, cure: str, words: Catalogue) -> Iterator[str]:
    """What to do. The registry writes English: where the catalogue does not have its sentence, it is the code's own
    cure, and beside it what the registry knows of the case."""
    id = f"cure.{code}"
    told = tell(cure, words)
    if words.language == english().language or id not in words or told != cure:
        yield from _wrapped(words.say("dry_run.cure", cure=printable(told)), "    ", "      ")
        return
    yield from _wrapped(words.say("dry_run.cure", cure=words.say(id)), "    ", "      ")
    yield from _wrapped(words.say("dry_run.own_words", text=printable(cure)), "      ", "      ")


def _warnings(warnings: Json, cures: Json, words: Catalogue) -> Iterator[str]:
    by_code = {row.get("code"): str(row.get("cure")) for row in cures or ()}
    for row in warnings or ():
        code = printable(str(row["code"]))
        yield ""
        yield from _wrapped(words.say("dry_run.warning", code=code, sentence=sentence_of(code, words)), "  ", "    ")
        if (cure := by_code.get(row["code"])) is not None:
            yield from _cure(code, cure, words)


def _cost(paid: Json, words: Catalogue) -> Iterator[str]:
    """What a use makes due, payee by payee."""
    lines = [line for line in (paid or {}).get("payees", ()) if line.get("due")]
    if lines:
        yield ""
        yield f"  {words.say('dry_run.costs')}"
    for line in lines:
        yield f"    {_amount(line, 'due', paid.get('currency'), words)}"


def _codes(codes: Json) -> str:
    return ", ".join(printable(str(code)) for code in codes)


def _wrapped(text: str, indent: str, more: str | None = None) -> list[str]:
    return textwrap.wrap(
        text, WIDTH, initial_indent=indent, subsequent_indent=more or indent, break_long_words=False,
        break_on_hyphens=False,
    )  # fmt: skip
