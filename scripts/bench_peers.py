"""The same entries in a registry and in a library that keeps a Merkle log and nothing else, one after the other.

    scripts/bench_peers.py                        20,000 usages
    scripts/bench_peers.py --share 10             a tenth of all, to see that it runs

The library is pymerkle (its ``SqliteTree``): entries and their hashes in SQLite, roots and proofs. It gets the leaves
that the registry has made of the usages, a thousand in one transaction, and is asked for the root after each thousand,
as a log that publishes is. It checks nothing: no signature, no statement, no index, no seal, no tiles. So the registry
is measured a second time on usages that were checked before, which is what its writer takes alone.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

ROOT = Path(__file__).resolve().parents[1]
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

from pymerkle import SqliteTree  # noqa: E402

from registry.config import create  # noqa: E402
from registry.intake.checks import CheckedSubmission  # noqa: E402
from registry.intake.workers import Pool  # noqa: E402
from registry.service import TOGETHER, Service  # noqa: E402
from scripts.bench_load import Load  # noqa: E402
from scripts.bench_main import BATCH, ORIGIN, append, verify_rate  # noqa: E402

ENTRIES = 20_000
ALONE = 200
"""Entries that are appended one at a time."""
PROOFS = 500


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--share", type=int, default=1, metavar="N", help="one N-th of all")
    options = parser.parse_args()
    with TemporaryDirectory(prefix="kembar-peers-") as folder:
        print(json.dumps(measure(Path(folder), options.share), indent=2))


def measure(folder: Path, share: int) -> dict[str, float]:
    """Entries a second, and milliseconds a proof, by who and how."""
    now, count, alone, proofs = int(time.time()), ENTRIES // share, ALONE // share, PROOFS // share
    made = create(folder / "registry", ORIGIN, now=lambda: now, guard=str(folder / "guard.json"))
    with Service(made, clock=lambda: now) as service:
        load = Load(service, made.registrar_key(), now, room=2 * count + 2 * BATCH + alone)
        append(service, list(load.usages(2 * BATCH)))  # starts the workers
        usages = list(load.usages(count))
        found = {"verify_per_s": verify_rate(usages[0])}
        found["registry_per_s"] = count / seconds(lambda: append(service, usages))
        checked = check(list(load.usages(count)))
        found["registry_writer_per_s"] = count / seconds(lambda: write(service, checked))
        single = list(load.usages(alone))
        found["registry_alone_per_s"] = alone / seconds(lambda: one_by_one(partial(append, service), single))
        size = service.published.checkpoint.size
        places = [Random(1).randrange(size) for _ in range(proofs)]
        found["registry_proof_ms"] = median_ms(lambda place: service.inclusion(place, size), places)
        leaves = [leaf for place in range(size) if (leaf := service.leaf(place)) is not None]
        root = service.published.checkpoint.root
    tree = SqliteTree(str(folder / "peer.db"))
    found["pymerkle_per_s"] = size / seconds(lambda: grow(tree, leaves))
    if tree.get_root() != root:
        raise SystemExit("the library's tree over the same leaves has another root")
    found["pymerkle_proof_ms"] = median_ms(lambda place: tree.prove_inclusion(place + 1), places)
    found["pymerkle_alone_per_s"] = alone / seconds(lambda: one_by_one(partial(grow, tree), leaves[:alone]))
    tree.close()
    return {name: round(value, 4 if value < 1 else 1) for name, value in found.items()}


def check(raw: Sequence[bytes]) -> list[CheckedSubmission]:
    """What the workers say of usages that are all right."""
    pool = Pool()
    try:
        return [one for one in pool.check(raw) if isinstance(one, CheckedSubmission)]
    finally:
        pool.close()


def write(service: Service, checked: Sequence[CheckedSubmission]) -> None:
    """Hand over what was checked, as :meth:`Service.submit` does, and wait until all of it is published."""
    parts = [checked[start : start + TOGETHER] for start in range(0, len(checked), TOGETHER)]
    for waiting in [service._hand_over(part, require=False, sender="") for part in parts]:
        waiting.outcomes()


def grow(tree: SqliteTree, leaves: Sequence[bytes]) -> None:
    """Append so many at a time, each time with the root that a log would sign."""
    for start in range(0, len(leaves), BATCH):
        tree.append_entries(leaves[start : start + BATCH])
        tree.get_root()


def one_by_one(add: Callable[[Sequence[bytes]], None], entries: Sequence[bytes]) -> None:
    for entry in entries:
        add([entry])


def seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def median_ms(work: Callable[[int], object], places: Sequence[int]) -> float:
    return statistics.median([seconds(partial(work, place)) for place in places]) * 1000


if __name__ == "__main__":
    main()
