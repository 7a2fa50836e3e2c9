"""``/desk``: statements that wait for signatures, and against who is not welcome there. Who asks is the party whose key
signed the request."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

from flask import Response, request

from registry.desk.contact_store import DeskReport
from registry.desk.desk import Desk, DraftView, check_turns
from registry.desk.pending import DeskRefusal, PendingDraft
from registry.intake.submission import MAX_SUBMISSION, parse_submission, submission_from_json, submission_to_json
from registry.web.body import JSON, media_type, whole
from registry.web.errors import ProblemError, fail
from registry.web.readers import reader
from registry.web.routes import Views
from verifier.base import canonical
from verifier.base.canonical import Json
from verifier.base.errors import KembarError
from verifier.base.strict import format_instant, is_hex64, parse_b64, parse_instant
from verifier.statements.envelope import Signature

Done = TypeVar("Done")
MAX_BODY = MAX_SUBMISSION + 64 * 1024


def views(desk: Desk) -> Views:
    """Putting up, listing, showing, reading, signing, taking back, declining, withdrawing, reporting; blocking."""

    def shown(act: Callable[[], DraftView], *, whole_text: bool = False) -> Response:
        party, seen = _party(), _done(act)
        value = seen_json(seen, party, whole_text=whole_text)
        return _json({**value, "names": _names(desk, seen.parties)})

    def propose() -> Response:
        body = _body({"submission"}, {"deadline", "require", "turns"})
        require = body.get("require", True)
        if not isinstance(require, bool):
            raise fail("bad_request", "is true or false", "require")
        try:
            submission = submission_from_json(body["submission"])
            deadline = parse_instant(_text(body, "deadline")) if "deadline" in body else None
            turns = check_turns(body.get("turns", []))
        except KembarError as error:
            raise fail("bad_request", error.message, error.where) from None
        party = _party()
        return shown(lambda: desk.propose(party, submission, deadline=deadline, require=require, turns=turns))

    def drafts() -> Response:
        party = _party()
        found = desk.drafts(party)
        names = _names(desk, (one for seen in found for one in seen.parties))
        return _json({"drafts": [seen_json(seen, party) for seen in found], "names": names})

    def show(id: str) -> Response:
        return shown(lambda: desk.show(_party(), _id(id)), whole_text=True)

    def read(id: str) -> Response:
        return shown(lambda: desk.read(_party(), _id(id)))

    def sign(id: str) -> Response:
        body = _body({"keyid", "sig"}, set())
        try:
            sig = parse_b64(_text(body, "sig"))
        except KembarError as error:
            raise fail("bad_request", error.message, "sig") from None
        keyid = _text(body, "keyid")
        if not is_hex64(keyid) or len(sig) != 64:
            raise fail("bad_request", "keyid is a public key in 64 hex digits, sig its signature of 64 bytes")
        return shown(lambda: desk.sign(_party(), _id(id), Signature(keyid=keyid, sig=sig)))

    def take_back(id: str) -> Response:
        return shown(lambda: desk.take_back(_party(), _id(id)))

    def decline(id: str) -> Response:
        reason = _text(_body({"reason"}, set()), "reason")
        return shown(lambda: desk.decline(_party(), _id(id), reason))

    def withdraw(id: str) -> Response:
        return shown(lambda: desk.withdraw(_party(), _id(id)))

    def report(id: str) -> Response:
        party, reason = _party(), _text(_body({"reason"}, set()), "reason")
        _done(lambda: desk.report(party, _id(id), reason))
        return _json({"id": id, "reported": True})

    def reports() -> Response:
        """To the registrars all of them, to a party her own."""
        own = None if reader().is_registrar else _party()
        found = desk.contacts.reports(desk.now(), own)
        names = _names(desk, (party for one in found for party in (one.proposer, one.reporter)))
        return _json({"names": names, "reports": [_report(one) for one in found]})

    def blocks() -> Response:
        party = _party()
        found = desk.contacts.blocked_by(party)
        names = _names(desk, (one for one, _ in found))
        return _json({"blocks": [{"at": format_instant(at), "party": one} for one, at in found], "names": names})

    def block() -> Response:
        party, other = _party(), _text(_body({"party"}, set()), "party")
        _done(lambda: desk.block(party, other))
        return _json({"blocked": True, "party": other})

    def unblock(id: str) -> Response:
        if not desk.contacts.unblock(_party(), id):
            raise fail("not_found", "this party blocks no such party", "id")
        return _json({"blocked": False, "party": id})

    return {
        "desk_report": report,
        "desk_reports": reports,
        "desk_blocks": blocks,
        "desk_block": block,
        "desk_unblock": unblock,
        "desk": drafts,
        "desk_propose": propose,
        "desk_show": show,
        "desk_read": read,
        "desk_sign": sign,
        "desk_take_back": take_back,
        "desk_decline": decline,
        "desk_withdraw": withdraw,
    }


def seen_json(seen: DraftView, party: str, *, whole_text: bool = False) -> dict[str, Json]:
    """A draft as ``party`` is shown it; with ``whole_text`` what it says, and never anybody's signature."""
    draft = seen.draft
    value: dict[str, Json] = {
        "deadline": format_instant(draft.deadline),
        "id": draft.id,
        "needs": [sorted(group) for group in seen.groups],
        "parties": [_mark_json(draft, one, seen) for one in sorted(draft.marks)],
        "proposed": format_instant(draft.proposed),
        "proposer": draft.proposer,
        "require": draft.require,
        "state": draft.state,
        "type": draft.type,
        "waits": seen.waits,
        "yours": draft.proposer == party,
    }
    if draft.entry is not None:
        value["index"] = draft.entry
    if draft.problem:
        value["problem"] = draft.problem
    if draft.turns:
        value["turns"] = [list(turn) for turn in draft.turns]
    if whole_text and draft.text:
        value["submission"] = submission_to_json(parse_submission(draft.text))
    return value


