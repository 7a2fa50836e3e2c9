"""How fast a log is replayed, against what the signatures on it alone would take on one core.

    scripts/bench_replay.py                       the ratios, each in one run beside the raw rate
    scripts/bench_replay.py --short               only the first, on a log half as long
    scripts/bench_replay.py --share 10            one tenth of each, to see that it runs
    scripts/bench_replay.py --usages 1000000      a long log too: rate and memory

A log is made first, as files, and its making is not measured. ``replay_ratio`` is signatures checked a second in the
replay of a log that is all signatures (enrolments of parties with full sets of keys), over cores times raw rate; the
same is told for consents, with three signatures each, and for usages, with one.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

from tests.support.memory import children, forget_peak, peak  # noqa: E402
from verifier.base import canonical, crypto, private_keys  # noqa: E402
from verifier.base.canonical import Json  # noqa: E402
from verifier.base.strict import format_b64, format_b64u, format_instant  # noqa: E402
from verifier.index.proofs import subject_key  # noqa: E402
from verifier.index.tree import IndexTree  # noqa: E402
from verifier.log.checkpoint import Checkpoint  # noqa: E402
from verifier.log.hashing import leaf_hash, root  # noqa: E402
from verifier.log.tiles import WIDTH, Tile, format_entries, parse_entries  # noqa: E402
from verifier.log.trust import parse_policy  # noqa: E402
from verifier.log.writing import (  # noqa: E402
    Signer,
    format_checkpoint,
    format_note,
)
from verifier.programs.audit.replayer import Replayer  # noqa: E402
from verifier.programs.audit.workers import usable_cores  # noqa: E402
from verifier.programs.source import open_source  # noqa: E402
from verifier.replay.growing_lists import Lists  # noqa: E402
from verifier.statements.envelope import Signature, pae, parse_envelope  # noqa: E402
from verifier.statements.making import format_envelope  # noqa: E402
from verifier.statements.parse import parse_statement  # noqa: E402
from verifier.statements.subjects import subjects  # noqa: E402

ORIGIN = "bench.example/log"
START = 1_790_000_000
BATCH = 1_000
RAW_CHECKS = 20_000
KEYS = 8


def key(label: str) -> private_keys.SigningKey:
    """A key that is the same at every run."""
    return private_keys.SigningKey(sha256(label.encode()).digest())


class Frontiers(dict[bytes, bytes]):
    """Where :class:`Lists` puts frontiers, in memory."""

    def frontier(self, key: bytes) -> bytes:
        return self[key]

    def put_frontiers(self, peaks: Iterable[tuple[bytes, bytes]]) -> None:
        self.update(peaks)


@dataclass
class Party:
    """A party of the log that is made."""

    id: str
    key: private_keys.SigningKey


class Maker:
    """Writes a log of valid entries as tiles and bundles under ``root``."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.signer = Signer(ORIGIN, key("log"))
        self.log_key, self.registrar = key("log"), key("registrar")
        self.at = START
        self.genesis = ""
        self._count = 0
        self._levels: list[list[bytes]] = [[]]
        self._sizes = [0]
        self._bundle: list[bytes] = []
        self._batch: list[tuple[bytes, ...]] = []
        self._first = 0
        self._lists = Lists(IndexTree(), Frontiers())
        members = {
            "log": str(self.signer.verifier),
            "origin": ORIGIN,
            "profile": "open",
            "registrars": [self.registrar.public.hex()],
            "rules": 2,
        }
        self.genesis = self.log("genesis", members, {}, (), [self.log_key])
        self.seal()

    @property
    def size(self) -> int:
        """Entries so far."""
        return self._sizes[0]

    def statement(
        self, type: str, members: dict[str, Json], parties: dict[str, Json], sections: Sequence[str]
    ) -> bytes:
        """The bytes of a statement whose nonce and section digests are fresh."""
        self._count += 1
        fresh = sha256(b"fresh %d" % self._count).digest()
        value = {
            **members,
            "at": format_instant(self.at),
            "kembar": 2,
            "nonce": format_b64u(fresh[:16]),
            "parties": parties,
            "registry": self.genesis,
            "sections": {name: format_b64u(sha256(fresh + name.encode()).digest()) for name in sections},
            "type": type,
        }
        return canonical.encode({name: one for name, one in value.items() if one not in ({}, "")})

    def log(
        self,
        type: str,
        members: dict[str, Json],
        parties: dict[str, Json],
        sections: Sequence[str],
        keys: Sequence[private_keys.SigningKey],
    ) -> str:
        """Sign and append a statement; its id. A batch is sealed when it is full."""
        payload = self.statement(type, members, parties, sections)
        message = pae(payload)
        leaf = format_envelope(payload, [Signature(keyid=one.public.hex(), sig=one.sign(message)) for one in keys])
        statement = parse_statement(payload)
        self._append(leaf)
        self._batch.append(tuple(subject_key(one) for one in subjects(statement)))
        if len(self._batch) == BATCH:
            self.seal()
        return statement.id

    def seal(self) -> None:
        """Close the batch."""
        self._lists.append(self._first, self.at, self._batch)
        members = {"first": self._first, "index": format_b64(self._lists.root()), "size": self.size}
        payload = self.statement("seal", members, {}, ())
        leaf = format_envelope(
            payload, [Signature(keyid=self.log_key.public.hex(), sig=self.log_key.sign(pae(payload)))]
        )
        self._append(leaf)
        self._batch.clear()
        self._first = self.size
        self.at += 1

    def _append(self, leaf: bytes) -> None:
        self._bundle.append(leaf)
        self._add(0, leaf_hash(leaf))
        if len(self._bundle) == WIDTH:
            self._write(Tile(level=None, index=self.size // WIDTH - 1), format_entries(self._bundle))
            self._bundle.clear()

    def _add(self, level: int, hash: bytes) -> None:
        if level == len(self._levels):
            self._levels.append([])
            self._sizes.append(0)
        row = self._levels[level]
        row.append(hash)
        self._sizes[level] += 1
        if len(row) == WIDTH:
            self._write(Tile(level=level, index=self._sizes[level] // WIDTH - 1), b"".join(row))
            self._add(level + 1, root(row))
            row.clear()

    def _write(self, tile: Tile, data: bytes) -> None:
        path = self.root / tile.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)

    def publish(self) -> str:
        """Seal what is open, write the tiles at the edge and the checkpoint; the policy that trusts it."""
        if self._batch:
            self.seal()
        if self._bundle:
            tile = Tile(level=None, index=self.size // WIDTH, width=len(self._bundle))
            self._write(tile, format_entries(self._bundle))
        peaks: list[bytes] = []
        for level, row in enumerate(self._levels):
            if row:
                self._write(Tile(level=level, index=self._sizes[level] // WIDTH, width=len(row)), b"".join(row))
        for level in reversed(range(len(self._levels))):
            row, start = self._levels[level], 0
            for bit in reversed(range(8)):
                if len(row) >> bit & 1:
                    peaks.append(root(row[start : start + (1 << bit)]))
                    start += 1 << bit
        result = peaks.pop()
        while peaks:
            result = sha256(b"\x01" + peaks.pop() + result).digest()
        text = format_checkpoint(Checkpoint(origin=ORIGIN, size=self.size, root=result))
        (self.root / "checkpoint").write_bytes(format_note(text, [self.signer.sign(text)]).encode())
        return f"log {self.signer.verifier}\nquorum none\n"

    # ---- what it is filled with

    def party(self, role: str, *, keys: int = 1, recovery: int = 1) -> Party:
        """An enrolment."""
        live = [key(f"{self._count} live {number}") for number in range(keys)]
        spare = [key(f"{self._count} spare {number}") for number in range(recovery)]
        members: dict[str, Json] = {"keys": sorted(one.public.hex() for one in live), "roles": [role]}
        if spare:
            members["recovery"] = {"keys": sorted(one.public.hex() for one in spare), "threshold": 1}
        return Party(self.log("party", members, {}, ["person"], [*live, *spare, self.registrar]), live[0])

    def deals(self, models: int, brands: int) -> Iterator[Deal]:
        """Consents between every model and every brand, each model with an agency."""
        agency, maker, fund = self.party("agency"), self.party("maker"), self.party("fund")
        licensees = [self.party("licensee") for _ in range(brands)]
        self.seal()
        for _ in range(models):
            model = self.party("model")
            both = {"maker": maker.id, "model": model.id}
            creation = self.log("consent", {"act": "create"}, both, ["terms"], [model.key, maker.key])
            asset = sha256(b"twin %d" % self._count).hexdigest()
            members: dict[str, Json] = {"assets": [asset], "creation": creation, "modality": "image"}
            twin = self.log("twin", members, both, [], [model.key, maker.key])
            ends = format_instant(self.at + 300 * 86_400)
            members = {"ends": ends, "powers": ["approve"], "starts": format_instant(self.at - 1)}
            parties: dict[str, Json] = {"agency": agency.id, "model": model.id}
            mandate = self.log("mandate", members, parties, ["money"], [model.key, agency.key])
            for brand in licensees:
                parties = {
                    "agency": agency.id,
                    "licensee": brand.id,
                    "model": model.id,
                    "payees": sorted([model.id, fund.id]),
                }
                members = {"act": "use", "twin": twin, "under": mandate}
                keys = [model.key, brand.key, agency.key]
                consent = self.log("consent", members, parties, ["money", "terms"], keys)
                yield Deal(consent, twin, parties, brand.key)

    def usage(self, deal: Deal) -> None:
        """A use of one fresh file."""
        asset = sha256(b"asset %d" % self._count).hexdigest()
        members: dict[str, Json] = {"assets": [asset], "consent": deal.consent, "twin": deal.twin}
        self.log("usage", members, deal.parties, ["terms"], [deal.licensee])


@dataclass
class Deal:
    """A consent, and who declares uses under it."""

    consent: str
    twin: str
    parties: dict[str, Json]
    licensee: private_keys.SigningKey


def make_enrolments(maker: Maker, count: int) -> None:
    """Parties with full sets of keys: 17 signatures each."""
    for _ in range(count):
        maker.party("model", keys=KEYS, recovery=KEYS)


def make_consents(maker: Maker, count: int) -> None:
    """Consents with three signatures each."""
    for number, _ in enumerate(maker.deals(count, 50), 1):
        if number == count:
            break


def make_usages(maker: Maker, count: int) -> None:
    """Usages with one signature each, under a thousand consents."""
    deals = list(maker.deals(40, 25))
    for number in range(count):
        maker.usage(deals[number % len(deals)])


def raw_rate(log: Path) -> float:
    """Signatures of the log's last full bundle that one core checks a second, when it does nothing else."""
    bundles = [path for path in (log / "tile/entries").rglob("*") if path.is_file() and path.parent.suffix != ".p"]
    leaves = parse_entries(max(bundles).read_bytes(), WIDTH)
    signed = [
        (bytes.fromhex(one.keyid), pae(envelope.payload), one.sig)
        for envelope in map(parse_envelope, leaves)
        for one in envelope.signatures
    ]
    checks = 0
    started = time.perf_counter()
    while checks < RAW_CHECKS:
        for public, message, signature in signed:
            assert crypto.verify(public, message, signature)
        checks += len(signed)
    return checks / (time.perf_counter() - started)


@dataclass
class Measured:
    """One replay. Rates are a second; ``memory`` is the largest resident size in MiB, of all processes together."""

    entries: int
    signatures: int
    seconds: float
    raw: float
    jobs: int
    memory: float

    @property
    def ratio(self) -> float:
        """Signatures checked a second over cores times the raw rate."""
        return self.signatures / self.seconds / (self.jobs * self.raw)


def measure(make: Callable[[Maker, int], None], count: int, jobs: int | None = None) -> Measured:
    """Make a log and replay it; the raw rate is taken before and after, in this very run."""
    jobs = jobs or usable_cores()
    with tempfile.TemporaryDirectory() as folder:
        maker = Maker(Path(folder) / "log")
        make(maker, count)
        policy = parse_policy(maker.publish())
        del maker
        raw = [raw_rate(Path(folder) / "log")]
        forget_peak()
        with Replayer(Path(folder) / "store", policy, jobs=jobs) as replayer:
            report = replayer.advance(open_source(f"{folder}/log"))
            found = sum(report.codes.values()) + len(report.now)
            memory = (peak() + sum(map(peak, children()))) / 2**20
        raw.append(raw_rate(Path(folder) / "log"))
        if not report.finished or found:
            raise SystemExit(f"the replay of the benchmark's own log found {report.codes} {report.now}")
        return Measured(report.entries, report.signatures, report.seconds, sum(raw) / 2, jobs, memory)


def replay_ratio(*, short: bool, share: int = 1) -> dict[str, float]:
    """The figures for ``scripts/bench``. ``replay_ratio`` is the one with a target, 0.7; a short run has no other."""
    mixes: list[tuple[str, Callable[[Maker, int], None], int]] = [
        ("replay_ratio", make_enrolments, 12_000),
        ("replay_ratio_consents", make_consents, 20_000),
        ("replay_ratio_usages", make_usages, 40_000),
    ]
    if short:
        mixes = [(name, make, count // 2) for name, make, count in mixes[:1]]
    return {name: round(measure(make, count // share).ratio, 3) for name, make, count in mixes}


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure how fast a log is replayed.")
    parser.add_argument("--short", action="store_true", help="only the ratio that has a target, on a shorter log")
    parser.add_argument("--share", type=int, default=1, metavar="N", help="one N-th of each")
    parser.add_argument("--usages", type=int, default=0, help="also replay a log of so many usages; rate and memory")
    parser.add_argument("--only", choices=["enrolments", "consents", "usages"], help="one mix, with --count")
    parser.add_argument("--count", type=int, default=5_000)
    parser.add_argument("--jobs", type=int)
    options = parser.parse_args()
    if options.only:
        make = {"enrolments": make_enrolments, "consents": make_consents, "usages": make_usages}[options.only]
        show(measure(make, options.count, options.jobs))
        return
    print(json.dumps(replay_ratio(short=options.short, share=options.share), indent=2))
    if options.usages:
        show(measure(make_usages, options.usages, options.jobs))


def show(found: Measured) -> None:
    """One replay, in words."""
    print(
        f"{found.entries} entries, {found.signatures} signatures in {found.seconds:.1f} s with {found.jobs} jobs: "
        f"{found.entries / found.seconds:.0f} entries/s, {found.signatures / found.seconds:.0f} signatures/s; "
        f"raw {found.raw:.0f}/s on one core, ratio {found.ratio:.3f}; at most {found.memory:.0f} MiB"
    )


if __name__ == "__main__":
    main()
