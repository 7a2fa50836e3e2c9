"""``verifier witness``: make a witness's key, show it, and serve."""

from __future__ import annotations

import argparse
import time
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from verifier.programs.console import NO, USAGE_ERROR, YES, Unusable, complain, print_lines, read_file, read_policy
from verifier.programs.language import add_option, spoken

if TYPE_CHECKING:
    from verifier.log.trust import Policy
    from verifier.log.writing import Cosigner
    from verifier.programs.serving import ServedApp

STORE, AUDITS, PROOFS = "witness.db", "audits", "misbehaviour"
"""The files of a witness's folder."""

HELP = """\
Runs a witness or an auditor: a server that cosigns the checkpoints of the logs that you name (C2SP tlog-witness).

A witness cosigns what only grew. An auditor replays every entry first, and refuses for every reason that the protocol's
section 9 lists; parties can hand it statements that a registry might withhold. A name that ends in /kembar-auditor is
an auditor's, and only an auditor's.

  verifier witness keygen DIR --name union.example/kembar-auditor
  verifier witness vkey DIR                        the key, for the policies of readers and registries
  verifier witness serve DIR --trust logs.policy --audit

The policy (C2SP tlog-policy) says which logs are watched: a line 'log VKEY URL' for each, then 'quorum none'; a log's
own trust policy will do. An auditor needs the URLs.
Serving takes the extra 'witness'. A log that is caught signing two trees leaves a proof in DIR: *.misbehaviour.json.
Keep DIR, never copy it, and never restore an older copy: it would sign a fork. Without its database it refuses; so it
does when a log shows its own signature over more than it knows. For a log that does not answer at the start nothing is
cosigned until it does.
"""


