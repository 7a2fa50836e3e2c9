"""Whatever the registry answers a reader, the kernel says of that reader's own evidence file, and the other way round.

Random worlds are played into a real registry over HTTP, honest and dishonest; then every party, and a stranger, asks
about every usage and every consent.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from registry.web.body import JSON
from tests.law.worlds import ACTS, Stage, is_use, stage_in, usage
from tests.support.asking import value
from tests.support.served import Served, raw
from tests.support.signed_requests import SigningClient, app_at, asking_as, party_client
from tests.support.world import Actor, Logged
from verifier.base import canonical
from verifier.base.strict import MAX_INTEGER, parse_instant
from verifier.evidence.find_disclosures import disclosures_in
from verifier.evidence.verdict_json import format_verdict
from verifier.evidence.verify import verify
from verifier.log.trust import parse_policy
from verifier.statements.disclosure import digest
from verifier.statements.types import Usage

EXAMPLES = 8


@given(data=st.data())
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.generate])
def test_each_answer_is_what_the_readers_own_file_says(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    served = Served(tmp_path_factory.mktemp("worlds") / "registry")
    try:
        made = played(data, served)
        told = 0
        for who in (*made.everyone, None):
            told += asked(served, who, made)
        assert told, "somebody was answered"
    finally:
        served.service.close()


@given(data=st.data())
@settings(max_examples=EXAMPLES // 2, deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.generate])
def test_each_dry_run_and_its_cures_are_what_the_readers_own_file_says_once_it_is_logged(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    served = Served(tmp_path_factory.mktemp("worlds") / "registry")
    foretold: dict[str, list[tuple[Actor, Any]]] = {}

    def ask(one: Logged) -> None:
        if isinstance(one.statement, Usage) or is_use(one):
            for who in [*served.world.actors.values()]:
                if is_live(served, who):
                    found = asking_as(app_at(served.service), who).post(
                        "/entries?dry_run=true", data=raw(one), content_type=JSON
                    )
                    if found.status_code == 200:
                        foretold.setdefault(one.id, []).append((who, value(found.data)))

    def compare(one: Logged) -> None:
        for who, said in foretold.pop(one.id, []):
            if served.service.entry(one.id) is not None and is_live(served, who):
                as_the_file_says(served, who, one, said)
                told.append(one.id)

    told: list[str] = []
    try:
        played(data, served, before=ask, after=compare)
        assert told, "somebody was told, and it was logged"
    finally:
        served.service.close()


def as_the_file_says(served: Served, who: Actor, one: Logged, said: Any) -> None:
    """What she was told beforehand is what her file says now, with what she handed in laid in: answers, rules,
    money, and no cure for anything else.
    """
    kind = "usage" if isinstance(one.statement, Usage) else "consent"
    file = asking_as(app_at(served.service), who).get(f"/evidence/{kind}/{one.id}").data
    outcome = verify(file, parse_policy(served.world.policy()), instant=served.clock(), max_age=MAX_INTEGER,
                     held={digest(text): text for text in disclosures_in(raw(one))})  # fmt: skip
    own = canonical.parse(format_verdict(outcome), limit=1 << 24)
    assert own["outcome"] == "verdict", own
    assert own.get("authorised", own.get("answer")) == said["answer"], (who, one)
    assert plain(own["rules"]) == plain(said["rules"]), (who, one)
    assert own.get("paid", {}).get("answer") == said.get("paid", {}).get("answer"), (who, one)
    open_rows = {(row["rule"], row["code"]) for row in own["rules"] if row["result"] != "PASS"}
    noted = {row["code"] for row in [*own.get("warnings", []), *own.get("faults", [])]}
    for cure in said["cures"]:
        assert (cure["rule"], cure["code"]) in open_rows or cure["code"] in noted, (who, one, cure)


def plain(rows: Any) -> list[tuple[str, str, str]]:
    """Which rule comes to what: the index of what is not logged yet is a guess."""
    return [(row["rule"], row["result"], row["code"]) for row in rows]


def played(
    data: st.DataObject,
    served: Served,
    before: Callable[[Logged], None] = lambda one: None,
    after: Callable[[Logged], None] = lambda one: None,
) -> Stage:
    """A stage on which things happen, each of them handed to the registry at once: it takes what it takes."""
    client, sent = party_client(served), set[str]()

    def hand_in() -> None:
        for one in list(served.world.entries.values()):
            if one.id not in sent and one.statement.type not in ("genesis", "seal"):
                sent.add(one.id)
                before(one)
                client.post("/entries", data=raw(one), content_type=JSON)
                after(one)

    made = stage_in(served.world)
    hand_in()
    for act in (usage, *data.draw(st.lists(st.sampled_from(ACTS), min_size=3, max_size=8))):
        data.draw(st.composite(lambda draw, act=act: act(draw, made))())
        hand_in()
    return made


def asked(served: Served, who: Actor | None, made: Stage) -> int:
    """How many answers somebody was given, all of which were those of her own file."""
    policy, told = parse_policy(served.world.policy()), 0
    client = asking_as(app_at(served.service), who if who is None or is_live(served, who) else None)
    for one in served.world.entries.values():
        if not (isinstance(one.statement, Usage) or is_use(one)) or served.service.entry(one.id) is None:
            continue
        kind = "usage" if isinstance(one.statement, Usage) else "consent"
        file = client.get(f"/evidence/{kind}/{one.id}").data
        verdict = answered(client, one)
        if verdict is None:
            continue
        told += 1
        outcome = verify(file, policy, instant=parse_instant(verdict["instant"]), max_age=MAX_INTEGER)
        own = canonical.parse(format_verdict(outcome), limit=1 << 24)
        assert {name: own.get(name) for name in verdict} == verdict, (who, one)
        assert own.keys() - verdict.keys() <= {"about"}
    return told


def answered(client: SigningClient, one: Logged) -> Any:
    """The verdict that a reader is told who hands in again what is logged; None where she is told none."""
    found = value(client.post("/entries", data=raw(one), content_type=JSON).data)
    return found.get("verdict")


def is_live(served: Served, who: Actor) -> bool:
    return bool(who.keys) and not served.service.readers.holders.of(who.keys[0].public.hex()).refusal
