"""Which entries have effect: T6, T8, A0, A1, A2, A5's one replacement, and rulings (A20); PROTOCOL 4, 4.1 and 4.2."""

from __future__ import annotations

from datetime import UTC, datetime

from tests.law.naive.contract import DAY, Fork, History, Untold
from tests.law.naive.contract_signers import complete, guardian_of, keys, live, signers_wrong, ways_to_sign
from verifier.rules.model.record import Entry
from verifier.statements.types import (
    Adjustment,
    Approval,
    Consent,
    Dispute,
    Erasure,
    Exercise,
    Genesis,
    Guardian,
    Key,
    Mandate,
    Party,
    Payment,
    Receipt,
    Registry,
    Report,
    Resumption,
    Revocation,
    Ruling,
    Statement,
    Suspension,
    Twin,
    Usage,
)


def final(history: History, entry: Entry) -> list[str]:
    """Why an entry has no effect, everything counted; nothing: it has."""
    return history.once(("final", entry.index), lambda: _final(history, entry))


def base(history: History, entry: Entry) -> list[str]:
    """The same as if there were no rulings, which is how rulings are judged, and no disputes for them to settle."""
    return history.once(("base", entry.index), lambda: _void(history, entry, ruled=False))


def _final(history: History, entry: Entry) -> list[str]:
    if isinstance(entry.statement, Ruling):
        return base(history, entry)
    found = _void(history, entry, ruled=True)
    if ruled_void(history, entry):
        found = [*found, "void_ruling"]
    if not found and disputed_key(history, entry):
        if entry.index not in history.effects:
            raise Fork(entry.index)
        found = [] if history.effects[entry.index] else ["key_disputed"]
    return found


def _void(history: History, entry: Entry, *, ruled: bool) -> list[str]:
    """All reasons why an entry has no effect, whoever disputes it."""
    said = entry.statement
    found: set[str] = set()
    untold: Untold | None = None
    if isinstance(said, Genesis):
        return []
    if said.at > entry.logged + 300:
        found.add("void_ahead")
    if entry.logged > said.at + 30 * DAY:
        found.add("void_late")
    if isinstance(said, Exercise) and (by := _exercise_by(history, entry)) is not None and entry.logged >= by:
        found.add("void_late")
    for judge in (_parties, signers_wrong, _power, _second_replacement, _repeated):
        try:
            found |= judge(history, entry, ruled)
        except Untold as error:
            untold = error
    if untold and not found:
        raise untold
    return sorted(found)


def _exercise_by(history: History, entry: Entry) -> int | None:
    """By when the option that somebody exercises had to be; a statement's id says it all, whoever may see it."""
    assert isinstance(entry.statement, Exercise)
    for other in history.entries:
        if other.statement.id == entry.statement.consent and isinstance(other.statement, Consent):
            return other.statement.exercise_by
    return None


def _repeated(history: History, entry: Entry, ruled: bool) -> set[str]:
    for other in history.entries:
        if other.index < entry.index and other.statement.id == entry.statement.id and history.good(other, ruled):
            return {"repeated"}
    return set()


# ---- A20


def consent_of(statement: Statement) -> str | None:
    """The consent that a statement names, or is: whose arbiter may rule on it."""
    if isinstance(statement, Consent):
        return statement.id
    return getattr(statement, "consent", None)


def _rulings(history: History, entry: Entry, of: str) -> list[tuple[Entry, Ruling]]:
    consent = consent_of(entry.statement)
    if consent is None:
        return []
    return [
        (other, other.statement)
        for other in history.touching(f"consent:{consent}")
        if isinstance(other.statement, Ruling) and other.statement.consent == consent and of in other.statement.of
        and other.index > entry.index and not base(history, other)
    ]  # fmt: skip


def ruled_void(history: History, entry: Entry) -> bool:
    """Whether the last ruling on it was void."""
    if isinstance(entry.statement, Ruling):
        return False
    found = _rulings(history, entry, entry.statement.id)
    return bool(found) and found[-1][1].outcome == "void"


def disputed_key(history: History, entry: Entry) -> bool:
    """Whether one of its signers says that the key was stolen, and nobody has ruled."""
    consent = consent_of(entry.statement)
    if consent is None or isinstance(entry.statement, Ruling):
        return False
    for other in history.touching(f"consent:{consent}"):
        dispute = other.statement
        if not isinstance(dispute, Dispute):
            continue
        author = dispute.parties.author or ""
        if (
            not base(history, other)  # it is on the consent, which it may itself put in doubt
            and not ruled_void(history, other)
            and dispute.tag == "key"
            and dispute.consent == consent
            and entry.statement.id in dispute.of
            and entry.index < other.index
            and other.logged <= entry.logged + 30 * DAY
            and entry.signers & live(history, author, entry.index) & keys(history, author, other.index).retired
            and author in _signing(history, entry)
            and not any(one.index > other.index for one, _ in _rulings(history, entry, entry.statement.id))
            and not _rulings(history, other, dispute.id)
        ):
            return True
    return False


