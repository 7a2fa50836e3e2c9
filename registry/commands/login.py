"""``registry login``, ``logout`` and ``whoami``: which registry the commands talk to, and as whom."""

from __future__ import annotations

from pathlib import Path

import click

from registry.client import Client, Refusal
from registry.commands import logins
from registry.commands.answers import reason_text
from registry.commands.common import Failure, answer, json_option, language_option, read_bounded
from registry.commands.connecting import MAX_POLICY, trust_itself, trust_of
from registry.commands.logins import Login
from registry.commands.signing import open_key
from verifier.log.trust import CheckpointMalformed, LogUntrusted, QuorumMissing, open_checkpoint
from verifier.programs.http import parse_url
from verifier.programs.keys import read_key
from verifier.programs.language import choose
from verifier.programs.request_signing import RequestSigner
from verifier.words.catalogue import Catalogue, Sentence

_FILE = click.Path(path_type=Path, dir_okay=False, exists=True)
_PHRASE = click.Path(path_type=Path, dir_okay=False, allow_dash=True)
MAX_NAME = 100


@click.command()
@click.argument("url")
@click.option("--key", type=_FILE, required=True, help="Your key file. Its path is kept, never a copy of it.")
@click.option("--trust", type=_FILE, help="The log's trust policy, from somewhere else than the registry.")
@click.option("--as", "name", help="What this login is called; else the registry's host.")
@click.option("--passphrase-file", envvar="KEMBAR_PASSPHRASE_FILE", type=_PHRASE,
              help="Read the key's passphrase from the first line of this file.")  # fmt: skip
@language_option
@json_option
def login(
    url: str, key: Path, trust: Path | None, name: str | None, passphrase_file: Path | None, language: str | None,
    as_json: bool,
) -> None:
    """Keep who you are and which registry you use, so that the other commands need neither URL nor --key.

    What is kept is the address, the path of the key file and the trust policy, in your configuration folder; options
    and KEMBAR_KEY go before it. Without --trust the policy is the registry's own word, and every answer says so.

    The key is tried at once: whether it is a party's there. It need not be yet: enrol with it, and it is.
    """
    words = choose(language)
    address = parse_url(url)
    called = name or address.host
    if not 0 < len(called) <= MAX_NAME or not called.isprintable():
        raise Failure(Sentence("login.bad_name", n=MAX_NAME))
    url = url.rstrip("/")
    locked = read_key(key)
    signer = RequestSigner(open_key(locked, key, passphrase_file, words))
    with Client(url) as client:
        believed = trust_of(url, trust) if trust is not None else trust_itself(client)
        assert believed.policy is not None and believed.given_by is not None
        text = client.get("/trust.policy").body if trust is None else read_bounded(trust, MAX_POLICY)
        if len(text) > MAX_POLICY:
            raise Failure(Sentence("failure.too_large", path=f"{url}/trust.policy", n=MAX_POLICY))
        try:
            open_checkpoint(client.checkpoint(), believed.policy)
        except QuorumMissing:
            pass  # who is late today does not change whose log it is
        except (CheckpointMalformed, LogUntrusted) as error:
            raise Failure(Sentence("login.another_log", url=url, why=error.message)) from None
        registry = client.genesis()
    party, refusal = _party(url, signer, words)
    login = Login(
        url=url, registry=registry, key=key.absolute(), public=locked.public, party=party,
        policy=text.decode("utf-8"), policy_from=believed.given_by,
    )  # fmt: skip
    kept = logins.load()
    if (before := kept.kept.get(called)) is not None and before.registry != registry:
        raise Failure(Sentence("login.taken", name=called, url=before.url))
    logins.store(kept.with_login(called, login))
    said = words.say("login.kept", name=called, url=url, file=str(logins.path()))
    said += f"\n{words.say('login.not_live', why=refusal)}" if refusal else ""
    said += f"\n{_party_said(login, words)}"
    answer({**_value(called, login), "live": not refusal}, said, as_json=as_json)


@click.command()
@click.argument("name", required=False)
@language_option
@json_option
def logout(name: str | None, language: str | None, as_json: bool) -> None:
    """Forget a login: the last, or the one with this NAME. The key file and the names that you confirmed stay."""
    kept = logins.load()
    called = name or kept.current
    if called not in kept.kept:
        raise Failure(Sentence("login.unknown", name=called) if called else Sentence("login.none"))
    logins.store(kept.without(called))
    words = choose(language)
    answer({"forgotten": called}, words.say("login.forgotten", name=called), as_json=as_json)


@click.command()
@language_option
@json_option
def whoami(language: str | None, as_json: bool) -> None:
    """Say which registry the commands talk to, with which key, and whose word its trust policy is. No network."""
    kept = logins.load()
    login = kept.present()
    if login is None:
        raise Failure(Sentence("login.none"))
    answer(_value(kept.current, login), _said(kept.current, login, choose(language)), as_json=as_json)


def _said(name: str, login: Login, words: Catalogue) -> str:
    lines = [words.say("login.is", name=name, url=login.url)]
    lines.append(words.say("login.key", file=str(login.key), public=login.public))
    lines.append(_party_said(login, words))
    lines.append(words.say(f"login.policy.{login.policy_from}"))
    return "\n".join(lines)


def _value(name: str, login: Login) -> dict[str, str]:
    return {
        "key": str(login.key), "name": name, "party": login.party, "policy": login.policy_from,
        "public": login.public, "registry": login.registry, "url": login.url,
    }  # fmt: skip


def _party_said(login: Login, words: Catalogue) -> str:
    return words.say("login.party", id=login.party) if login.party else words.say("login.no_party")


def _party(url: str, signer: RequestSigner, words: Catalogue) -> tuple[str, str]:
    """Whose key this is, as the registry has it, and why it does not take it, "" if it does."""
    try:
        with Client(url, signer=signer) as client:
            return client.party(), ""
    except Refusal as refusal:
        if refusal.problem.get("status") != 401:
            raise
        return "", reason_text(refusal, words)
