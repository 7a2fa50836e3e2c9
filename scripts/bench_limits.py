"""How large a file becomes, and what it costs to check, with every list of one deal at its quota at once.

    scripts/bench_limits.py                     as many entries as the rule set lets in
    scripts/bench_limits.py --share 10          a tenth of each

Making it (tests/support/full_deal.py) is not measured. What is measured is one whole check of the file, in a process of
its own.
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

from tests.support.full_deal import full_deal  # noqa: E402

CHECK = """
import json, sys, time
from pathlib import Path
from tests.support.memory import peak
from verifier.evidence.verdict_json import format_verdict
from verifier.evidence.verify import verify
from verifier.log.trust import parse_policy

folder, instant = Path(sys.argv[1]), int(sys.argv[2])
file, policy = (folder / "evidence").read_bytes(), parse_policy((folder / "policy").read_text("utf-8"))
began = time.perf_counter()
verdict = json.loads(format_verdict(verify(file, policy, instant=instant)))
print(json.dumps({
    "checked_s": round(time.perf_counter() - began, 1), "processor_s": round(time.process_time(), 1),
    "peak_mib": peak() >> 20, "outcome": verdict["outcome"],
    "code": verdict.get("code"), "authorised": verdict.get("authorised"),
    "paid": (verdict.get("paid") or {}).get("answer"),
}))
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--share", type=int, default=1, metavar="N", help="one N-th of each quota")
    options = parser.parse_args()
    began = time.perf_counter()
    cast, usage = full_deal(options.share)
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


if __name__ == "__main__":
    main()