def add_command(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> argparse.ArgumentParser:
    """Add ``witness`` to the verifier's commands."""
    raw = argparse.RawDescriptionHelpFormatter
    witness = commands.add_parser("witness", help="run a witness or an auditor", description=HELP, formatter_class=raw)
    actions = witness.add_subparsers(title="actions", required=True, metavar="ACTION")

    keygen = actions.add_parser("keygen", help="make a new witness's key", description="Makes DIR and a key in it.")
    keygen.add_argument("folder", metavar="DIR", type=Path, help="the witness's folder, which is made")
    keygen.add_argument("--name", required=True, help="the key's name, such as witness.example/ada, without https://")
    keygen.add_argument(
        "--passphrase-file", metavar="FILE", help="lock the key with the first line of this file (default: not locked)"
    )
    add_option(keygen)
    keygen.set_defaults(run=_keygen)

    vkey = actions.add_parser("vkey", help="show the public key", description="Prints the key as a C2SP vkey.")
    vkey.add_argument("folder", metavar="DIR", type=Path, help="the witness's folder")
    add_option(vkey)
    vkey.set_defaults(run=_vkey)

    serve = actions.add_parser("serve", help="serve until a signal comes", description=HELP, formatter_class=raw)
    serve.add_argument("folder", metavar="DIR", type=Path, help="the witness's folder")
    serve.add_argument("--trust", metavar="POLICY", required=True, help="the logs to watch: a C2SP tlog-policy file")
    serve.add_argument("--audit", action="store_true", help="be an auditor: cosign only what was replayed")
    serve.add_argument("--url", help="where an auditor reads the log, if the policy names one log and does not say")
    serve.add_argument("--host", default="127.0.0.1", help="the address to listen on (default: 127.0.0.1)")
    serve.add_argument("--port", type=_port, default=8090, help="the port to listen on (default: 8090)")
    serve.add_argument("--threads", type=_threads, default=32, help="requests at a time (default: 32)")
    most = "requests of one address at a time (default: no limit)"
    serve.add_argument("--per-address", type=_threads, default=0, metavar="N", help=most)
    serve.add_argument("--prefix", default="", help="the path under which to serve, such as /witness (default: none)")
    serve.add_argument("--passphrase-file", metavar="FILE", help="the passphrase of a locked key")
    serve.add_argument(
        "--start-anew", metavar="FILE", action="append", default=[],
        help="the database is lost: a checkpoint file of each log, the newest that may have been cosigned here",
    )  # fmt: skip
    serve.add_argument(
        "--on-my-word", action="store_true", help="with --start-anew: you vouch that nothing later was cosigned here"
    )
    add_option(serve)
    serve.set_defaults(run=_serve)
    return witness


def _port(text: str) -> int:
    return _number(text, 65_535)


def _threads(text: str) -> int:
    return _number(text, 256)


def _number(text: str, most: int) -> int:
    if not text.isascii() or not text.isdecimal() or not 1 <= int(text[:7]) <= most:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 1 to {most}")
    return int(text)


def _keygen(options: argparse.Namespace) -> int:
    from verifier.base import private_keys
    from verifier.log.writing import Cosigner
    from verifier.programs.keys import WITNESS_KEY, WITNESS_VKEY, KeyFileError, write_key
    from verifier.programs.witness.store import WitnessStore, WitnessStoreError

    folder: Path = options.folder
    key = private_keys.SigningKey(private_keys.random_bytes(private_keys.SEED_SIZE))
    try:
        vkey = str(Cosigner(options.name, key).verifier)
    except ValueError as error:
        raise Unusable(str(error)) from None
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_key(folder / WITNESS_KEY, key, _passphrase(options.passphrase_file))
        WitnessStore(folder / STORE).close()  # so that one that is missing later was lost
        (folder / WITNESS_VKEY).write_text(f"{vkey}\n", encoding="utf-8")
    except (KeyFileError, WitnessStoreError) as error:
        raise Unusable(str(error)) from None
    except OSError as error:
        raise Unusable(f"{folder} cannot be made: {error.strerror}") from None
    print_lines([vkey])
    return YES


def _vkey(options: argparse.Namespace) -> int:
    print_lines([_read_vkey(options.folder)])
    return YES


def _serve(options: argparse.Namespace) -> int:
    from verifier.log.trust import AUDITOR_SUFFIX
    from verifier.programs.http import BadUrl, parse_url

    policy = read_policy(options.trust)
    cosigner = _cosigner(options.folder, _passphrase(options.passphrase_file))
    if cosigner.verifier.name.endswith(AUDITOR_SUFFIX) != options.audit:
        raise Unusable(
            f"the name {cosigner.verifier.name} does not end in {AUDITOR_SUFFIX}: an auditor has a key of its own"
            if options.audit
            else f"the name {cosigner.verifier.name} is an auditor's: serve it with --audit"
        )
    urls = {log.verifier.name: log.url for log in policy.logs if log.url is not None}
    origins = {log.verifier.name for log in policy.logs}
    if options.url is not None:
        if not options.audit or len(origins) != 1:
            raise Unusable("--url says where an auditor reads the one log of its policy")
        urls = {origin: options.url for origin in origins}
    if options.audit and (missing := sorted(origins - set(urls))):
        raise Unusable(f"{options.trust} gives no URL for {', '.join(missing)}: an auditor reads the log")
    if options.prefix and (not options.prefix.startswith("/") or options.prefix.endswith("/")):
        raise Unusable("--prefix begins with a slash and does not end in one")
    for url in urls.values():
        try:
            if "://" in url:
                parse_url(url)
        except BadUrl as error:
            raise Unusable(str(error)) from None
    from verifier.log.witness_protocol import MAX_REQUEST
    from verifier.programs import serving
    from verifier.programs.witness.app import MAX_BODY

    silent = _remember(options, cosigner, policy, urls)
    limits = serving.Limits(body=MAX_BODY if options.audit else MAX_REQUEST, per_address=options.per_address)
    start = partial(
        _open,
        options.folder,
        cosigner,
        policy,
        urls if options.audit else None,
        options.prefix,
        silent,
        is_anew=bool(options.start_anew),
    )
    try:
        serving.run(cosigner.verifier.name, start, options.host, options.port, options.threads, limits)
    except OSError as error:
        return complain(f"{error.filename or options.host}: {error.strerror}", USAGE_ERROR)
    except SystemExit as error:
        return serving.CANNOT_START if error.code else YES
    return YES


def _remember(
    options: argparse.Namespace, cosigner: Cosigner, policy: Policy, urls: Mapping[str, str]
) -> dict[str, str]:
    """See that this witness still knows what it cosigned; returns those logs that do not answer."""
    from verifier.log.note import MAX_NOTE_SIZE
    from verifier.programs.witness.memory_check import compare_with_logs, require_memory, start_anew
    from verifier.programs.witness.store import WitnessStore, WitnessStoreError

    path = options.folder / STORE
    try:
        if options.start_anew:
            if not options.on_my_word:
                raise Unusable("--start-anew needs your word that nothing later was cosigned here: --on-my-word")
            start_anew(path, policy, {name: read_file(name, MAX_NOTE_SIZE) for name in options.start_anew})
        require_memory(path)
        store = WitnessStore(path)
        try:
            return compare_with_logs(store, cosigner.verifier, urls, lambda line: complain(line, YES))
        finally:
            store.close()
    except WitnessStoreError as error:
        raise Unusable(str(error)) from None


def _open(
    folder: Path,
    cosigner: Cosigner,
    policy: Policy,
    urls: Mapping[str, str] | None,
    prefix: str,
    silent: Mapping[str, str],
    *,
    is_anew: bool = False,
) -> ServedApp:
    """In the serving process: the store, an auditor's replays, and the application over them.

    ``urls``: where an auditor reads each log, by origin; None for a witness. ``silent``: those logs that have to
    be compared before anything is cosigned for them.
    """
    from verifier.programs.serving import ServedApp
    from verifier.programs.source import FolderSource, HttpSource
    from verifier.programs.witness.app import App
    from verifier.programs.witness.auditor import Auditor, Auditors
    from verifier.programs.witness.memory_check import UntilCompared
    from verifier.programs.witness.store import WitnessStore
    from verifier.programs.witness.witness import WitnessServer

    store = WitnessStore(folder / STORE)
    on_fork = partial(_keep_proof, folder / PROOFS)
    hold = UntilCompared(store, cosigner.verifier, silent, lambda line: complain(line, YES))
    if urls is None:
        app = App(WitnessServer(cosigner, policy, store, _clock, on_fork=on_fork, hold=hold), prefix=prefix)
        return ServedApp(app, store.close)
    sources = {origin: HttpSource(url) if "://" in url else FolderSource(Path(url)) for origin, url in urls.items()}
    auditors = Auditors(
        {
            origin: Auditor(
                folder / AUDITS / _file_name(origin), origin, policy, source, store, _clock, is_anew=is_anew
            )
            for origin, source in sources.items()
        }
    )

    def close() -> None:
        auditors.close()
        store.close()

    server = WitnessServer(cosigner, policy, store, _clock, auditors.by_origin, on_fork, hold)
    return ServedApp(App(server, auditors, prefix), close)


def _keep_proof(folder: Path, proof: bytes) -> None:
    from verifier.programs.compare import write_all

    [(path, kind)] = write_all(folder, [proof])
    words = spoken()
    complain(words.say("witness.forked", shows=words.say(f"shows.{kind}"), path=str(path)), NO)


def _clock() -> int:
    return int(time.time())


def _file_name(origin: str) -> str:
    from urllib.parse import quote

    return quote(origin, safe="")


def _cosigner(folder: Path, passphrase: bytes | None) -> Cosigner:
    from verifier.base.errors import KembarError
    from verifier.log.note import parse_vkey
    from verifier.log.writing import Cosigner
    from verifier.programs.keys import WITNESS_KEY, WITNESS_VKEY, read_key

    vkey = _read_vkey(folder)
    try:
        key = read_key(folder / WITNESS_KEY).open(passphrase)
        cosigner = Cosigner(parse_vkey(vkey).name, key)
    except KembarError as error:
        raise Unusable(f"{folder / WITNESS_KEY} cannot be used: {error}") from None
    if str(cosigner.verifier) != vkey:
        raise Unusable(f"{folder / WITNESS_VKEY} is not the public key of {folder / WITNESS_KEY}")
    return cosigner


def _read_vkey(folder: Path) -> str:
    from verifier.programs.keys import WITNESS_VKEY

    try:
        return (folder / WITNESS_VKEY).read_text(encoding="utf-8").removesuffix("\n")
    except (OSError, UnicodeError):
        raise Unusable(f"{folder} is not a witness's folder: make one with 'verifier witness keygen'") from None


def _passphrase(path: str | None) -> bytes | None:
    from verifier.programs.files import read_line
    from verifier.programs.keys import MAX_PASSPHRASE

    if path is None:
        return None
    try:
        phrase = read_line(path, MAX_PASSPHRASE)
    except OSError as error:
        raise Unusable(f"cannot read {path}: {error.strerror}") from None
    if not 0 < len(phrase) <= MAX_PASSPHRASE:
        raise Unusable(f"the first line of {path} is no passphrase: it has {len(phrase)} bytes")
    return phrase