def _signing(history: History, entry: Entry) -> set[str]:
    """Whose word an entry is."""
    return {party for way in ways_to_sign(history, entry, True) for party in way}


# ---- A0: what it stands on, and whom it names


def _parties(history: History, entry: Entry, ruled: bool) -> set[str]:
    return set() if _stands(history, entry, ruled) and _is_enrolled(history, entry, ruled) else {"void_parties"}


def _stands(history: History, entry: Entry, ruled: bool) -> bool:
    """Its header makes sense, it stands on good entries of the right type, and names whom it must."""
    said, index = entry.statement, entry.index
    roles, payees = said.parties.roles(), set(said.parties.payees)
    expected: dict[str, str] = {}
    expected_payees: set[str] = set()
    free: set[str] = set()
    if isinstance(said, Party | Key) and said.recovery and said.recovery.threshold > len(said.recovery.keys):
        return False
    if isinstance(said, Party):
        free = {"controller"}
    elif isinstance(said, Key):
        free = {"author"}
        if "author" not in roles or not history.first_good(f"keys:{roles['author']}", roles["author"], index):
            return False
    elif isinstance(said, Guardian):
        free = {"model", "guardian"}
        if set(roles) != free or not _first_of_month(said.until):
            return False
        if not all(history.first_good(f"keys:{one}", one, index) for one in roles.values()):
            return False
    elif isinstance(said, Mandate):
        free = {"model", "agency"}
        if said.starts >= said.ends or not free <= set(roles):
            return False
    elif isinstance(said, Consent) and said.act == "create":
        free = {"model", "maker"}
        if not free <= set(roles) or bool(payees) != ("money" in said.sections):
            return False
        expected_payees = payees
    elif isinstance(said, Twin):
        creation = history.first_good(f"consent:{said.creation}", said.creation, index, ruled)
        if creation is None or not isinstance(creation.statement, Consent) or creation.statement.act != "create":
            return False
        expected = _theirs(creation.statement)
    elif isinstance(said, Consent):
        free = {"model", "licensee", "union", "arbiter"} | ({"agency"} if said.under else set())
        if not payees or not {"model", "licensee"} <= set(roles) or ("agency" in roles) != (said.under is not None):
            return False
        if said.exercise_by is not None and said.exercise_by <= said.at:
            return False
        if not _uses_stand(history, entry, said, ruled):
            return False
        expected_payees = payees
    elif isinstance(said, Erasure):
        target = _anything(history, said.of, index, ruled)
        if target is None:
            return False
        expected, expected_payees = _theirs(target), set(target.parties.payees)
        if isinstance(target, Party):
            expected["author"] = target.id
    elif isinstance(said, Registry):
        if said.log is not None and said.log.split("+")[0] != _name_of_the_log(history):
            return False
    else:
        target = _target(history, entry, ruled)
        if target is None:
            return False
        expected, expected_payees = _theirs(target), set(target.parties.payees)
        if isinstance(said, Usage | Report):
            free = {"sublicensee"}
        if isinstance(said, Payment | Receipt | Adjustment):
            free = {"payer", "payee"} | (set() if isinstance(said, Receipt) else {"provider"})
            if not {"payer", "payee"} <= set(roles):
                return False
        if not _fits(history, entry, target, expected, ruled):
            return False
    if not isinstance(said, Guardian):
        guardian = guardian_of(history, roles.get("model") or roles.get("author"), entry)
        if guardian is not None:
            expected["guardian"] = guardian
    if isinstance(said, Dispute):
        if roles.get("author") not in {*expected.values(), *expected_payees} - {expected.get("guardian")}:
            assert target is not None
            ward_too = roles.get("author") in {*_theirs(target).values(), *expected_payees}
            if not ward_too:
                return False
        expected["author"] = roles["author"]
    elif not isinstance(said, Key | Erasure):
        besides = _besides(history, entry, {**expected, **{name: roles[name] for name in free & set(roles)}},
                           expected_payees, ruled)  # fmt: skip
        if len(besides) > 1:
            return False
        for one in besides:
            expected["author"] = one
    named = {role: one for role, one in roles.items() if role not in free}
    return named == expected and payees == expected_payees and _roles_fit(roles, payees)


def _name_of_the_log(history: History) -> str:
    genesis = history.entries[0].statement
    assert isinstance(genesis, Genesis)
    return genesis.log.split("+")[0]


def _first_of_month(instant: int) -> bool:
    then = datetime.fromtimestamp(instant, UTC)
    return then == then.replace(day=1, hour=0, minute=0, second=0)


