"""``registry mail``: by which server a registry sends reminders."""

from __future__ import annotations

from pathlib import Path

import click

from registry.commands.common import Misused, answer, json_option, language_option
from verifier.programs.language import choose
from verifier.words.catalogue import Sentence

_FILE = click.Path(path_type=Path, dir_okay=False, exists=True)


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path, file_okay=False))
@click.option("--server", metavar="URL", help="smtps://HOST[:PORT], or smtp://HOST[:PORT] with STARTTLS.")
@click.option("--from", "sender", metavar="ADDRESS", help="Whom the mails are from.")
@click.option("--user", default="", help="Whom to sign in as at the server.")
@click.option("--password-file", type=_FILE, help="The file with the password on its first line.")
@click.option("--test", "to", metavar="ADDRESS", help="Send a mail there now, to see that it works.")
@click.option("--off", is_flag=True, help="Send no more mails.")
@language_option
@json_option
def mail(
    folder: Path, server: str | None, sender: str | None, user: str, password_file: Path | None, to: str | None,
    off: bool, language: str | None, as_json: bool,
) -> None:  # fmt: skip
    """Say by which mail server the registry in DIR reminds people of what waits for them; without options, show it.

    A registry that runs takes it up by itself. It mails only those who asked for it and confirmed their address.
    """
    from registry.config import load
    from registry.desk.mail import MailServer, is_address, read_mail, write_mail

    words = choose(language)
    load(folder)
    if off and (server or sender or to):
        raise Misused(Sentence("mail.off_alone"))
    if off:
        write_mail(folder, None)
    elif server is not None or sender is not None:
        if server is None or sender is None:
            raise Misused(Sentence("mail.both"))
        path = "" if password_file is None else str(password_file.absolute())
        write_mail(folder, MailServer(server=server, sender=sender, user=user, password_file=path))
    found = read_mail(folder)
    if to is not None:
        if found is None or not is_address(to):
            raise Misused(Sentence("mail.nothing_to_test"))
        found.send(to, words.say("mail.test_subject"), words.say("mail.test_text"))
    if found is None:
        answer({"server": None}, words.say("mail.none"), as_json=as_json)
        return
    said = words.say("mail.server", server=found.server, sender=found.sender)
    answer({"from": found.sender, "server": found.server, "tested": to is not None}, said, as_json=as_json)
