"""``registry init``, ``serve``, ``vkey``, ``fsck`` and ``repair``: for those who run a registry."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import click

from registry.commands.common import (
    Failure,
    Refused,
    Unable,
    answer,
    guard_option,
    json_option,
    language_option,
    shared_options,
)
from verifier.base.errors import KembarError
from verifier.programs.http import BadUrl, is_loopback, parse_url
from verifier.programs.language import choose, tell
from verifier.statements.vocabulary import PROFILES
from verifier.words.catalogue import Sentence

if TYPE_CHECKING:
    from verifier.log.note import Verifier

_FOLDER = click.Path(path_type=Path, file_okay=False)


@click.command()
@click.argument("folder", metavar="DIR", type=_FOLDER)
@click.option("--origin", required=True, help="The log's address without https://, such as registry.example/log.")
@click.option("--profile", type=click.Choice(sorted(PROFILES)), default="open", show_default=True,
              help="Whose duties apply to every consent here.")  # fmt: skip
@click.option("--url", help="Where the log will be served: auditors read it there, and requests are signed for it.")
@click.option("--witness", "witnesses", metavar="VKEY=URL", multiple=True,
              help="Have checkpoints cosigned by this witness or auditor; may be given several times.")  # fmt: skip
@click.option("--quorum", type=click.IntRange(1, 128),
              help="How many cosignatures readers ask for [default: of most witnesses and most auditors].")  # fmt: skip
@guard_option
@shared_options
@language_option
@json_option
def init(
    folder: Path, origin: str, profile: str, url: str | None, witnesses: tuple[str, ...], quorum: int | None,
    guard: str | None, store: str | None, publish: str | None, single: bool | None, language: str | None, as_json: bool,
) -> None:  # fmt: skip
    """Make a registry in DIR: its keys, its first entry and the trust policy for its readers.

    The log key and a registrar key are made in DIR/keys, unlocked, for a registry starts without anybody at a keyboard:
    keep the folder private, and a copy of the keys elsewhere. The origin can never be changed.

    A witness's VKEY is what `verifier witness vkey` prints, its URL where it takes add-checkpoint. Readers of the
    policy then accept only what enough of them cosigned. Without witnesses all that readers have is this log's word.

    The guard says what was signed last even if DIR is restored from an older copy: keep it out of DIR's backups.

    With --store and --publish the log is in an empty database and an empty bucket, for as many machines as have a copy
    of DIR: those with keys/log.key may be sequencer, the others are front ends (docs/scale.md).
    """
    from registry.config import KEYS, POLICY, REGISTRAR_KEY, create

    config = create(
        folder,
        origin,
        profile=profile,
        url=None if url is None else public_url(url, "--url"),
        witnesses=[named_witness(text, "--witness") for text in witnesses],
        quorum=quorum,
        guard=guard,
        store=store or "",
        publish=publish or "",
        single=bool(single),
    )
    id = _genesis(folder)
    vkey = str(config.policy.log(config.origin)[0])
    registrar = folder / KEYS / REGISTRAR_KEY
    value = {
        "folder": str(folder),
        "guard": config.settings.guard or "",
        "id": id,
        "origin": config.origin,
        "policy": str(folder / POLICY),
        "registrar": str(registrar),
        "vkey": vkey,
    }
    words = choose(language)
    lines = [
        words.say("init.made", folder=str(folder)),
        words.say("init.id", id=id),
        words.say("init.vkey", vkey=vkey),
        words.say("init.policy", path=str(folder / POLICY)),
        words.say("init.registrar", path=str(registrar)),
        words.say("init.guard", path=str(config.settings.guard)),
        words.say("init.start", folder=str(folder)),
    ]
    answer(value, "\n".join(lines), as_json=as_json)


@click.command()
@click.argument("folder", metavar="DIR", type=_FOLDER)
@language_option
@json_option
def vkey(folder: Path, language: str | None, as_json: bool) -> None:
    """Print the verifier key (vkey) by which readers know the log in DIR."""
    from registry.config import load

    config = load(folder)
    keys = [str(key) for key in config.policy.log(config.origin)]
    answer({"id": _genesis(folder), "origin": config.origin, "vkeys": keys}, "\n".join(keys), as_json=as_json)


@click.command()
@click.argument("folder", metavar="DIR", type=_FOLDER)
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", type=click.IntRange(1, 65535), default=8080, show_default=True)
@click.option("--threads", type=click.IntRange(1, 256), default=32, show_default=True, help="Requests at a time.")
@click.option("--per-address", type=click.IntRange(0, 256), default=0, help="Of one address; 0: no limit.")
@click.option("--demo-auditor", is_flag=True, help="Run an auditor beside it, for trying out.")
@guard_option
@shared_options
@language_option
@click.option("--mirror", "mirrors", metavar="URL|DIR", multiple=True,
              help="Ask this mirror what the log has signed, from now on; may be given several times.")  # fmt: skip
@click.option("--disregard", "disregarded", metavar="WITNESS", multiple=True,
              help="From now on this witness's bare word about the log's size stops nothing.")  # fmt: skip
@click.option("--public-url", "urls", metavar="URL", multiple=True,
              help="Where the world asks it, from now on: what requests are signed for. May be repeated.")  # fmt: skip
@click.option("--sign-url", metavar="URL",
              help="Where the page that holds keys is, from now on (registry sign-page); '' for nowhere.")  # fmt: skip
@click.option("--log", "log_format", type=click.Choice(["text", "json"]), default="text", show_default=True,
              help="How it logs to standard error: for people, or a line of JSON each.")  # fmt: skip
@click.option("--metrics", metavar="ADDRESS",
              help="Show numbers for alarms at 127.0.0.1:PORT, [::1]:PORT or unix:PATH.")  # fmt: skip
@click.option("--ask", "asked", metavar="URL|DIR", multiple=True, help="Ask this mirror too, this once.")
@click.option("--trust-this-folder", "trusted", is_flag=True,
              help="You vouch, this once, that no newer copy of DIR was ever served.")  # fmt: skip
def serve(
    folder: Path, host: str, port: int, threads: int, per_address: int, demo_auditor: bool, guard: str | None,
    mirrors: tuple[str, ...], disregarded: tuple[str, ...], urls: tuple[str, ...], sign_url: str | None,
    asked: tuple[str, ...], trusted: bool, log_format: str, metrics: str | None, store: str | None,
    publish: str | None, single: bool | None, language: str | None,
) -> None:  # fmt: skip
    """Serve the registry in DIR over HTTP until SIGTERM or Ctrl-C, then finish what is waiting.

    Private sections, rule reports and dry runs are given to parties that sign their requests, as far as each may read.
    For the world, put a server that speaks TLS in front of it, and say with --public-url where that is.

    With --demo-auditor an auditor runs on a free port of this machine, keeps its key and its replay in
    DIR/demo-auditor, and stands in the trust policy from then on. It shows how audited evidence looks, and proves
    nothing to anybody: an auditor is worth what its independence from the registry is worth.

    A log must never sign two trees of one size. So what it signs last is kept in a guard outside DIR, and witnesses and
    mirrors are asked what they have seen. A DIR that is behind them, or off them, is not signed on: registry recover.
    Where there is no guard, reading is served at once, and writing when a quorum of witnesses or a mirror has answered.
    Once a minute it logs from which networks requests were refused, and how often; nothing about who. --metrics shows
    numbers in the format of Prometheus, on this machine only.

    A registry that was made with --store and --publish is served by as many front ends as there are copies of DIR.
    Beside each that has keys/log.key a candidate runs: one of them is sequencer, and another takes over within seconds
    if it falls silent.

    --guard, --mirror, --disregard, --public-url, --sign-url, --store and --publish are kept in DIR's settings.
    """
    from registry.config import change_settings, load, refuse_open_keys
    from registry.web.serve import run

    if metrics is not None:
        from registry.web.metrics import where

        where(metrics)
    load(folder)  # an error here is told better than from a worker
    refuse_open_keys(folder)
    public = [public_url(url, "--public-url") for url in urls]
    signs_at = None if sign_url is None else sign_url and browser_url(sign_url, "--sign-url")
    change_settings(folder, guard=guard, mirrors=mirrors, disregarded=disregarded, urls=public,
                    sign_url=signs_at, trusted=trusted, store=store, publish=publish, single=single)  # fmt: skip
    try:
        with ExitStack() as beside:
            if demo_auditor:
                from registry.witnesses.demo_auditor import auditing  # with ctypes, which no other start needs

                beside.enter_context(auditing(folder, host, port))
            run(folder, host, port, threads, per_address, trusted=trusted, asked=asked, json_log=log_format == "json",
                metrics=metrics)  # fmt: skip
    except SystemExit as error:
        if error.code:
            raise Unable(Sentence("serve.died")) from None


@click.command()
@click.argument("folder", metavar="DIR", type=_FOLDER)
@language_option
@json_option
def fsck(folder: Path, language: str | None, as_json: bool) -> None:
    """Check the registry in DIR against itself: everything is made anew from the leaves and compared.

    Signatures, rules, index, seals, tiles, checkpoints. It may run while the registry is being served. Exit code 1 if
    anything is wrong.
    """
    from registry.fsck import fsck as check

    words = choose(language)
    label = words.say("fsck.label")
    with click.progressbar(length=1000, label=label, file=sys.stderr, hidden=not sys.stderr.isatty()) as bar:
        report = check(folder, lambda done, total: bar.update(1000 * done // max(total, 1) - bar.pos))
    faults = [{"what": fault.what, "where": fault.where} for fault in report.faults]
    counts = {name: getattr(report, name) for name in ("size", "batches", "subjects", "disclosures", "tiles")}
    lines = [": ".join(tell(one, words) for one in (fault.where, fault.what) if one) for fault in report.faults]
    lines += [words.say("fsck.remark", remark=tell(remark, words)) for remark in report.remarks]
    said = words.say("fsck.all_right") if report.ok else words.say("fsck.faults", n=len(faults))
    lines.append(words.say("fsck.counts", said=said, **counts))
    answer({**counts, "faults": faults, "ok": report.ok, "remarks": report.remarks}, "\n".join(lines), as_json=as_json)
    if not report.ok:
        raise click.exceptions.Exit(Refused.exit_code)


@click.command()
@click.argument("folder", metavar="DIR", type=_FOLDER)
@click.option("--from", "sources", metavar="URL|DIR", multiple=True,
              help="A mirror to take damaged entries from; may be given several times.")  # fmt: skip
@language_option
@json_option
def repair(folder: Path, sources: tuple[str, ...], language: str | None, as_json: bool) -> None:
    """Make anew what stands beside the entries in DIR's database, where a disk has changed it.

    The entries themselves are compared with what the log has signed: a damaged one is taken from DIR's public tiles or
    a mirror, where they have it as it was; else nothing is changed, and it is named. The registry must not be running.
    """
    from registry.config import Lock, load_folder
    from registry.log.publication import PUBLIC
    from registry.log.repair import repair as make_anew
    from registry.log_files import LogFiles

    load_folder(folder)
    lock = Lock(folder)
    try:
        batches = make_anew(folder, [LogFiles(one).leaf for one in (str(folder / PUBLIC), *sources)])
    finally:
        lock.release()
    words = choose(language)
    said = words.say("repair.made", batches=", ".join(map(str, batches))) if batches else words.say("repair.nothing")
    answer({"batches": batches}, f"{said} {words.say('repair.fsck', folder=str(folder))}", as_json=as_json)


def named_witness(text: str, given: str) -> tuple[Verifier, str]:
    """``VKEY=URL``: the key of a witness, and where it is asked; ``given`` is what an error calls it."""
    from verifier.log.note import COSIGNATURE_V1, parse_vkey

    vkey, separator, url = text.partition("=http")
    if not separator:
        raise Failure(Sentence("init.not_a_witness", given=given, text=repr(text[:200])))
    try:
        verifier = parse_vkey(vkey)
    except KembarError as error:
        raise Failure(f"{given} {text[:200]!r}: {error}") from None
    if verifier.algorithm != COSIGNATURE_V1:
        raise Failure(Sentence("init.key_of_a_log", given=given, text=repr(text[:200])))
    return verifier, public_url(f"http{url}", given)


def public_url(text: str, option: str) -> str:
    """An address that a policy can hold."""
    try:
        parse_url(text)
    except BadUrl as error:
        raise Failure(f"{option}: {error}") from None
    return text.rstrip("/")


def browser_url(text: str, option: str) -> str:
    """An address where a browser lets a page have keys: over TLS, or on this machine."""
    try:
        parsed = parse_url(text)
    except BadUrl as error:
        raise Failure(f"{option}: {error}") from None
    if not parsed.is_secure and not is_loopback(parsed.host):
        raise Failure(Sentence("sign_page.not_secure", option=option))
    return text


def _genesis(folder: Path) -> str:
    from registry.client import genesis_of
    from registry.config import load
    from registry.log.publication import PUBLIC

    config = load(folder)
    if config.settings.is_shared:
        from registry.log_files import LogFiles

        return genesis_of(LogFiles(config.settings.publish).file)
    return genesis_of(lambda path: (folder / PUBLIC / path).read_bytes())

