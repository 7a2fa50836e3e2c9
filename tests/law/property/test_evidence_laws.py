"""Laws of evidence: what a file leaves out, or gets wrong, never turns an answer round."""

from __future__ import annotations

from functools import cache
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.law.worlds import ASSETS, Stage, stage, stages
from tests.support.world import Actor, Logged, World
from verifier.base import canonical
from verifier.evidence.file import parse_evidence
from verifier.evidence.verdict import Verdict
from verifier.evidence.verdict_json import format_verdict
from verifier.evidence.verify import verify
from verifier.log.trust import parse_policy
from verifier.rules.decide import Facts, decide
from verifier.rules.model.codes import CODES
from verifier.rules.money.money_rules import ANSWERS
from verifier.rules.needs import lists_needed

UNSURE = "CANNOT_TELL"


def check(world: World, evidence: bytes, at: int | None = None) -> dict[str, Any]:
    outcome = verify(evidence, parse_policy(world.policy()), instant=world.now if at is None else at)
    verdict: dict[str, Any] = canonical.parse(format_verdict(outcome), limit=1 << 28)
    return verdict


def answers(verdict: dict[str, Any]) -> dict[str, str]:
    """Every answer in a verdict, by what it is about."""
    found: dict[str, str] = {name: verdict[name] for name in ("answer", "authorised") if name in verdict}
    for place, segment in enumerate(verdict.get("segments", ())):
        found[f"segment {place}"] = str(sorted(segment.items()))
    if "paid" in verdict:
        found["paid"] = verdict["paid"]["answer"]
        for one in verdict["paid"].get("payees", ()):
            found[f"paid {one['payee']} {one['leg']} {one['of']}"] = one["answer"]
    for usage in verdict.get("usages", ()):
        found.update({f"{usage['usage']} {name}": said for name, said in answers(usage).items()})
    return found


def never_turned(full: dict[str, Any], less: dict[str, Any]) -> None:
    """Each answer that both give is the same, or cannot be told any more."""
    if less["outcome"] == "invalid":
        return
    before, after = answers(full), answers(less)
    for name in before.keys() & after.keys():
        if not name.rpartition(" ")[0].endswith("segment"):
            assert after[name] in (before[name], UNSURE), (name, before[name], after[name])
    segments_never_turned(full.get("segments", []), less.get("segments", []))


def segments_never_turned(before: list[dict[str, str]], after: list[dict[str, str]]) -> None:
    """Wherever both tell, they tell the same."""
    for one in before:
        for two in after:
            said = {one["authorised"], two["authorised"]} - {UNSURE}
            assert len(said) < 2 or one["from"] >= two["to"] or two["from"] >= one["to"], (one, two)


def questions(s: Stage) -> list[Actor | Logged]:
    return [*s.usages, *s.consents, s.model, s.brand, s.bank]


class TestWhatIsHidden:
    """A file that shows less gives the same answer or none."""

    @given(stages(), st.data())
    def test_lists(self, s: Stage, data: st.DataObject) -> None:
        about = data.draw(st.sampled_from(questions(s)))
        full = s.world.evidence(about)
        lists = [shown.subject for shown in parse_evidence(full).subjects]
        hidden = data.draw(st.lists(st.sampled_from(lists), min_size=1, max_size=3))
        never_turned(check(s.world, full), check(s.world, s.world.evidence(about, hide_lists=hidden)))

    @given(stages(), st.data())
    def test_sections(self, s: Stage, data: st.DataObject) -> None:
        about = data.draw(st.sampled_from(questions(s)))
        entries = [*s.consents, *s.usages, *s.papers, *s.others]
        places = [(made, name) for made in entries for name in made.statement.sections]
        hidden = data.draw(st.lists(st.sampled_from(places), min_size=1, max_size=3))
        full = check(s.world, s.world.evidence(about))
        never_turned(full, check(s.world, s.world.evidence(about, hide_sections=hidden)))

    @given(stages(), st.data())
    def test_all_sections(self, s: Stage, data: st.DataObject) -> None:
        about = data.draw(st.sampled_from(questions(s)))
        full = check(s.world, s.world.evidence(about))
        never_turned(full, check(s.world, s.world.evidence(about, only_sections=[])))


