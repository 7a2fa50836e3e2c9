"""``registry backup``, ``recover``, ``retire`` and ``move``: for when a disk, or a machine, is left behind."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from registry.commands.common import answer, json_option, language_option, shared_options
from verifier.programs.language import choose, tell

_FOLDER = click.Path(path_type=Path, file_okay=False)


@click.command()
@click.argument("folder", metavar="DIR", type=_FOLDER)
@click.argument("target", metavar="TARGET", type=_FOLDER)
@click.option("--without-keys", is_flag=True, help="Leave the private keys out: you keep them elsewhere.")
@language_option
@json_option
def backup(folder: Path, target: Path, without_keys: bool, language: str | None, as_json: bool) -> None:
    """Back up the registry in DIR to the folder TARGET, while it is served.

    TARGET is made, or is an earlier backup of DIR, of which only what is new is written; one that was interrupted goes
    on where it stopped. It holds the private keys and the private sections: keep it as you keep DIR.

    A backup is not signed on by itself, for DIR went on after it was made. To use it: registry recover TARGET.
    """
    from registry.backup import backup as make

    words = choose(language)
    label = words.say("backup.label")
    with click.progressbar(length=1000, label=label, file=sys.stderr, hidden=not sys.stderr.isatty()) as bar:
        made = make(
            folder, target, with_keys=not without_keys,
            progress=lambda done, total: bar.update(1000 * done // max(total, 1) - bar.pos),
        )  # fmt: skip
    value = {"batches": made.batches, "disclosures": made.disclosures, "erased": made.erased, "size": made.size}
    text = words.say("backup.made", target=str(target), **value)
    answer(value, text, as_json=as_json)


@click.command()
@click.argument("folder", metavar="DIR", type=_FOLDER)
@click.option("--from", "sources", metavar="URL|DIR", multiple=True,
              help="A mirror: where entries are that DIR misses; may be given several times.")  # fmt: skip
@click.option("--trust-this-folder", "trusted", is_flag=True,
              help="You vouch that nobody who does not answer has seen more.")  # fmt: skip
@language_option
@json_option
def recover(folder: Path, sources: tuple[str, ...], trusted: bool, language: str | None, as_json: bool) -> None:
    """Take up the registry in DIR, a backup or what is left of it, where its log was signed last.

    Guard, witnesses, auditors and mirrors are asked what they have seen; entries that DIR misses are fetched from the
    mirrors, checked against what this log's key has signed, and added. Mirrors have no private sections: which are
    missing is listed, and whoever submits a statement again brings them back.

    Of a registry on several machines, a database that lost commits goes on from the bucket, private sections included.

    Nothing is served meanwhile. It may be run again at any time.
    """
    from registry.config import load

    words = choose(language)

    def say(line: str) -> None:
        click.echo(tell(line, words), err=True)

    config = load(folder, trusted=trusted)
    if config.settings.is_shared:
        from registry.recover_shared import recover_shared

        found = recover_shared(config, sources, say)
    else:
        from registry.recover import recover as run

        found = run(folder, sources, trusted=trusted, say=say)
    missing = [{"entry": index, "id": id, "section": name} for index, id, name in found.sections]
    value = {
        "entries": found.entries,
        "erased": found.erased,
        "sections": missing,
        "silent": list(found.silent),
        "size": found.size,
    }
    lines = [
        words.say("recover.section", index=str(index), id=id, section=name) for index, id, name in found.sections
    ]
    if lines:
        lines.append(words.say("recover.submit_again", n=len(lines)))
    lines.append(words.say("recover.goes_on", size=found.size, fetched=found.entries))
    lines.append(words.say("init.start", folder=str(folder)))
    answer(value, "\n".join(lines), as_json=as_json)


@click.command()
@click.argument("folder", metavar="DIR", type=_FOLDER)
@shared_options
@language_option
@json_option
def move(
    folder: Path, store: str | None, publish: str | None, single: bool | None, language: str | None, as_json: bool
) -> None:
    """Have the registry in DIR go on in an empty database and an empty bucket, for several machines.

    Stop it first. All of it goes over: the log, private sections, what was erased, grants, drafts. Then its guard says
    that the folder has ended, so that no copy of it signs on; the bucket is the guard. What DIR held lies in
    DIR/before-the-move: delete it, for what is erased from now on is not erased there. Again, it goes on where it was
    interrupted.
    """
    from registry.move import LEFT
    from registry.move import move as run

    if not store or not publish:
        raise click.UsageError("give both --store and --publish")
    words = choose(language)
    left = folder / LEFT
    size = run(folder, store, publish, single=bool(single), say=lambda line: click.echo(tell(line, words), err=True))
    text = words.say("move.done", left=str(left), publish=publish, size=size)
    answer({"left": str(left), "size": size}, f"{text}\n{words.say('init.start', folder=str(folder))}", as_json=as_json)


@click.command()
@click.argument("folder", metavar="DIR", type=_FOLDER)
@language_option
@json_option
def retire(folder: Path, language: str | None, as_json: bool) -> None:
    """Have the registry in DIR never be signed on again on this machine, so that it can go on on another.

    Stop it, retire it, copy DIR to the other machine whole, and serve it there: it waits until a quorum of its
    witnesses or a mirror has answered, or for --trust-this-folder. Whatever is left of DIR here is refused.
    """
    from registry.recover import retire as run

    size = run(folder)
    text = choose(language).say("retire.ends", folder=str(folder), size=size)
    answer({"folder": str(folder), "size": size}, text, as_json=as_json)
