"""The command line of the registry: for those who run one, and for those who sign and submit."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from typing import Any

import click

from registry.client import ClientError, Refusal
from registry.commands.answers import refusal_text
from registry.commands.common import EXIT_CODES, Failure, Refused, Unable, spoken
from registry.commands.connecting import tell_trust
from registry.commands.lazy import LazyGroup
from registry.log.log_error import LogError
from verifier.base.errors import KembarError
from verifier.programs.parser_words import speak_for

COMMANDS = {
    "keygen": "registry.commands.keys:keygen",
    "login": "registry.commands.login:login",
    "logout": "registry.commands.login:logout",
    "whoami": "registry.commands.login:whoami",
    "sign-in": "registry.commands.sign_in:sign_in",
    "name": "registry.commands.naming:name_command",
    "codes": "registry.commands.codes:codes",
    "draft": "registry.commands.drafts:draft",
    "memo": "registry.commands.drafts:memo",
    "sign": "registry.commands.sign:sign",
    "unsign": "registry.commands.sign:unsign",
    "submit": "registry.commands.remote:submit",
    "desk": "registry.commands.desk_commands:desk",
    "clashes": "registry.commands.clashes:clashes",
    "revoke": "registry.commands.revoke:revoke",
    "reference": "registry.commands.reference:reference",
    "evidence": "registry.commands.remote:evidence",
    "clear": "registry.commands.clearance:clear",
    "paper": "registry.commands.paper:paper",
    "hash": "registry.commands.files:hash_files",
    "init": "registry.commands.operator:init",
    "serve": "registry.commands.operator:serve",
    "sign-page": "registry.commands.sign_page:sign_page",
    "vkey": "registry.commands.operator:vkey",
    "invite": "registry.commands.invite:invite",
    "enrol": "registry.commands.enrol:enrol",
    "registrar": "registry.commands.registrars:registrar",
    "url": "registry.commands.public_urls:url",
    "witness": "registry.commands.witnesses:witness",
    "rotate-key": "registry.commands.rotate:rotate_key",
    "fsck": "registry.commands.operator:fsck",
    "repair": "registry.commands.operator:repair",
    "backup": "registry.commands.backups:backup",
    "recover": "registry.commands.backups:recover",
    "retire": "registry.commands.backups:retire",
    "move": "registry.commands.backups:move",
    "clock": "registry.commands.clock:clock",
    "mail": "registry.commands.mail_server:mail",
    "demo": "registry.demo.command:demo",
}
"""Where each command is."""


class CommandGroup(LazyGroup):
    """A group whose commands end with a sentence and an exit code, never with a traceback, and speak the person's
    language from the first word on."""

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        speak_for(args)
        return super().make_context(info_name, args, parent, **extra)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            try:
                return super().invoke(ctx)
            finally:
                tell_trust(ctx, spoken(ctx))
        except Refusal as error:
            words = spoken(ctx)
            said = words.say("submit.registry_refused", message=refusal_text(error, words))
            raise Refused(said) from None
        except ClientError as error:
            raise Unable(str(error)) from None
        except LogError as error:
            raise Unable(str(error)) from None
        except KembarError as error:
            raise Failure(str(error)) from None
        except OSError as error:
            raise Unable(f"{error.filename or 'the system'}: {error.strerror or error}") from None


def _version() -> str:
    try:
        return version("kembar")
    except PackageNotFoundError:
        return "unknown"


@click.group(
    cls=CommandGroup, lazy=COMMANDS, epilog=EXIT_CODES, context_settings={"help_option_names": ["-h", "--help"]}
)
@click.version_option(_version(), prog_name="registry")
def main() -> None:
    """Kembar: a rights registry for people's digital twins.

    \b
    For those who sign:     keygen, login, logout, whoami, sign-in, name, codes, draft, memo, sign,
                            unsign, submit, desk, clashes, revoke, reference, evidence, clear, paper,
                            hash
    For those who run one:  init, serve, sign-page, vkey, invite, enrol, registrar, url, witness,
                            rotate-key, fsck, repair, backup, recover, retire, move, clock, mail
    To see all of it work:  demo

    Only login, sign-in, submit, desk, clashes, revoke, reference, evidence, clear and invite need a network. Who has
    logged in need not name the registry. To check what a registry says, without trusting it:
    `verifier --help`.
    """
