"""How large a file becomes, and what it costs to check, with every list of one deal at its quota at once.

    scripts/bench_limits.py                     as many entries as the rule set lets in
    scripts/bench_limits.py --share 10          a tenth of each

One consent with an agency, a union, an arbiter, a sub-licensee, a provider and two payees, where the licensee, the
sub-licensee, the agency and the provider state payments; a use of 512 files, each with as many decisions of its own as
there may be. Making it is not measured. What is measured is one whole check of the file, in a process of its own.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

from tests.support.cast import Cast, Logged, key  # noqa: E402
from verifier.rules.quotas import QUOTAS  # noqa: E402
from verifier.statements.types import Twin  # noqa: E402

FILES = 512

CHECK = """
import json, resource, sys, time
from pathlib import Path
from verifier.evidence.verdict_json import format_verdict
from verifier.evidence.verify import verify
from verifier.log.trust import parse_policy

folder, instant = Path(sys.argv[1]), int(sys.argv[2])
file, policy = (folder / "evidence").read_bytes(), parse_policy((folder / "policy").read_text("utf-8"))
began = time.perf_counter()
verdict = json.loads(format_verdict(verify(file, policy, instant=instant)))
print(json.dumps({
    "checked_s": round(time.perf_counter() - began, 1), "processor_s": round(time.process_time(), 1),
    "peak_kib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, "outcome": verdict["outcome"],
    "code": verdict.get("code"), "authorised": verdict.get("authorised"),
    "paid": (verdict.get("paid") or {}).get("answer"),
}))
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--share", type=int, default=1, metavar="N", help="one N-th of each quota")
    options = parser.parse_args()
    began = time.perf_counter()
    cast, usage = made(options.share)
    world = cast.world
    file = world.evidence(usage)
    found = {
        "entries": len(json.loads(file)["entries"]), "log": world.log.size, "bytes": len(file),
        "made_s": round(time.perf_counter() - began, 1),
    }  # fmt: skip
    print(json.dumps(found | checked(file, world.policy(), world.now)))


def checked(file: bytes, policy: str, instant: int) -> dict[str, Any]:
    """What one check takes, and what it says."""
    with TemporaryDirectory() as folder:
        (Path(folder) / "evidence").write_bytes(file)
        (Path(folder) / "policy").write_text(policy, "utf-8")
        command = [sys.executable, "-c", CHECK, folder, str(instant)]
        said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    found: dict[str, Any] = json.loads(said)
    return found


def made(share: int) -> tuple[Cast, Logged]:
    """A log in which every list that a question about one use reads is at its limit, and that use."""
    most = {place: max(2, number // share) for place, number in QUOTAS.items()}
    cast = Cast()
    world = cast.world
    deal = cast.consent(under=cast.mandate, terms={"approval": "each", "caps": {"uses": 2 * QUOTAS["uses", "usages"]}})
    crew, sub, bank = cast.crew, cast.sub, cast.bank
    files = [f"file {number}" for number in range(max(2, FILES // share))]
    for one in files:
        for _ in range(most["approval", "decisions"]):
            world.approval(deal, [one])
    usages = most["uses", "usages"]
    by_sub = most["uses", "usages of one sub-licensee"]
    uses = [world.usage(deal, files if n == 0 else [f"x{n}"], sublicensee=sub if n >= usages - by_sub else None)
            for n in range(usages)]  # fmt: skip
    for n in range(most["uses", "reports"]):
        world.report(uses[n % (usages - by_sub)])
    for use in uses:
        world.report(use)
    for n in range(most["account", "payments and returns"]):
        world.payment(deal, payee=cast.anna, amount=1, reference=f"B{n}")
        world.payment(deal, payee=cast.anna, amount=1, reference=f"P{n}", provider=bank)
        world.payment(deal, payer=sub, payee=crew, amount=1, reference=f"S{n}")
        world.payment(deal, payer=cast.gina, payee=crew, amount=1, reference=f"G{n}")
    for n in range(most["account", "receipts, credits and returns"]):
        world.receipt(deal, payee=cast.anna, amount=1, reference=f"R{n}")
        world.receipt(deal, payee=crew, amount=1, reference=f"R{n}")
    authors = [(deal, one) for one in (cast.anna, cast.brand, crew, cast.ulla, cast.gina)]
    made_by = world.twin_of(cast.anna).statement
    assert isinstance(made_by, Twin)
    creation = next(one for one in world.entries.values() if one.id == made_by.creation)
    for consent, author in [*authors, (creation, cast.anna), (creation, cast.studio)]:
        for _ in range(most["consent", "entries"] - 2):
            world.dispute(consent, [consent], author=author)
    for _ in range(most["consent", "entries"] - 2):
        world.ruling(deal, [deal], outcome="stands")
    for party in (cast.anna, cast.brand, sub, cast.gina, bank, crew, cast.ulla, cast.arno, cast.studio):
        spares = [key(f"{party.name} {n}") for n in range(most["keys", "by its own keys"])]
        by_others = most["keys", "by others"]
        for n, spare in enumerate(spares):
            world.key(party, add=[spare], retire=[] if n < by_others else [spare])
        for spare in spares[:by_others]:
            world.key(party, retire=[spare], by_registrar=True)
    return cast, uses[0]


if __name__ == "__main__":
    main()
