"""What the registry does in a second, and what it takes: ``scripts/bench [--entries N] [--share N] [--json]``.

A registry is made in a temporary folder and filled with ``--entries`` signed usages; then it is asked for proofs,
served over HTTP, and one of its evidence files is checked. docs/benchmarks.md says how each figure is measured and what
limits it.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import random
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

from nacl.signing import SigningKey as RawKey  # noqa: E402

from registry.config import create  # noqa: E402
from registry.evidence import evidence  # noqa: E402
from registry.listing import subject_answer  # noqa: E402
from registry.metering import STRANGER  # noqa: E402
from registry.problems import Problem  # noqa: E402
from registry.service import Logged, Service  # noqa: E402
from registry.web.auth.authority import Authority  # noqa: E402
from registry.web.auth.signatures import HttpRequest  # noqa: E402
from scripts.bench_http import drive, request  # noqa: E402
from scripts.bench_load import FULL, Deal, Load  # noqa: E402
from scripts.bench_money import decide_ms  # noqa: E402
from verifier.programs.collecting import settle  # noqa: E402
from verifier.programs.request_signing import RequestSigner  # noqa: E402
from verifier.rules.model.question import Question  # noqa: E402
from verifier.statements.envelope import pae, parse_envelope  # noqa: E402
from verifier.statements.types import Usage  # noqa: E402

ORIGIN = "bench.example/log"
BATCH = 1_000
CALL = 50_000
"""Usages of one call."""
FIRST = 10_000
"""So many entries at the beginning and at the end are compared with one another."""
POSTS = {1: 400, 16: 2_000, 64: 4_000}
"""Clients -> requests in all."""
WARM = 20
"""Posts before the clock starts."""
MOST_SHARE = 10
PROOFS = 2_000
CHECKS = 11
SIGNED = 500
HISTORY = 1_000
JUDGED = 500
"""Usages of one consent that are judged with ``require``, after so many that are only logged."""
LONG = 100_000
"""Usages from which on the replay is measured on all mixes, and at length."""


def main() -> None:
    parser = argparse.ArgumentParser(prog="scripts/bench", description=(__doc__ or "").split("\n\n")[1])
    parser.add_argument("--entries", type=int, default=20_000, metavar="N", help="usages to log (default: 20000)")
    parser.add_argument("--json", action="store_true", help="print one JSON object and nothing else")
    parser.add_argument("--folder", type=Path, metavar="DIR", help="where to make the registry (default: a new one)")
    parser.add_argument("--share", type=int, default=1, metavar="N", help="one N-th of all, to see that it runs")
    options = parser.parse_args()
    if options.entries < FIRST or not 1 <= options.share <= MOST_SHARE:
        parser.error(f"--entries: at least {FIRST}; --share: 1 to {MOST_SHARE}")
    folder = Path(tempfile.mkdtemp(prefix="kembar-bench-", dir=options.folder))
    say = (lambda line: None) if options.json else (lambda line: print(line, file=sys.stderr, flush=True))
    try:
        found = measure(folder / "registry", options.entries, options.share, say)
    finally:
        shutil.rmtree(folder)
    print(json.dumps(found) if options.json else table(found))


def measure(root: Path, entries: int, share: int, say: Callable[[str], None]) -> dict[str, Any]:
    """Everything, in the order in which one registry can be used for it; of each one ``share``-th."""
    compile_modules()
    now, entries, batch = int(time.time()), entries // share, BATCH // share
    posts = {clients: count // share for clients, count in POSTS.items()}
    made = create(root, ORIGIN, now=lambda: now, guard=str(root.with_name("guard.json")))
    with Service(made, clock=lambda: now) as service:
        say("parties and consents ...")
        load = Load(service, made.registrar_key(), now, room=2 * batch + entries + WARM + sum(posts.values()))
        found = bulk(service, load, entries, batch, say)
        say("proofs ...")
        found |= proofs(service, PROOFS // share)
        found["sign_in_ms"] = sign_in_ms(service, load, SIGNED // share)
        file = checked_file(service, load, root)
        say("admission ...")
        found |= admission(service, load, entries, share)
        size = service.published.checkpoint.size
    found["bytes_per_entry"] = round(on_disk(root) / size)  # closed, so that the database's journal is empty
    say("checks ...")
    found["check_ms"] = check_ms(file, root / "trust.policy", -(-CHECKS // share))
    say("single posts ...")
    found |= served(root, load, posts)
    say("deciding ...")
    found["decide_usages"] = min(10_000, entries // 20)
    found["decide_ms"] = decide_ms(found["decide_usages"])["decide_ms"]
    say("replay ...")
    found |= replay("--share", str(share), *([] if entries >= LONG else ["--short"]))
    order = (
        "verify_per_s", "bulk_append_per_s", "bulk_append_ratio", "bulk_registry_us", "bulk_workers_us",
        "append_flatness", "single_post",
        "inclusion_proof_ms", "index_proof_ms", "sign_in_ms", "check_ms", "bytes_per_entry", "pss_mib", "start_s",
        "admission_flatness", "decide_ms", "decide_usages", "replay_ratio", "replay_ratio_consents",
        "replay_ratio_usages",
    )  # fmt: skip
    return {name: found[name] for name in order if name in found}


# ---- bulk


def bulk(service: Service, load: Load, entries: int, batch: int, say: Callable[[str], None]) -> dict[str, Any]:
    """Append ``entries`` usages, in calls that are timed; between two of them the next usages are made and signed."""
    append(service, list(load.usages(2 * batch)))  # starts the workers
    settle()
    base = service.published.checkpoint.size
    verify: list[float] = []
    marks: list[tuple[int, float]] = []
    seconds = 0.0
    spent: Counter[int] = Counter()
    for start in range(0, entries, CALL):
        usages = list(load.usages(min(CALL, entries - start)))
        verify.append(verify_rate(usages[0]))
        before = Counter({pid: processor_us(pid) for pid in family(os.getpid())})
        with Progress(service) as progress:
            begin = time.perf_counter()
            append(service, usages)
            taken = time.perf_counter() - begin
        spent += Counter({pid: processor_us(pid) for pid in family(os.getpid())}) - before
        marks += [(size - base, seconds + at - begin) for size, at in progress.seen]
        seconds += taken
        if (start // CALL) % 4 == 0 or start + CALL >= entries:
            say(f"{start + len(usages)} usages, {len(usages) / taken:.0f} a second")
    verify.append(verify_rate(usages[0]))
    verified, appended = statistics.median(verify), entries / seconds
    ends = FIRST * batch // BATCH
    first = rate(marks, batch, ends)
    last = rate(marks, entries - ends, entries - batch)
    return {
        "verify_per_s": round(verified),
        "bulk_append_per_s": round(appended),
        "bulk_append_ratio": round(appended / verified, 3),
        "bulk_registry_us": round(spent[os.getpid()] / entries, 1),
        "bulk_workers_us": round((spent.total() - spent[os.getpid()]) / entries, 1),
        "append_flatness": round(last / first, 3),
    }


class Progress:
    """Notes when the published log had which size, every few milliseconds while it is entered."""

    def __init__(self, service: Service) -> None:
        self.seen: list[tuple[int, float]] = []
        self._service = service
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def _watch(self) -> None:
        while not self._stop.wait(0.005):
            self._look()

    def _look(self) -> None:
        size = self._service.published.checkpoint.size
        if not self.seen or size > self.seen[-1][0]:
            self.seen.append((size, time.perf_counter()))

    def __enter__(self) -> Progress:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()
        self._look()


def rate(marks: Sequence[tuple[int, float]], start: int, end: int) -> float:
    """Entries a second between the first marks at or beyond two sizes."""
    (low, began), (high, ended) = (next(mark for mark in marks if mark[0] >= size) for size in (start, end))
    return (high - low) / (ended - began)


def append(service: Service, usages: Sequence[bytes]) -> None:
    """All in one call, which the registry checks and seals in batches of 1,000; every usage must be logged."""
    for outcome in service.submit(usages):
        if not isinstance(outcome, Logged) or outcome.repeated:
            raise SystemExit(f"the registry refused a usage of the benchmark: {outcome}")


def admission(service: Service, load: Load, entries: int, share: int) -> dict[str, float]:
    """The rate at which usages of one deal are judged and logged with ``require``: after many over after none.

    The deal is renewed whenever a consent of it is full; both times the one in force has some usages.
    """
    deal = load.new_deal()
    few = judged_per_s(service, load, deal, share)
    for _ in range(max(1, min(LONG, entries) // FULL)):
        deal = load.renewed(deal)
        append(service, [load.usage(deal) for _ in range(FULL)])
    many = judged_per_s(service, load, load.renewed(deal), share)
    return {"admission_flatness": round(many / few, 3)}


def judged_per_s(service: Service, load: Load, deal: Deal, share: int) -> float:
    """One is judged before the clock starts, so that what the registry keeps of the consent has caught up."""
    append(service, [load.usage(deal) for _ in range(HISTORY // share)])
    service.submit([load.usage(deal)], require=True)
    usages = [load.usage(deal) for _ in range(JUDGED // share)]
    start = time.perf_counter()
    for outcome in service.submit(usages, require=True):
        if not isinstance(outcome, Logged):
            raise SystemExit(f"the registry refused a usage of the benchmark: {outcome}")
    return len(usages) / (time.perf_counter() - start)


def verify_rate(submission: bytes) -> float:
    """Signatures a second that PyNaCl verifies on one core, over the bytes that a usage's signature is over."""
    envelope = parse_envelope(submission[submission.index(b'"envelope":') + 11 : -1])
    message = pae(envelope.payload)
    key = RawKey.generate()
    signature = key.sign(message).signature
    verify_key = key.verify_key
    rounds = 3_000
    start = time.perf_counter()
    for _ in range(rounds):
        verify_key.verify(message, signature)
    return rounds / (time.perf_counter() - start)


