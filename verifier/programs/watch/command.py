"""``verifier watch``: new entries about a party, a file or a consent, with proof that none was skipped."""

from __future__ import annotations

import argparse
import contextlib
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from hashlib import sha256
from typing import TYPE_CHECKING

from verifier.programs import log_key
from verifier.programs.console import (
    CANNOT_TELL,
    INVALID,
    NO,
    YES,
    Unusable,
    complain,
    hours,
    print_bytes,
    print_lines,
    read_policy,
    unwritable,
)
from verifier.programs.language import add_option, choose, english
from verifier.words.catalogue import Sentence

if TYPE_CHECKING:
    from verifier.evidence.following import NewLogKey
    from verifier.programs.watch.known import WatchState
    from verifier.programs.watch.news import News
    from verifier.programs.watch.watcher import LogFault, Look, Watcher
    from verifier.programs.watch.webhook import Webhook
    from verifier.words.catalogue import Catalogue

HELP = """\
Tells of every new entry about a party, a file or a consent, and proves that none was left out: the log only grew, the
subject's list is the one that the log's index holds, and the list that was seen before is its beginning.

SOURCE is the URL of a registry, or of a mirror, or a folder with a log's files. A source that proves no lists is read
entry by entry, which proves as much. --read-all reads every entry of a registry too, so that a list which leaves one
out is found without waiting for an auditor.

The first look only remembers what there is (--from-start tells it all). With --state the next run goes on from there.
What is found against the log is told loudly, and written as *.misbehaviour.json for 'verifier check' where it is
proven; both checkpoints of a fork are kept.

Each --webhook gets a POST of JSON for each subject with news, proof included, and one for each fault. What one of them
does not take waits for it in the state, and is tried again at the next look, while the others go on: it may come twice,
and never not at all.
"""

END = """\
exit status:
  0   what there was to see was seen, and all of it is proven
  1   something is wrong with the log: see what was printed
  2   the command was called wrongly, or a file of yours cannot be used
  3   the source or a webhook cannot be reached, or the newest checkpoint is too old to say what is new
  4   the log is not trusted by the policy, or what is served is not what its checkpoint signs
  70  a fault in this program
"""


MAX_WAITING = 256 * 1024 * 1024
"""Bytes that may wait for webhooks before looking stops."""


LOOK_WARNING = 300.0
"""Seconds that a look may take before it is said that it does."""


