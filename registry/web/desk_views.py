"""``/desk``: statements that wait for signatures, and against who is not welcome there. Who asks is the party whose key
signed the request."""

from __future__ import annotations

from collections.abc import Callable

from flask import Response, request

from registry.desk.contact_store import DeskReport
from registry.desk.desk import Desk, DraftView, check_turns
from registry.desk.limits import PICTURE
from registry.desk.pending import PendingDraft
from registry.desk.rasters import TYPES
from registry.intake.submission import parse_submission, submission_from_json, submission_to_json
from registry.web.body import BYTES, whole
from registry.web.errors import fail
from registry.web.party_requests import asking_party, done, hex_id, json_answer, members, names_json, text
from registry.web.readers import reader
from registry.web.routes import Views
from verifier.base.canonical import Json
from verifier.base.errors import KembarError
from verifier.base.strict import format_instant, is_hex64, parse_b64, parse_instant
from verifier.statements.envelope import Signature


def views(desk: Desk) -> Views:
    """Putting up, listing, showing, pictures, signing, taking back, declining, withdrawing, reporting; blocking."""

    def shown(act: Callable[[], DraftView]) -> Response:
        party, seen = asking_party(), done(act)
        return json_answer({**seen_json(seen, party), "names": names_json(desk.names(reader(), seen.parties))})

    def propose() -> Response:
        body = members({"submission"}, {"deadline", "require", "turns"})
        require = body.get("require", True)
        if not isinstance(require, bool):
            raise fail("bad_request", "is true or false", "require")
        try:
            submission = submission_from_json(body["submission"])
            deadline = parse_instant(text(body, "deadline")) if "deadline" in body else None
            turns = check_turns(body.get("turns", []))
        except KembarError as error:
            raise fail("bad_request", error.message, error.where) from None
        party = asking_party()
        return shown(lambda: desk.propose(party, submission, deadline=deadline, require=require, turns=turns))

    def drafts() -> Response:
        party = asking_party()
        found = desk.drafts(party)
        names = names_json(desk.names(reader(), (one for seen in found for one in seen.parties)))
        return json_answer({"drafts": [seen_json(seen, party) for seen in found], "names": names})

    def show(id: str) -> Response:
        party = asking_party()
        seen = done(lambda: desk.show(party, hex_id(id)))
        kept: list[Json] = [
            {"sha256": one.digest, "size": one.size, "type": one.type} for one in desk.pictures(seen)
        ]
        value = seen_json(seen, party, whole_text=True) | ({"files": kept} if kept else {})
        return json_answer({**value, "names": names_json(desk.names(reader(), seen.parties))})

    def attach(id: str, sha256: str) -> Response:
        if request.mimetype != BYTES:
            raise fail("media_type", f"the body is not {BYTES}")
        party, data = asking_party(), whole(request, PICTURE)
        done(lambda: desk.attach(party, hex_id(id), hex_id(sha256), data))
        return json_answer({"id": id, "sha256": sha256, "size": len(data)})

    def detach(id: str, sha256: str) -> Response:
        party = asking_party()
        done(lambda: desk.detach(party, hex_id(id), hex_id(sha256)))
        return json_answer({"id": id, "sha256": sha256})

    def picture(id: str, sha256: str) -> Response:
        """Nobody's page may show it but this registry's own, whose script compares it with its digest."""
        kept, data = done(lambda: desk.picture(asking_party(), hex_id(id), hex_id(sha256)))
        response = Response(data, content_type=kept.type)
        response.headers["Content-Disposition"] = f'attachment; filename="{sha256[:16]}.{TYPES[kept.type]}"'
        response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
        response.headers["Cache-Control"] = "no-store"
        return response

    def read(id: str) -> Response:
        return shown(lambda: desk.read(asking_party(), hex_id(id)))

    def sign(id: str) -> Response:
        body = members({"keyid", "sig"}, set())
        try:
            sig = parse_b64(text(body, "sig"))
        except KembarError as error:
            raise fail("bad_request", error.message, "sig") from None
        keyid = text(body, "keyid")
        if not is_hex64(keyid) or len(sig) != 64:
            raise fail("bad_request", "keyid is a public key in 64 hex digits, sig its signature of 64 bytes")
        return shown(lambda: desk.sign(asking_party(), hex_id(id), Signature(keyid=keyid, sig=sig)))

    def take_back(id: str) -> Response:
        return shown(lambda: desk.take_back(asking_party(), hex_id(id)))

    def decline(id: str) -> Response:
        reason = text(members({"reason"}, set()), "reason")
        return shown(lambda: desk.decline(asking_party(), hex_id(id), reason))

    def withdraw(id: str) -> Response:
        return shown(lambda: desk.withdraw(asking_party(), hex_id(id)))

    def report(id: str) -> Response:
        party, reason = asking_party(), text(members({"reason"}, set()), "reason")
        done(lambda: desk.report(party, hex_id(id), reason))
        return json_answer({"id": id, "reported": True})

    def reports() -> Response:
        """To the registrars all of them, to a party her own."""
        own = None if reader().is_registrar else asking_party()
        found = desk.contacts.reports(desk.now(), own)
        names = names_json(desk.names(reader(), (party for one in found for party in (one.proposer, one.reporter))))
        return json_answer({"names": names, "reports": [_report(one) for one in found]})

    def blocks() -> Response:
        party = asking_party()
        found = desk.contacts.blocked_by(party)
        names = names_json(desk.names(reader(), (one for one, _ in found)))
        return json_answer({"blocks": [{"at": format_instant(at), "party": one} for one, at in found], "names": names})

    def block() -> Response:
        party, other = asking_party(), text(members({"party"}, set()), "party")
        done(lambda: desk.block(party, other))
        return json_answer({"blocked": True, "party": other})

    def unblock(id: str) -> Response:
        if not desk.contacts.unblock(asking_party(), id):
            raise fail("not_found", "this party blocks no such party", "id")
        return json_answer({"blocked": False, "party": id})

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
        "desk_attach": attach,
        "desk_detach": detach,
        "desk_picture": picture,
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


def _report(one: DeskReport) -> Json:
    return {
        "at": format_instant(one.at),
        "id": one.draft,
        "proposer": one.proposer,
        "reason": one.reason,
        "reporter": one.reporter,
        "type": one.type,
    }