# ---- reading


def proofs(service: Service, count: int) -> dict[str, Any]:
    """Milliseconds for one inclusion proof, and for one subject's list with its index proof, at the published size."""
    size = service.published.checkpoint.size
    chance = random.Random(1)
    places = [chance.randrange(size) for _ in range(count)]
    start = time.perf_counter()
    for place in places:
        service.inclusion(place, size)
    inclusion = time.perf_counter() - start
    record = service.record()
    subjects = []
    for place in places:
        entry = record.entry(place)
        if entry is not None and isinstance(entry.statement, Usage):
            subjects.append(f"asset:{entry.statement.assets[0]}")
    start = time.perf_counter()
    for subject in subjects:
        subject_answer(service, subject, STRANGER, lambda: False)
    index = time.perf_counter() - start
    return {
        "inclusion_proof_ms": round(inclusion / len(places) * 1000, 4),
        "index_proof_ms": round(index / len(subjects) * 1000, 4),
    }


def sign_in_ms(service: Service, load: Load, count: int) -> float:
    """Milliseconds that one signed request costs before it is looked at; the median."""
    authority = Authority(service.readers.holders.of, lambda: ["https://bench.example"], began=0)
    spent: list[float] = []
    for number in range(count):
        signer = RequestSigner(load.deals[number % len(load.deals)].brand.keys[0])
        fields = signer.headers("GET", "bench.example", "/grants", "")
        headers = {name.lower(): text for name, text in fields.items()}
        asked = HttpRequest(method="GET", path="/grants", query="", headers=headers, has_body=False)
        start = time.perf_counter()
        found = authority.signed(asked, io.BytesIO())
        spent.append(time.perf_counter() - start)
        assert isinstance(found, tuple), found
    return round(statistics.median(spent) * 1000, 3)


