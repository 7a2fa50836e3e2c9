"""Asking a registry as a party: the key that signs every request, from ``--key`` or the environment."""

from __future__ import annotations

import os
from pathlib import Path

import click

from registry.client import Client
from registry.commands.common import LANGUAGE, Command
from registry.commands.signing import open_key
from verifier.base.crypto import SigningKey
from verifier.log.trust import Policy
from verifier.programs.keys import read_key
from verifier.programs.language import choose
from verifier.programs.request_signing import RequestSigner

KEY, PASSPHRASE = "KEMBAR_KEY", "KEMBAR_PASSPHRASE_FILE"
_CHOSEN, _PHRASE, _SIGNER = "kembar.asking_key", "kembar.asking_passphrase", "kembar.signer"
_FILE = click.Path(path_type=Path, dir_okay=False, allow_dash=True)


def key_option(command: Command) -> Command:
    """``--key``: whose words the command asks in; and ``--passphrase-file``, where a script reads its passphrase."""
    key = click.option("--key", envvar=KEY, show_envvar=True, type=_FILE, expose_value=False, callback=_keep_key,
                       help="Ask as the party whose key this is: strangers are told what is public.")  # fmt: skip
    phrase = click.option("--passphrase-file", envvar=PASSPHRASE, type=_FILE, expose_value=False, callback=_keep_phrase,
                          help="Read its passphrase from the first line of this file.")  # fmt: skip
    return key(phrase(command))


def ask_with(key: SigningKey) -> None:
    """For commands whose ``--key`` says more than who asks: ask with this one."""
    click.get_current_context().meta[_SIGNER] = RequestSigner(key)


def connect(url: str, *, policy: Policy | None = None) -> Client:
    """A client of the registry at ``url`` that signs with the key of this command, if it has one.

    The key is opened, and its passphrase asked for, once a command.
    """
    meta = click.get_current_context().meta
    signer = meta.get(_SIGNER)
    if signer is None and (file := meta.get(_CHOSEN) or _named(KEY)) is not None:
        phrase = meta.get(_PHRASE) or _named(PASSPHRASE)
        words = choose(meta.get(LANGUAGE))
        signer = meta[_SIGNER] = RequestSigner(open_key(read_key(file), file, phrase, words))
    return Client(url, policy=policy, signer=signer)


def _named(variable: str) -> Path | None:
    text = os.environ.get(variable)
    return Path(text) if text else None


def _keep_key(context: click.Context, option: click.Parameter, key: Path | None) -> None:
    context.meta[_CHOSEN] = key


def _keep_phrase(context: click.Context, option: click.Parameter, file: Path | None) -> None:
    context.meta[_PHRASE] = file