def _theirs(statement: Statement) -> dict[str, str]:
    """The parties of a target, the guardian aside."""
    return {role: one for role, one in statement.parties.roles().items() if role != "guardian"}


def _anything(history: History, id: str, before: int, ruled: bool) -> Statement | None:
    for entry in history.entries:
        if entry.statement.id == id and entry.index < before and not base(history, entry):
            return entry.statement
    return None


def _uses_stand(history: History, entry: Entry, said: Consent, ruled: bool) -> bool:
    """A consent to use stands on its twin, its mandate and the consent that it replaces."""
    named = said.parties
    twin = history.first_good(f"twin:{said.twin}", said.twin or "", entry.index, ruled)
    if twin is None or not isinstance(twin.statement, Twin) or twin.statement.parties.model != named.model:
        return False
    if said.under is not None:
        mandate = history.first_good(f"mandate:{said.under}", said.under, entry.index, ruled)
        if mandate is None or not isinstance(mandate.statement, Mandate):
            return False
        if (mandate.statement.parties.model, mandate.statement.parties.agency) != (named.model, named.agency):
            return False
    if said.follows is not None:
        old = history.first_good(f"consent:{said.follows}", said.follows, entry.index, ruled=False)
        if old is None or not isinstance(old.statement, Consent) or old.statement.act != "use":
            return False
        if (old.statement.parties.model, old.statement.parties.licensee) != (named.model, named.licensee):
            return False
    return True


def _target(history: History, entry: Entry, ruled: bool) -> Statement | None:
    """The good consent, mandate or twin that a statement is on, below it."""
    said = entry.statement
    kind, id = said.target if isinstance(said, Revocation) else ("consent", str(getattr(said, "consent")))  # noqa: B009
    found = history.first_good(f"{kind}:{id}", id, entry.index, ruled)
    wanted: type[Statement] = {"consent": Consent, "mandate": Mandate, "twin": Twin}[kind]
    return found.statement if found is not None and isinstance(found.statement, wanted) else None


def _fits(history: History, entry: Entry, target: Statement, theirs: dict[str, str], ruled: bool) -> bool:
    """What is asked of statements on a consent besides."""
    said, named = entry.statement, entry.statement.parties
    if isinstance(said, Usage | Report | Approval | Exercise) and not (
        isinstance(target, Consent) and target.act == "use"
    ):
        return False
    if isinstance(said, Exercise) and isinstance(target, Consent) and target.exercise_by is None:
        return False
    if isinstance(said, Revocation) and said.part is not None and getattr(target, "act", "") != "use":
        return False
    if isinstance(said, Usage | Report | Approval | Payment | Receipt | Adjustment):
        if not isinstance(target, Consent):
            return False
        listed = named.sublicensee is None or named.sublicensee in (target.sublicensees or ())
        if not listed and target.sublicense != "countersigned":
            return False
        if named.provider is not None and named.provider not in (target.providers or ()):
            return False
        payees = set(target.parties.payees)
        if named.payee is not None and named.payee not in payees | {target.parties.agency}:
            return False
        payers = {target.parties.licensee, target.parties.agency, *(target.sublicensees or ()), *payees} - {named.payee}
        if target.act == "create":
            payers = {target.parties.maker}
        if named.payer is not None and named.payer not in payers:
            return False
        if isinstance(said, Usage) and said.twin != target.twin:
            return False
    if isinstance(said, Report):
        usage = history.first_good(f"usage:{said.consent}.{said.usage}", said.usage, entry.index, ruled)
        if usage is None or not isinstance(usage.statement, Usage):
            return False
        if usage.statement.parties.sublicensee != named.sublicensee:
            return False
    if (under := getattr(said, "under", None)) is not None:
        mandate = history.first_good(f"mandate:{under}", under, entry.index, ruled)
        if mandate is None or not isinstance(mandate.statement, Mandate) or getattr(said, "mandate", None) is not None:
            return False
        return mandate.statement.parties.model == named.model
    return True


def _besides(history: History, entry: Entry, named: dict[str, str], payees: set[str], ruled: bool) -> set[str]:
    """Who is named as author for want of another role: the agency of ``under``, the guardian of a ward who is payee."""
    said = entry.statement
    found = set()
    if not isinstance(said, Consent) and (under := getattr(said, "under", None)) is not None:
        mandate = history.first_good(f"mandate:{under}", under, entry.index, ruled)
        if mandate is not None:
            found.add(mandate.statement.parties.agency or "")
    if isinstance(said, Payment | Receipt | Adjustment):
        guardian = guardian_of(history, said.parties.payee, entry)
        if guardian is not None:
            found.add(guardian)
    return found - {*named.values(), *payees}