def checked_file(service: Service, load: Load, root: Path) -> Path:
    """The evidence file on the one usage of a fresh consent."""
    usage = load.usage(load.new_deal())
    [logged] = service.submit([usage])
    assert isinstance(logged, Logged)
    data = evidence(service, Question(kind="usage", id=logged.id), None)
    if isinstance(data, Problem):
        raise SystemExit(f"no evidence: {data.detail}")
    file = root.parent / "usage.evidence.json"
    file.write_bytes(data)
    return file


def check_ms(file: Path, policy: Path, count: int) -> float:
    """Milliseconds of ``verifier check`` on one usage, a whole process: the median of several."""
    command = [sys.executable, "-m", "verifier", "check", str(file), "--trust", str(policy), "--json"]
    times = []
    for _ in range(count):
        start = time.perf_counter()
        done = subprocess.run(command, cwd=ROOT, capture_output=True, check=False)
        times.append(time.perf_counter() - start)
        if b'"authorised":"AUTHORISED"' not in done.stdout:
            raise SystemExit(f"verifier check did not say what it should: {done.stdout!r} {done.stderr!r}")
    return round(statistics.median(times) * 1000, 1)


def compile_modules() -> None:
    """As an installation of a package does: where it has not been done, each start of a program takes twice as long."""
    folders = [str(ROOT / package) for package in ("registry", "verifier")]
    subprocess.run([sys.executable, "-m", "compileall", "-q", *folders], check=True)