def add_command(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> argparse.ArgumentParser:
    """Add ``watch`` to the verifier's commands."""
    watch = commands.add_parser(
        "watch",
        help="tell of new entries about a party, a file or a consent",
        description=HELP,
        epilog=END,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    watch.add_argument("source", metavar="SOURCE", help="the log's URL, or a folder")
    watch.add_argument("--trust", metavar="POLICY", required=True, help="whom you trust: a C2SP tlog-policy file")
    for name, metavar, what in (
        ("party", "ID", "every entry that names this party"),
        ("asset", "SHA256", "every entry that names this exact file"),
        ("consent", "ID", "this consent: what becomes of it, its uses, and its money"),
        ("subject", "SUBJECT", "a list by its name in the protocol, as in exclusive:ID"),
    ):
        watch.add_argument(f"--{name}", metavar=metavar, action="append", default=[], help=what)
    watch.add_argument("--state", metavar="FILE", help="where to remember what was seen (default: nowhere)")
    watch.add_argument("--from-start", action="store_true", help="tell what is there already, too")
    watch.add_argument("--read-all", action="store_true", help="read every entry, and hold the lists against them")
    watch.add_argument("--once", action="store_true", help="look once (default: until interrupted)")
    watch.add_argument("--interval", metavar="SECONDS", type=_seconds, default=10, help="between looks (default: 10)")
    watch.add_argument("--max-age", metavar="HOURS", type=hours, default=24, help="how old the checkpoint may be (24)")
    watch.add_argument("--webhook", metavar="URL", action="append", default=[], help="where to POST news")
    watch.add_argument("--follow-keys", action="store_true", help=log_key.HELP)
    watch.add_argument("--json", action="store_true", help="print a line of JSON for each subject with news")
    watch.add_argument("-o", "--output", metavar="DIR", default=".", help="where to write proofs of faults")
    add_option(watch)
    watch.set_defaults(run=run)
    return watch


def _seconds(text: str) -> int:
    if not text.isascii() or not text.isdecimal() or not 1 <= int(text[:7]) <= 86_400:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of seconds from 1 to 86400")
    return int(text)


def run(options: argparse.Namespace) -> int:
    """Carry out the command; returns the exit status."""
    from verifier.programs.http import BadUrl
    from verifier.programs.source import Unreachable, open_source
    from verifier.programs.watch.watcher import Watcher
    from verifier.programs.watch.webhook import Webhook

    watched = _subjects(options)
    policy = read_policy(options.trust)
    known = _read_state(options.state)
    try:
        webhooks = [Webhook(url) for url in options.webhook]
        source = open_source(options.source)
    except BadUrl as error:
        raise Unusable(str(error)) from None
    except Unreachable as error:
        return complain(str(error), CANNOT_TELL)
    watcher = Watcher(source, policy, watched, known, read_all=options.read_all)
    desk = _WatchLoop(watcher, webhooks, options)
    if options.once:
        return desk.look()
    with _stoppable() as wait:
        while True:
            desk.look()
            if wait(options.interval):
                return NO if desk.has_found else YES


def _subjects(options: argparse.Namespace) -> list[str]:
    from verifier.base.errors import Malformed
    from verifier.statements.subjects import parse_subject

    found = [
        *(f"party:{id}" for id in options.party),
        *(f"asset:{digest}" for digest in options.asset),
        *(f"{kind}:{id}" for id in options.consent for kind in ("account", "consent", "uses")),
        *options.subject,
    ]
    if not found:
        raise Unusable(Sentence("usage.nothing_watched"))
    for subject in found:
        try:
            parse_subject(subject)
        except Malformed:
            kind, _, id = subject.partition(":")
            raise Unusable(Sentence("usage.not_an_id", text=id or kind)) from None
    return list(dict.fromkeys(found))


@contextlib.contextmanager
def _stoppable() -> Iterator[Callable[[float], bool]]:
    """Waits some seconds, or until an interrupt or a signal to end: then it gives True."""
    asked = threading.Event()
    signals = [signal.SIGINT, signal.SIGTERM]
    former = {one: signal.signal(one, lambda *_: asked.set()) for one in signals}
    try:
        yield asked.wait
    finally:
        for one, handler in former.items():
            signal.signal(one, handler)


# ---- state


def _read_state(path: str | None) -> WatchState:
    from verifier.base.errors import KembarError
    from verifier.programs.files import read_input
    from verifier.programs.watch.known import MAX_STATE, WatchState, parse_known

    if path is None:
        return WatchState()
    try:
        data = read_input(path, MAX_STATE)
    except FileNotFoundError:
        return WatchState()
    except OSError as error:
        raise Unusable(Sentence("usage.cannot_read", path=str(path), why=str(error.strerror))) from None
    try:
        return parse_known(data)
    except KembarError as error:
        raise Unusable(Sentence("usage.not_a_state", path=str(path), why=str(error))) from None


def write_whole(path: str, data: bytes) -> None:
    """Put ``data`` in place so that whoever looks, even after a power cut, finds it whole or the older file."""
    part = f"{path}.part"
    try:
        with open(part, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, path)
    except OSError as error:
        raise unwritable(path, error) from None


# ---- looking and telling


@contextlib.contextmanager
def _minded(words: Catalogue) -> Iterator[None]:
    """A source that goes on answering and never ends must not look like one that has no news."""
    alarm = threading.Timer(LOOK_WARNING, complain, (words.say("watch.silent"), CANNOT_TELL))
    alarm.daemon = True
    alarm.start()
    try:
        yield
    finally:
        alarm.cancel()


class _WatchLoop:
    """Looks, prints, remembers, and delivers. What is to be delivered is remembered until it is: who is killed at any
    moment may tell something twice, and forgets nothing.
    """

    def __init__(self, watcher: Watcher, webhooks: list[Webhook], options: argparse.Namespace) -> None:
        self._watcher = watcher
        self._webhooks = webhooks
        self._options = options
        self._words = choose(options.language)
        self._kept: bytes | None = None
        self._was_stale = False
        self._told: tuple[str, bool] | None = None
        self.has_found = False
        waiting = watcher.known.waiting
        watcher.known.waiting = {hook.url: waiting.get(hook.url, []) for hook in webhooks}

    def look(self) -> int:
        """Look once; the exit status that it comes to."""
        waiting = self._watcher.known.waiting
        if sum(len(body) for posts in waiting.values() for body in posts) > MAX_WAITING:
            status = complain(self._words.say("watch.too_much_waits"), CANNOT_TELL)
        else:
            with _minded(self._words):
                status = self._look()
        self._save()
        is_delivered = all([self._deliver(hook) for hook in self._webhooks])
        self._save()
        return status if is_delivered or status != YES else CANNOT_TELL

    def _look(self) -> int:
        from verifier.base.errors import KembarError
        from verifier.programs.source import Broken, Unreachable

        try:
            look = self._watcher.look(from_start=self._options.from_start)
        except Unreachable as error:
            return complain(str(error), CANNOT_TELL)
        except (Broken, KembarError) as error:
            return complain(str(error), INVALID)
        self._print(look)
        self._watcher.keep(look)
        self._enqueue(look)
        if look.new_log_key is not None:
            self._tell_of(look.new_log_key)
        if look.faults:
            self.has_found = True
        if look.faults or look.as_of is None:
            return NO
        return self._age(look.as_of)

    def _tell_of(self, new: NewLogKey) -> None:
        """Once that there is one, and once that the policy may follow it."""
        telling = str(new.key), new.may_follow
        if telling != self._told:
            self._told = telling
            log_key.say(new, self._options)
            self._watcher.follow(read_policy(self._options.trust))

    def _age(self, as_of: int) -> int:
        is_stale = time.time() > as_of + self._options.max_age * 3600
        if is_stale and not self._was_stale:
            complain(self._words.say("watch.stale", at=self._words.moment(as_of)), CANNOT_TELL)
        self._was_stale = is_stale
        return CANNOT_TELL if is_stale else YES

    def _enqueue(self, look: Look) -> None:
        from verifier.programs.watch.news import format_news

        bodies = [format_fault(fault) for fault in look.faults]
        bodies += [format_news(news) for news in look.news if news.entries]
        for posts in self._watcher.known.waiting.values():
            posts.extend(bodies)

    def _deliver(self, hook: Webhook) -> bool:
        """Post what waits for a webhook, in order; whether all of it was taken."""
        from verifier.programs.watch.webhook import NotDelivered, WebhookRefused

        left = self._watcher.known.waiting[hook.url]
        waiting = left[:]
        left.clear()
        for place, body in enumerate(waiting):
            try:
                hook.post(body)
            except WebhookRefused as error:  # the next may be to its liking
                complain(str(error), CANNOT_TELL)
                left.append(body)
            except NotDelivered as error:
                complain(str(error), CANNOT_TELL)
                left += waiting[place:]
                break
        return not left

    def _print(self, look: Look) -> None:
        from verifier.programs.watch.news import format_news

        for fault in look.faults:
            paths = self._write_proofs(fault)
            if self._options.json:
                print_bytes(format_fault(fault) + b"\n")
            else:
                kept = [f"    {self._words.say('watch.kept', path=path)}" for path in paths]
                print_lines([f"!!! {self._words.tell(fault.sentence)}", *kept])
        for news in look.news:
            if not self._options.json:
                if news.entries or news.before is None or self._options.once:
                    print_lines(_news_lines(news, look.basis, self._words))
            elif news.entries:
                print_bytes(format_news(news) + b"\n")
        sys.stdout.flush()

    def _write_proofs(self, fault: LogFault) -> list[str]:
        """Misbehaviour files where it is proven; of a fork and the like the checkpoints in any case."""
        paths = []
        folder = self._options.output
        if fault.proofs:
            for proof in fault.proofs:
                name = f"{fault.kind}-{sha256(proof).hexdigest()[:12]}.misbehaviour.json"
                paths.append(os.path.join(folder, name))
                write_whole(paths[-1], proof)
        if fault.kind in ("fork", "shrunk"):
            for note in fault.notes:
                name = f"{fault.kind}-{sha256(note.encode()).hexdigest()[:12]}.checkpoint"
                paths.append(os.path.join(folder, name))
                write_whole(paths[-1], note.encode())
        return paths

    def _save(self) -> None:
        from verifier.programs.watch.known import format_known

        if self._options.state is not None:
            data = format_known(self._watcher.known)
            if data != self._kept:
                write_whole(self._options.state, data)
                self._kept = data


def _news_lines(news: News, basis: str, words: Catalogue) -> Iterator[str]:
    from verifier.base.strict import format_instant
    from verifier.evidence.describe import describe

    for entry in news.entries:
        logged = format_instant(entry.logged)
        yield f"{entry.index:>8}  {logged}  {entry.statement.type:<11} {describe(entry.statement, words)}"
    id = "watch.nothing_new"
    if news.entries:
        id = "watch.new"
    elif news.before is None:
        id = "watch.watching"
    yield words.say(
        id,
        subject=news.subject,
        count=len(news.entries),
        rows=words.say("watch.rows", n=news.rows),
        shown=words.say("watch.read" if news.answer is None else "watch.proven"),
        at=words.moment(news.as_of),
        basis=words.say(f"basis_word.{basis}"),
    )


def format_fault(fault: LogFault) -> bytes:
    """A fault as JSON, with the checkpoints and the misbehaviour files that it is about."""
    from verifier.base import canonical
    from verifier.misbehaviour.file import MAX_MISBEHAVIOUR

    value: dict[str, canonical.Json] = {
        "checkpoints": list(fault.notes),
        "fault": fault.kind,
        "format": "kembar-fault/1",
        "proofs": [canonical.parse(proof, limit=MAX_MISBEHAVIOUR) for proof in fault.proofs],
        "describe": english().tell(fault.sentence),
    }
    if fault.subject:
        value["subject"] = fault.subject
    if fault.entries:
        value["entries"] = list(fault.entries)
    return canonical.encode(value)
