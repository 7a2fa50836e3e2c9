"""Talking to a registry: which one, as which party, and by whose trust policy.

What a command is given goes first, then ``KEMBAR_KEY``, then the login of ``registry login``. A login's key and
policy are used at its own address only.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import click
from click.core import ParameterSource

from registry.client import Client, ClientError, Refusal
from registry.commands import logins
from registry.commands.answers import reason_text
from registry.commands.common import LANGUAGE, Command, Failure, Misused, listen, read_bounded
from registry.commands.logins import Login, PolicyFrom
from registry.commands.signing import open_key
from verifier.base.errors import KembarError
from verifier.base.private_keys import SigningKey
from verifier.log.trust import Policy, parse_policy
from verifier.programs.keys import read_key
from verifier.programs.language import choose
from verifier.programs.request_signing import RequestSigner
from verifier.words.catalogue import Catalogue, Sentence

KEY, PASSPHRASE = "KEMBAR_KEY", "KEMBAR_PASSPHRASE_FILE"
MAX_POLICY = 1024 * 1024
_CHOSEN, _PHRASE, _SIGNER = "kembar.asking_key", "kembar.asking_passphrase", "kembar.signer"
_OPENED = "kembar.opened_key"
_FROM = "kembar.policy_from"
_FILE = click.Path(path_type=Path, dir_okay=False, allow_dash=True)
_EXISTING = click.Path(path_type=Path, dir_okay=False, exists=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trust:
    """A trust policy, and who gave it: the user, or the registry itself, whose word it then is."""

    policy: Policy | None = None
    given_by: PolicyFrom | None = None


class AtRegistry(click.Command):
    """A command whose first argument is the registry's URL, which a login may give instead."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if not ctx.resilient_parsing and not any("://" in one for one in args):
            login = present()
            if login is not None:
                args = [login.url, *args]
            elif not set(args) & set(ctx.help_option_names):
                listen(ctx, args)
                raise Misused(Sentence("login.no_url"))
        return super().parse_args(ctx, args)


class AtRegistryOrFolder(AtRegistry):
    """Likewise; with ``--for`` the first argument is the registry's own folder, which no login gives."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if any(one == "--for" or one.startswith("--for=") for one in args):
            return click.Command.parse_args(self, ctx, args)
        return super().parse_args(ctx, args)


def present() -> Login | None:
    """The login of the last login."""
    return logins.load().present()


def login_of(url: str) -> Login | None:
    """The present login, if it is of the registry at this address."""
    login = present()
    return login if login is not None and login.url == url.rstrip("/") else None


def registry_option(help: str, *, metavar: str = "ID|DIR|URL") -> Callable[[Command], Command]:
    """``--registry``: where things are looked up; else where the login says."""
    return click.option("--registry", "where", metavar=metavar, help=help, default=_own_url, show_default="the login's")


def _own_url() -> str | None:
    login = present()
    return None if login is None else login.url


def at_hand(where: str | None, words: Catalogue, registry: str | None = None) -> str | None:
    """What ``--registry`` comes to. The login's registry is asked where it answers; else its id is known all the same.

    It is nothing to a statement for another ``registry``.
    """
    source = click.get_current_context().get_parameter_source("where")
    login = present()
    if where is None or login is None or source is not ParameterSource.DEFAULT:
        return where
    if registry is not None and registry != login.registry:
        return None
    try:
        with look_up(where) as client:
            client.checkpoint()
    except ClientError as error:
        click.echo(words.say("login.offline", why=str(error)), err=True)
        return login.registry
    return where


def key_option(command: Command) -> Command:
    """``--key``: whose words the command asks in; and ``--passphrase-file``, where a script reads its passphrase."""
    key = click.option("--key", envvar=KEY, show_envvar=True, type=_FILE, expose_value=False, callback=_keep_key,
                       help="Ask as the party whose key this is: strangers are told what is public.")  # fmt: skip
    phrase = click.option("--passphrase-file", envvar=PASSPHRASE, type=_FILE, expose_value=False, callback=_keep_phrase,
                          help="Read its passphrase from the first line of this file.")  # fmt: skip
    return key(phrase(command))


def signing_keys_option(command: Command) -> Command:
    """``--key``, more than once: the key files that sign. Left out, ``KEMBAR_KEY`` or the login's."""
    return click.option("--key", "keys", multiple=True, type=_EXISTING, callback=_own_keys,
                        help="A key file; may be repeated. Left out, KEMBAR_KEY or the login's.")(command)  # fmt: skip


