"""Whatever the registry answers a reader, the kernel says of that reader's own evidence file, and the other way round.

Random worlds are played into a real registry over HTTP, honest and dishonest; then every party, and a stranger, asks
about every usage and every consent.
"""

from __future__ import annotations

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
from verifier.evidence.verdict import format_verdict
from verifier.evidence.verify import verify
from verifier.log.trust import parse_policy
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


def played(data: st.DataObject, served: Served) -> Stage:
    """A stage on which things happen, each of them handed to the registry at once: it takes what it takes."""
    client, sent = party_client(served), set[str]()

    def hand_in() -> None:
        for one in list(served.world.entries.values()):
            if one.id not in sent and one.statement.type not in ("genesis", "seal"):
                sent.add(one.id)
                client.post("/entries", data=raw(one), content_type=JSON)

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