def replay(*options: str) -> dict[str, float]:
    """The ratios, from a process of its own, as an audit is: a fork of this one would drag its memory along."""
    command = [sys.executable, str(ROOT / "scripts" / "bench_replay.py"), *options]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, check=True)
    found: dict[str, float] = json.loads(done.stdout)
    return found


def on_disk(root: Path) -> int:
    """Bytes that the folder takes on disk."""
    return sum(path.lstat().st_blocks * 512 for path in root.rglob("*"))


# ---- HTTP


def served(root: Path, load: Load, posts: Mapping[int, int]) -> dict[str, Any]:
    """``posts`` is as :data:`POSTS`: seconds until the registry answers, figures by number of clients, and MiB of the
    serving processes afterwards.
    """
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "registry", "serve", str(root), "--port", str(port), "--threads", "64"]
    start = time.perf_counter()
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    try:
        address = ("127.0.0.1", port)
        wait_for(address, process)
        started = time.perf_counter() - start
        drive(address, iter([request(ORIGIN, usage) for usage in load.usages(WARM)]), 1)
        found = {}
        for clients, count in posts.items():
            requests = [request(ORIGIN, usage) for usage in load.usages(count)]
            measured = drive(address, iter(requests), clients)
            found[str(clients)] = {
                "per_s": round(measured.per_second),
                "p50_ms": round(measured.percentile(0.5), 2),
                "p99_ms": round(measured.percentile(0.99), 2),
            }
        memory = round(sum(pss_kib(pid) for pid in family(process.pid)) / 1024)
        return {"single_post": found, "pss_mib": memory, "start_s": round(started, 2)}
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate()


def wait_for(address: tuple[str, int], process: subprocess.Popen[bytes]) -> None:
    """Until the registry has read its log and answers."""
    for _ in range(6_000):
        if process.poll() is not None:
            raise SystemExit(f"the registry did not start: {process.communicate()[1]!r}")
        try:
            socket.create_connection(address).close()
            return
        except OSError:
            time.sleep(0.02)
    raise SystemExit("the registry does not answer")


def family(pid: int) -> list[int]:
    """A process and its children."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *(one for child in children for one in family(int(child)))]


def processor_us(pid: int) -> int:
    """Microseconds that a process has had of all processors."""
    times = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(times[11]) + int(times[12])) * 1_000_000 // os.sysconf("SC_CLK_TCK")


def pss_kib(pid: int) -> int:
    """A process's share of all the memory that it has part in (proportional set size), in KiB."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))


def table(found: dict[str, Any]) -> str:
    """For people."""
    rows = [
        ("signatures verified a second on one core, PyNaCl alone", f"{found['verify_per_s']:,}"),
        ("usages appended a second, in bulk", f"{found['bulk_append_per_s']:,}"),
        ("  as a ratio to the above (goal: 0.75)", f"{found['bulk_append_ratio']}"),
        ("  processor time of one, in the registry's process", f"{found['bulk_registry_us']} us"),
        ("  processor time of one, in the workers", f"{found['bulk_workers_us']} us"),
        ("  rate at the end over that at the beginning (goal: 0.8)", f"{found['append_flatness']}"),
        ("inclusion proof (goal: < 1 ms)", f"{found['inclusion_proof_ms']} ms"),
        ("list and index proof (goal: < 1 ms)", f"{found['index_proof_ms']} ms"),
        ("signing in (goal: < 2 ms)", f"{found['sign_in_ms']} ms"),
        ("verifier check of one usage (goal: < 150 ms)", f"{found['check_ms']} ms"),
        ("bytes on disk an entry", f"{found['bytes_per_entry']:,}"),
        ("memory of the serving processes (goal at 1,000,000: 400 MiB)", f"{found['pss_mib']:,} MiB"),
        ("start, until it answers (goal at 1,000,000: 2 s)", f"{found['start_s']} s"),
        ("rate of judging usages of one deal, after many over after 1,000", f"{found['admission_flatness']}"),
        (f"deciding one of {found['decide_usages']:,} usages (goal at 10,000: < 50 ms)", f"{found['decide_ms']} ms"),
        ("replay over 2 cores' raw rate, all signatures (goal: 0.85)", f"{found['replay_ratio']}"),
    ]
    for clients, one in found["single_post"].items():
        rows.append(
            (f"single posts, {clients} clients", f"{one['per_s']:,}/s, p50 {one['p50_ms']} ms, p99 {one['p99_ms']} ms")
        )
    return "\n".join(f"{name:<66} {value}" for name, value in rows)


if __name__ == "__main__":
    main()
