"""``registry demo``: the main job end to end, in a folder."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path

import click

from registry.commands.common import Failure, Misused, Refused, answer, json_option, language_option, read_bounded

MAX_PHOTO = 64 * 1024 * 1024
_FILE = click.Path(path_type=Path, dir_okay=False, exists=True)


@click.command()
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), default=Path("demo"), show_default=True,
              help="The folder that the demo fills; what an earlier demo left there is replaced.")  # fmt: skip
@click.option("--terms", type=_FILE, help="Take the consents' terms from this AdCP acquire_rights message (JSON).")
@click.option("--photo", type=_FILE, help="Use this picture in the first use instead of a rendered one.")
@click.option("--remote", is_flag=True, help="Instead: a whole deal by a model, an agency and a brand, each from a "
              "folder of her own, without the operator's hands.")
@click.option("--serve", is_flag=True, help="Then serve the registry, whose pages tell the story, and the page that "
              "holds keys.")
@click.option("--port", type=click.IntRange(1, 65_535), default=8080, show_default=True, help="Of --serve.")
@click.option("--sign-port", type=click.IntRange(1, 65_535), default=8090, show_default=True,
              help="Of --serve: where the page that holds keys is.")
@language_option
@json_option
@click.pass_context
def demo(
    context: click.Context, out: Path, terms: Path | None, photo: Path | None, remote: bool, serve: bool, port: int,
    sign_port: int, language: str | None, as_json: bool,
) -> None:
    """Tell a whole story with a real registry, and check the evidence of it.

    Two models (one a minor with her guardian), an agency, two brands, a union, a maker of twins, a payment provider and
    a crew fund: enrolled, signed, declared, paid and not paid, revoked. Meanwhile a server runs on a free port of this
    machine; everything goes through the public commands and its API.

    \b
    The folder holds then
      trust.policy                whom a reader trusts: this registry's log, if the demo's auditor cosigned it
      evidence/*.evidence.json    one file for each question
      expected.json               the answers that the story expects, by file
      registry/                   the registry: registry serve DIR/registry --demo-auditor
      assets/ keys/ drafts/       pictures, keys, and every statement as it was drafted and signed
      browser-keys/               with --serve: the keys as the page that holds keys opens them
      commands.txt terms.txt      the commands that were run; what became of the terms

    The verifier, a process of its own without a network, answers each question, and so does the one in JavaScript in
    a checkout with Node; the demo ends with a table of what both say. Exit code 1 if an answer is not the one that the
    story expects, or the two verdicts differ. With --serve the registry is then
    served on this machine, with an auditor and the page that holds keys beside it, until it is stopped (Ctrl-C).

    With --remote three parties do one deal instead, each by commands in DIR/parties/NAME that know nothing but the
    registry's address: mandate, twin, a consent over the desk, a use, payments, receipts, evidence.
    """
    from registry.config import KEYS, REGISTRAR_KEY
    from registry.demo.browser import lend_keys, serve_sign_page
    from registry.demo.folder import NOTES, POLICY, REGISTRY, SERVER_LOG, check_folder
    from registry.demo.run import tell
    from registry.demo.server import is_free, stay
    from registry.demo.stage import Photo
    from registry.demo.table import doors, table, told_json
    from registry.drafting.adapters.adcp import AdcpError, parse_acquire_rights
    from registry.drafting.adapters.foreign import MAX_MESSAGE

    if remote and serve:
        raise Misused("--serve is for the story, not for --remote.")
    for one in (port, sign_port) if serve else ():
        if not is_free(one) or port == sign_port:
            raise Misused(f"port {one} is taken: choose others with --port and --sign-port.")
    check_folder(out)
    began = time.monotonic()

    def say(line: str) -> None:
        click.echo(f"{time.monotonic() - began:5.1f} s  {line}", err=True)

    if remote:
        _deal(context.find_root().command, out, say, as_json)
        return
    if terms is None:
        name, message = "the demo's own message", (files("registry.demo") / "acquire_rights.json").read_bytes()
    else:
        name, message = str(terms), read_bounded(terms, MAX_MESSAGE)
    picture = None
    if photo is not None:
        suffix = photo.suffix.lower() if re.fullmatch(r"\.[A-Za-z0-9]{1,8}", photo.suffix, re.ASCII) else ""
        picture = Photo(data=read_bounded(photo, MAX_PHOTO), suffix=suffix)
    try:
        drafted = parse_acquire_rights(message)
        say(f"terms: {name}, {drafted.kind}; what became of them is in {out / NOTES}")
        told = tell(context.find_root().command, out, drafted, picture, say)
    except AdcpError as error:
        raise Failure(f"{name}: no terms for the story: {error}") from None
    answer(told_json(told), table(told), as_json=as_json)
    if not told.agrees:
        raise click.exceptions.Exit(Refused.exit_code)
    if serve:
        keys = lend_keys(out, out / REGISTRY / KEYS / REGISTRAR_KEY)
        sign_url = serve_sign_page(out / POLICY, sign_port, out / SERVER_LOG)
        click.echo(f"\n{doors(out, keys, f'http://127.0.0.1:{port}')}\n", err=True)
        stay(out / REGISTRY, port, sign_url)


def _deal(main: click.Command, out: Path, say: Callable[[str], None], as_json: bool) -> None:
    from registry.demo.folder import TRANSCRIPT
    from registry.demo.runner import CommandRunner
    from registry.demo.three_folders import deal_json, deal_table, tell_deal

    told = tell_deal(CommandRunner(main, out / TRANSCRIPT), out, say)
    answer(deal_json(told), deal_table(told), as_json=as_json)
    if not told.agrees:
        raise click.exceptions.Exit(Refused.exit_code)