def _own_keys(context: click.Context, option: click.Parameter, keys: tuple[Path, ...]) -> tuple[Path, ...]:
    if keys or context.resilient_parsing:
        return keys
    login = present()
    file = _named(KEY) or (None if login is None else login.key)
    if file is None:
        raise Misused(Sentence("login.no_key"))
    return (file,)


def ask_with(key: SigningKey) -> None:
    """For commands whose ``--key`` says more than who asks: ask with this one."""
    click.get_current_context().meta[_SIGNER] = RequestSigner(key)


def connect(url: str, *, policy: Policy | None = None, as_party: bool = False) -> Client:
    """A client of the registry at ``url`` that signs with the key of this command, if it has one.

    The key is opened, and its passphrase asked for, once a command. A login's key that is no party's yet asks as a
    stranger, and that is said; a key that was asked for has to be one. ``as_party``: what is asked is for parties, so
    that nobody asks it as a stranger.
    """
    meta = click.get_current_context().meta
    words = choose(meta.get(LANGUAGE))
    signer, unknown = meta.get(_SIGNER), None
    if signer is None:
        file = meta.get(_CHOSEN) or _named(KEY)
        if file is None and (file := _own_key(url)) is not None and not as_party:
            unknown = _warn(words)
        if file is not None:
            phrase = meta.get(_PHRASE) or _named(PASSPHRASE)
            key = meta[_OPENED] = open_key(read_key(file), file, phrase, words)
            signer = meta[_SIGNER] = RequestSigner(key)
    if signer is None and as_party:
        raise Misused(Sentence("desk.no_key"))
    return Client(url, policy=policy, signer=signer, unknown=unknown)


def own_key() -> SigningKey:
    """The key that :func:`connect` opened for this command, to sign a statement with it as well."""
    key = click.get_current_context().meta.get(_OPENED)
    if not isinstance(key, SigningKey):
        raise Misused(Sentence("desk.no_key"))
    return key


def _warn(words: Catalogue) -> Callable[[Refusal], None]:
    """What is said where the login's key is nobody's yet: who enrols is a stranger until then."""
    return lambda refusal: click.echo(words.say("login.not_live", why=reason_text(refusal, words)), err=True)


def look_up(url: str) -> Client:
    """A client that reads what is public: no key is opened for that."""
    return Client(url)


def trust_of(url: str, file: Path | None) -> Trust:
    """The policy to go by: the one in ``file``, else that of the login. Who gave it is told with the answer."""
    if file is not None:
        try:
            return _used(Trust(policy=parse_policy(read_bounded(file, MAX_POLICY)), given_by="own"))
        except KembarError as error:
            raise Failure(Sentence("usage.not_a_policy", path=str(file), why=str(error))) from None
    login = login_of(url)
    if login is None:
        return Trust()
    return _used(Trust(policy=parse_policy(login.policy.encode("utf-8")), given_by=login.policy_from))


def trust_itself(client: Client) -> Trust:
    """The policy that a registry publishes about itself, for who has no other."""
    return _used(Trust(policy=parse_policy(client.get("/trust.policy").body), given_by="registry"))


def _used(trust: Trust) -> Trust:
    click.get_current_context().meta[_FROM] = trust.given_by
    return trust


def tell_trust(context: click.Context, words: Catalogue) -> None:
    """After an answer that rests on a registry's own policy: that it does."""
    if context.meta.get(_FROM) == "registry":
        click.echo(words.say("trust.from_registry"), err=True)


def _own_key(url: str) -> Path | None:
    login = login_of(url)
    return None if login is None else login.key


def _named(variable: str) -> Path | None:
    text = os.environ.get(variable)
    return Path(text) if text else None


def _keep_key(context: click.Context, option: click.Parameter, key: Path | None) -> None:
    context.meta[_CHOSEN] = key


def _keep_phrase(context: click.Context, option: click.Parameter, file: Path | None) -> None:
    context.meta[_PHRASE] = file
