"""The command line of the registry: for those who run one, and for those who sign and submit."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from typing import Any

import click

from registry.client import ClientError, Refusal
from registry.commands.answers import refusal_text
from registry.commands.backups import backup, move, recover, retire
from registry.commands.clashes import clashes
from registry.commands.clearance import clear
from registry.commands.clock import clock
from registry.commands.codes import codes
from registry.commands.common import EXIT_CODES, Failure, Refused, Unable, spoken
from registry.commands.connecting import tell_trust
from registry.commands.desk_address import address
from registry.commands.desk_calendars import calendar
from registry.commands.desk_commands import desk
from registry.commands.desk_contacts import block, blocks, report, reports
from registry.commands.desk_grants import grant, reads
from registry.commands.desk_options import option
from registry.commands.desk_renewals import renewals
from registry.commands.drafts import draft, memo
from registry.commands.enrol import enrol
from registry.commands.files import hash_files
from registry.commands.invite import invite
from registry.commands.keys import keygen
from registry.commands.login import login, logout, whoami
from registry.commands.mail_server import mail
from registry.commands.naming import name_command
from registry.commands.operator import fsck, init, repair, serve, vkey
from registry.commands.paper import paper
from registry.commands.reference import reference
from registry.commands.registrars import registrar
from registry.commands.remote import evidence, submit
from registry.commands.revoke import revoke
from registry.commands.rotate import rotate_key
from registry.commands.sign import sign, unsign
from registry.commands.sign_in import sign_in
from registry.commands.sign_page import sign_page
from registry.commands.witnesses import witness
from registry.demo.command import demo
from registry.log.log_error import LogError
from verifier.base.errors import KembarError
from verifier.programs.parser_words import speak_for


class CommandGroup(click.Group):
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


@click.group(cls=CommandGroup, epilog=EXIT_CODES, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(_version(), prog_name="registry")
def main() -> None:
    """Kembar: a rights registry for people's digital twins.

    \b
    For those who sign:     keygen, login, logout, whoami, sign-in, name, codes, draft, memo, sign,
                            unsign, submit, desk, clashes, revoke, reference, evidence, clear, paper,
                            hash
    For those who run one:  init, serve, sign-page, vkey, invite, enrol, registrar, witness,
                            rotate-key, fsck, repair, backup, recover, retire, move, clock, mail
    To see all of it work:  demo

    Only login, sign-in, submit, desk, clashes, revoke, reference, evidence, clear and invite need a network. Who has
    logged in need not name the registry. To check what a registry says, without trusting it:
    `verifier --help`.
    """


for command in (
    keygen, login, logout, whoami, sign_in, name_command, codes, draft, memo, sign, unsign, submit, desk, clashes,
    revoke, reference, evidence, clear, paper, hash_files, init, serve, sign_page, vkey, invite, enrol, registrar,
    witness, rotate_key, fsck, repair, backup, recover, retire, move, clock, mail, demo,
):  # fmt: skip
    main.add_command(command)
for part in (option, calendar, renewals, address, grant, reads, block, blocks, report, reports):
    desk.add_command(part)