class TestWhatIsNeeded:
    """The lists of section 7.1 are all that the rules read."""

    @given(stages(), st.data())
    def test_the_file_answers_like_the_whole_log(self, s: Stage, data: st.DataObject) -> None:
        about = data.draw(st.sampled_from([*s.usages, *s.consents]))
        outcome = verify(s.world.evidence(about), parse_policy(s.world.policy()), instant=s.world.now)
        assert isinstance(outcome, Verdict), outcome
        shown, as_of = outcome.decision, outcome.as_of.at
        facts = Facts(instant=s.world.now, as_of=as_of, basis="claimed", rules=2, max_age=86_400)
        whole = decide(s.world.record(), s.world.question(about), facts)
        assert (shown.answer, shown.authorised, shown.segments, shown.paid) == (
            whole.answer, whole.authorised, whole.segments, whole.paid,
        )  # fmt: skip
        assert [(row.rule, row.result, row.code) for row in shown.rules] == [
            (row.rule, row.result, row.code) for row in whole.rules
        ]

    @given(stages(), st.data())
    def test_no_list_is_missing(self, s: Stage, data: st.DataObject) -> None:
        about = data.draw(st.sampled_from(questions(s)))
        verdict = check(s.world, s.world.evidence(about))
        assert [row for row in verdict["rules"] if row["code"] == "list_missing"] == []

    @given(stages(), st.data())
    def test_a_usage_is_answered_alike_in_a_party_book(self, s: Stage, data: st.DataObject) -> None:
        book = check(s.world, s.world.evidence(data.draw(st.sampled_from([s.model, s.brand]))))
        for said in book.get("usages", ()):
            made = next(one for one in s.usages if one.id == said["usage"])
            alone = check(s.world, s.world.evidence(made))
            if own := [one for one in alone.get("paid", {}).get("payees", ()) if one["of"] == "usage"]:
                # What the consent owes stands once in a record book, among its consents.
                worst = min((one["answer"] for one in own), key=ANSWERS.index)
                alone["paid"] = {"answer": worst, "payees": own}
            assert answers({name: said[name] for name in said if name != "usage"}) == answers(alone), made

    @given(stages(), st.data())
    def test_more_lists_change_nothing(self, s: Stage, data: st.DataObject) -> None:
        about = data.draw(st.sampled_from([*s.usages, *s.consents]))
        more = data.draw(st.lists(st.sampled_from(sorted(s.world.log.lists)), max_size=5))
        less = check(s.world, s.world.evidence(about))
        assert answers(less) == answers(check(s.world, s.world.evidence(about, more_lists=more)))

    @given(stages(), st.data())
    def test_lists_that_are_needed_are_in_order(self, s: Stage, data: st.DataObject) -> None:
        question = s.world.question(data.draw(st.sampled_from(questions(s))))
        lists = lists_needed(s.world.record(), question)
        assert list(lists) == sorted(set(lists))
        assert f"registry:{s.world.genesis.id}" in lists


@cache
def small() -> tuple[Stage, bytes, dict[str, Any]]:
    s = stage(witnesses=["ada"], quorum="1")
    s.usages.append(s.world.usage(s.consents[0]))
    evidence = s.world.evidence(s.usages[0])
    return s, evidence, check(s.world, evidence)


class TestBits:
    """Whatever bit of a file is flipped, it is refused or the answers stay."""

    @given(st.data())
    def test_one_bit(self, data: st.DataObject) -> None:
        s, evidence, verdict = small()
        place = data.draw(st.integers(0, 8 * len(evidence) - 1))
        flipped = bytearray(evidence)
        flipped[place // 8] ^= 1 << place % 8
        after = check(s.world, bytes(flipped))
        assert after["outcome"] == "invalid" or answers(after) == answers(verdict)

    @given(st.data())
    def test_one_character(self, data: st.DataObject) -> None:
        """Another letter or digit in its place is far more often still canonical JSON than a flipped bit."""
        s, evidence, verdict = small()
        place = data.draw(st.integers(0, len(evidence) - 1))
        new = data.draw(st.sampled_from(b"0123456789abcdefABCDEF+/=[]{},:\""))
        changed = evidence[:place] + bytes([new]) + evidence[place + 1 :]
        after = check(s.world, changed)
        assert after["outcome"] == "invalid" or answers(after) == answers(verdict)

    @given(st.integers(0, 200), st.integers(1, 200))
    def test_a_piece_cut_out(self, start: int, length: int) -> None:
        s, evidence, _ = small()
        at = start * (len(evidence) // 200)
        assert check(s.world, evidence[:at] + evidence[at + length :])["outcome"] == "invalid"


class TestNoise:
    """Whatever bytes it is given, a check gives an outcome."""

    @given(st.binary(max_size=200))
    def test_bytes(self, noise: bytes) -> None:
        s, _, _ = small()
        assert check(s.world, noise)["outcome"] == "invalid"

    @given(stages(acts=20), st.data())
    def test_any_question_of_any_world(self, s: Stage, data: st.DataObject) -> None:
        about = data.draw(st.sampled_from([*questions(s), *ASSETS, "nothing.jpg"]))
        at = s.world.now + data.draw(st.sampled_from([0, -10**7, 10**7]))
        verdict = check(s.world, s.world.evidence(about), at)
        assert verdict["outcome"] == "verdict"
        assert {row["code"] for row in verdict["rules"]} <= set(CODES)