def _mark_json(draft: PendingDraft, party: str, seen: DraftView) -> Json:
    mark = draft.mark(party)
    times = {"declined": mark.declined, "read": mark.read, "signed": mark.signed}
    value: dict[str, Json] = {"party": party}
    value |= {name: format_instant(at) for name, at in times.items() if at is not None}
    if mark.reason:
        value["reason"] = mark.reason
    if mark.signed is not None and draft.state == "open" and party not in seen.signed:
        value["retired"] = True  # the key that signed is not hers any more: she has to sign again
    return value


def _names(desk: Desk, parties: Iterable[str]) -> Json:
    """What this reader may know of how they are called."""
    return [{"name": name, "party": one} for one, name in desk.names(reader(), parties).items()]


def _report(one: DeskReport) -> Json:
    return {
        "at": format_instant(one.at),
        "id": one.draft,
        "proposer": one.proposer,
        "reason": one.reason,
        "reporter": one.reporter,
        "type": one.type,
    }


def _done(act: Callable[[], Done]) -> Done:
    try:
        return act()
    except DeskRefusal as refusal:
        raise ProblemError(refusal.problem) from None


def _party() -> str:
    """Who asks; a registrar's key stands for no party."""
    party = reader().party
    if not party:
        raise fail("refused", "refused")
    return party


def _id(text: str) -> str:
    if not is_hex64(text):
        raise fail("not_found", "an id is 64 lower-case hex digits", "id")
    return text


def _body(needed: set[str], optional: set[str]) -> dict[str, Json]:
    """The JSON object that was sent, with all of ``needed`` and nothing that is in neither."""
    if media_type(request) != JSON:
        raise fail("media_type", f"the desk takes {JSON}")
    try:
        value = canonical.parse(whole(request, MAX_BODY), limit=MAX_BODY)
    except KembarError as error:
        raise fail("not_canonical", error.message, error.where) from None
    if not isinstance(value, dict) or not needed <= value.keys() <= needed | optional:
        names = ", ".join(sorted(needed) + [f"{name}?" for name in sorted(optional)])
        raise fail("bad_request", f"the body is an object with {names} and nothing else")
    return value


def _text(body: dict[str, Json], name: str) -> str:
    value = body[name]
    if not isinstance(value, str):
        raise fail("bad_request", "is a text", name)
    return value


def _json(value: Json) -> Response:
    response = Response(canonical.encode(value), content_type=JSON)
    response.headers["Cache-Control"] = "no-store"
    return response
