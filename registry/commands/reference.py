"""``registry reference``: the protocol's own reference for the next transfer to a payee."""

from __future__ import annotations

from pathlib import Path

import click

from registry.commands.common import Failure, Misused, Unable, answer, json_option, language_option
from registry.commands.connecting import connect, key_option, registry_option
from registry.commands.naming import as_id
from registry.commands.targets import is_address, target_statement
from registry.drafting.drafts.references import MAX_NUMBER, end_to_end, next_number
from registry.intake.submission import submission_from_json
from verifier.base.strict import is_hex64
from verifier.statements.sections import BankEvidence
from verifier.statements.types import Consent, Payment, Receipt

_NUMBER = click.IntRange(1, MAX_NUMBER)


@click.command("reference")
@click.argument("consent", metavar="CONSENT")
@click.argument("payee", metavar="PAYEE")
@registry_option("The registry's address, which knows the numbers in use.", metavar="URL")
@click.option("--number", type=_NUMBER, help="Take this number: one that was never used for this payee.")
@key_option
@language_option
@json_option
def reference(
    consent: str, payee: str, where: str | None, number: int | None, language: str | None, as_json: bool
) -> None:
    """Print the reference of a transfer under CONSENT to PAYEE: K, a digest of both, and the next free number.

    CONSENT is its id or its signed file, PAYEE an id. The reference goes into the bank transfer (as its end-to-end
    reference) and into the payment and the receipt of it. Each transfer has one of its own: two payments of one signer
    with one reference count as one. Which numbers are in use is looked up at the registry's address; payments that are
    made and not logged yet it cannot know.
    """
    payee = as_id(payee)
    if not is_hex64(payee):
        raise Misused(f"PAYEE {payee[:80]!r} is not an id of 64 hex digits.")
    if number is None and not is_address(where):
        raise Misused(
            "which numbers are in use only the registry knows: add --registry URL, or --number N with one of your own."
        )
    consent = consent if Path(consent).is_file() else as_id(consent)
    id = consent if is_hex64(consent) and where is None else _consent(consent, payee, where)
    if number is None:
        assert where is not None
        number = _next(where, id, payee)
    said = end_to_end(id, payee, number)
    answer({"consent": id, "number": number, "payee": payee, "reference": said}, said, as_json=as_json)


def _consent(consent: str, payee: str, where: str | None) -> str:
    """The id of a consent that pays this payee, herself or as the agency that collects."""
    statement = target_statement(consent, where)
    if not isinstance(statement, Consent) or statement.act != "use":
        raise Failure(f"{consent} is not a consent to a use: money is paid under no other statement.")
    payees = (*(statement.parties.payees or ()), statement.parties.agency)
    if payee not in payees:
        named = ", ".join(one for one in payees if one)
        raise Failure(f"{payee} is nobody whom this consent pays; it names {named}.")
    return statement.id


def _next(where: str, consent: str, payee: str) -> int:
    """The number after the last that is in use; the references of all payments to the payee must be shown for that."""
    used: list[str] = []
    hidden = 0
    with connect(where) as client:
        for index, _ in client.subject(f"account:{consent}"):
            statement = client.statement(index)
            if isinstance(statement, Payment | Receipt) and statement.parties.payee == payee:
                entry = client.entry(statement.id)
                shown = submission_from_json({name: entry[name] for name in ("disclosures", "envelope")}).opened()
                _, evidence = shown.get("evidence", (None, None))
                if isinstance(evidence, BankEvidence):
                    used.append(evidence.reference)
                else:
                    hidden += 1
    if hidden:
        raise Unable(
            f"The registry does not show the references of {hidden} of the payments to this payee, so the next free "
            "number is not known: choose one that was never used, with --number N."
        )
    return next_number(consent, payee, used)
