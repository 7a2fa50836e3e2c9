"""``registry clock``: what a registry's clock says beside its log, and the operator's word that it is right."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import click

from registry.commands.common import answer, json_option, language_option
from verifier.base.strict import format_instant
from verifier.programs.language import choose


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path, file_okay=False))
@click.option("--accept", "accepted", is_flag=True, help="Say that the clock is right, for the next ten minutes.")
@language_option
@json_option
def clock(folder: Path, accepted: bool, language: str | None, as_json: bool) -> None:
    """Show this machine's clock beside the last seal of the registry in DIR.

    A registry whose clock leaps dates nothing until its witnesses confirm the time. Where none of them answers, and the
    clock is right, --accept lets it go on. Where the clock is right and lies before the last seal, since it was ahead
    once, --accept has it seal on at the last seal's time: auditors refuse until the clock has come there.
    """
    from registry.config import clock as now
    from registry.config import load
    from registry.seal_clock import accept, boot_time

    with closing(load(folder).open_store()) as store:
        sealed = store.last_at()
    here = now()
    ahead = max(0, sealed - here)
    if accepted:
        accept(folder, boot_time())
    words = choose(language)
    lines = [
        words.say("clock.here", at=format_instant(here)),
        words.say("clock.sealed", at=format_instant(sealed)),
    ]
    if ahead:
        lines.append(words.say("clock.ahead", n=ahead))
    if accepted and ahead:
        lines.append(words.say("clock.accepted_ahead", at=format_instant(sealed)))
    elif accepted:
        lines.append(words.say("clock.accepted"))
    value = {"accepted": accepted, "ahead": ahead, "clock": format_instant(here), "sealed": format_instant(sealed)}
    answer(value, "\n".join(lines), as_json=as_json)
