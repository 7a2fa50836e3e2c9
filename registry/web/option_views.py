"""``/desk/options`` and ``/desk/renewals``: options on a model, asked for and granted; and what ends soon."""

from __future__ import annotations

from flask import Response, request

from registry.desk.desk import Desk
from registry.desk.options import OptionView
from registry.desk.renewals import Renewal
from registry.web.errors import fail
from registry.web.party_requests import asking_party, done, hex_id, instant, json_answer, members, names_json, text
from registry.web.readers import reader
from registry.web.routes import Views
from verifier.base.canonical import Json
from verifier.base.strict import format_instant
from verifier.programs.language import catalogue, languages


def views(desk: Desk) -> Views:
    """Asking, listing, granting, declining, releasing; and what ends soon."""

    def listed() -> Response:
        party = asking_party()
        found = desk.options.options(party)
        names = names_json(desk.names(reader(), (one for seen in found for one in _parties(seen))))
        return json_answer({"names": names, "options": [option_json(seen, party) for seen in found]})

    def ask() -> Response:
        party, body = asking_party(), members({"about", "ends", "model", "starts"}, {"until"})
        starts, ends = instant(body, "starts"), instant(body, "ends")
        until = instant(body, "until") if "until" in body else None
        model, about = text(body, "model"), text(body, "about")
        seen = done(lambda: desk.options.ask(party, model, starts=starts, ends=ends, until=until, about=about))
        return _one(desk, seen, party)

    def grant(id: str) -> Response:
        party = asking_party()
        return _one(desk, done(lambda: desk.options.grant(party, hex_id(id))), party)

    def decline(id: str) -> Response:
        party = asking_party()
        return _one(desk, done(lambda: desk.options.decline(party, hex_id(id))), party)

    def release(id: str) -> Response:
        party = asking_party()
        return _one(desk, done(lambda: desk.options.release(party, hex_id(id))), party)

    def renewals() -> Response:
        asking_party()
        language = request.args.get("language", "en")
        if language not in languages():
            raise fail("bad_request", f"must be one of {', '.join(languages())}", "language")
        found = desk.renewals.of(reader(), catalogue(language))
        names = names_json(desk.names(reader(), (party for one in found for party in (one.model, one.other) if party)))
        return json_answer({"names": names, "renewals": [_renewal(one) for one in found]})

    return {
        "renewals": renewals,
        "options": listed,
        "option_ask": ask,
        "option_grant": grant,
        "option_decline": decline,
        "option_release": release,
    }


def option_json(seen: OptionView, party: str) -> dict[str, Json]:
    """An option as ``party`` is shown it: her own rank, and nothing of others' options."""
    option = seen.option
    value: dict[str, Json] = {
        "answer_by": format_instant(option.answer_by),
        "answers": seen.answers,
        "asked": format_instant(option.asked),
        "asker": option.asker,
        "ends": format_instant(option.ends),
        "id": option.id,
        "model": option.model,
        "starts": format_instant(option.starts),
        "state": option.state,
        "until": format_instant(option.until),
        "yours": option.asker == party,
    }
    if option.about:
        value["about"] = option.about
    if option.answered is not None:
        value |= {"answered": format_instant(option.answered), "answered_by": option.answered_by}
    if seen.rank is not None:
        value["rank"] = seen.rank
    return value


def _renewal(one: Renewal) -> dict[str, Json]:
    value: dict[str, Json] = {
        "draft": one.draft, "ends": format_instant(one.ends), "id": one.id, "kind": one.kind, "model": one.model,
        "other": one.other, "within": one.within,
    }  # fmt: skip
    if one.consent:
        value["consent"] = one.consent
    if one.runs_until is not None:
        value["runs_until"] = format_instant(one.runs_until)
    return value


def _one(desk: Desk, seen: OptionView, party: str) -> Response:
    return json_answer({**option_json(seen, party), "names": names_json(desk.names(reader(), _parties(seen)))})


def _parties(seen: OptionView) -> list[str]:
    return [one for one in (seen.option.asker, seen.option.model, seen.option.answered_by) if one]