def _roles_fit(roles: dict[str, str], payees: set[str]) -> bool:
    """Who cannot be whom."""
    model, arbiter, provider = roles.get("model"), roles.get("arbiter"), roles.get("provider")
    if model is not None and any(
        one == model for role, one in roles.items() if role not in ("model", "payee", "author")
    ):
        return False
    if arbiter is not None and (
        arbiter in payees or any(one == arbiter for role, one in roles.items() if role != "arbiter")
    ):
        return False
    if roles.get("payer") is not None and roles["payer"] == roles.get("payee"):
        return False
    if provider is not None and provider in (roles.get("payer"), roles.get("payee")):
        return False
    return roles.get("agency") is None or roles["agency"] != roles.get("licensee")


ANY_ROLE = ("payer", "payee", "author")


def _is_enrolled(history: History, entry: Entry, ruled: bool) -> bool:
    """Who signs is there already, and enrolled with the role in which it signs."""
    said, named = entry.statement, entry.statement.parties
    if isinstance(said, Party | Key):
        return True
    ways = ways_to_sign(history, entry, ruled)
    way = next((way for way in ways if complete(entry.signers, way)), None)
    for party in way if way is not None else {party for way in ways for party in way if len(ways) == 1}:
        if party in ("registrar", "registry", "new log key", "nobody"):
            continue
        if (
            len(party) == 64
            and isinstance(said, Guardian)
            and party in keys(history, named.model or "", entry.index).recovery
        ):
            continue
        there = history.first_good(f"keys:{party}", party, entry.index)
        if there is None or not isinstance(there.statement, Party):
            return False
        roles = {role for role, one in named.roles().items() if one == party}
        needed = _signs_as(said, party, roles)
        if needed is not None and needed not in there.statement.roles:
            return False
    return True


def _signs_as(said: Statement, party: str, roles: set[str]) -> str | None:
    """The role in which somebody signs; none where any will do."""
    if party == said.parties.model and not isinstance(said, Payment | Receipt | Adjustment | Dispute):
        return "model"
    if isinstance(said, Usage | Report | Exercise):
        return "licensee"
    if isinstance(said, Revocation) and party == said.parties.licensee and said.under is None:
        return "licensee"
    if isinstance(said, Payment | Adjustment) and party == said.parties.provider:
        return "provider"
    if isinstance(said, Payment | Receipt | Adjustment | Dispute):
        return "guardian" if party == said.parties.guardian and not roles & set(ANY_ROLE) else None
    if "guardian" in roles:
        return "guardian"
    if isinstance(said, Consent):
        if said.act == "create":
            return "maker"
        return "agency" if party == said.parties.agency else "licensee"
    if isinstance(said, Twin):
        return "maker"
    if isinstance(said, Mandate):
        return "agency"
    if isinstance(said, Ruling):
        return "arbiter"
    if isinstance(said, Suspension | Resumption):
        return "union"
    if getattr(said, "under", None) is not None or isinstance(said, Revocation):
        return "agency"
    return None


# ---- A2 and A5


def _power(history: History, entry: Entry, ruled: bool) -> set[str]:
    """An agency signs for a model only with a mandate that is in force."""
    said = entry.statement
    under = getattr(said, "under", None)
    if under is None:
        return set()
    mandate = history.first_good(f"mandate:{under}", under, entry.index, ruled)
    if mandate is None or not isinstance(mandate.statement, Mandate):
        return set()
    terms = mandate.statement
    power = {"approval": "approve", "revocation": "revoke"}.get(said.type)
    ends = min(terms.ends, months_after(terms.starts, 36))
    revoked = any(
        other.index < entry.index and max(revocation.effective, other.logged) <= entry.logged
        for other, revocation in history.of(f"mandate:{under}", Revocation)
    )
    fine = terms.starts <= entry.logged < ends and not revoked and (power is None or power in terms.powers)
    return set() if fine else {"void_power"}


def months_after(instant: int, months: int) -> int:
    """T5: the same day and time of day, clamped to the month's end."""
    from calendar import monthrange

    then = datetime.fromtimestamp(instant, UTC)
    year, month = divmod(then.year * 12 + then.month - 1 + months, 12)
    day = min(then.day, monthrange(year, month + 1)[1])
    return int(then.replace(year=year, month=month + 1, day=day).timestamp())


def _second_replacement(history: History, entry: Entry, _: bool) -> set[str]:
    said = entry.statement
    if not isinstance(said, Consent) or said.follows is None:
        return set()
    for other in history.touching(f"consent:{said.follows}"):
        if (
            isinstance(other.statement, Consent)
            and other.statement.follows == said.follows
            and other.index < entry.index
            and other.statement.id != said.id
            and history.good(other)  # one that was ruled void never took its place
        ):
            return {"void_replaced"}
    return set()
