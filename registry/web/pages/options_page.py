"""Options: who asks for a model's days, in which order her side agreed; asked for, answered and given up from a page.

Each answer is shown first with what follows from it; the key does it.
"""

from __future__ import annotations

from collections.abc import Iterator

from flask import request

from registry.desk.desk import Desk
from registry.desk.options import OptionView
from registry.desk.pending import DeskRefusal
from registry.readers.reader_store import DAY
from registry.service import Service
from registry.web.errors import fail
from registry.web.pages.acts import Acts, Step
from registry.web.pages.atoms import Act, Instant, Person
from registry.web.pages.deals import deals_of
from registry.web.pages.form_fields import FormFields, sent
from registry.web.pages.reader_view import ReaderView
from registry.web.pages.rendering import form_page, page
from registry.web.pages.unwelcome import involved
from registry.web.pages.viewing import viewing
from registry.web.pages.whose import whose
from registry.web.readers import reader
from registry.web.routes import Views
from verifier.base.strict import format_instant, is_hex64
from verifier.base.values import value

GRANT, DECLINE, RELEASE = WHAT = ("grant", "decline", "release")
"""What may become of an option."""
PLACES = {"model": "model", "agency": "agency", "brand": "licensee"}
"""Where it has pages, by the role that it takes."""
FIELDS = ("about", "days", "ends", "model", "other", "starts")
"""Of the form that asks for one."""
ASKING = ("agency", "brand")
"""Where one asks for options."""
DAYS = (7, 14, 30, 60, 90)
"""Days that one may ask for it to be held, once it is granted."""
_WRONG = {"model": "option.no_model", "ends": "option.too_long", "until": "option.too_late", "about": "option.no_about"}


@value
class OptionLine:
    """An option on ``model`` from ``starts`` (included) until ``ends``. ``until`` is when it lapses as it is now,
    ``lapses`` when it does once it is granted. ``rank`` counts from 1; ``answers`` and ``releases``: what this reader
    can do with it."""

    option: str
    model: Person | None
    asker: Person | None
    starts: Instant
    ends: Instant
    about: str
    state: str
    until: Instant
    lapses: Instant
    rank: int | None
    yours: bool
    answers: bool
    releases: bool


@value
class Deciding:
    """What is about to become of an option."""

    line: OptionLine
    what: str
    act: Act | None


@value
class AskedOption:
    """What would be asked for; ``until`` is when it lapses once it is granted."""

    model: Person
    starts: Instant
    ends: Instant
    until: Instant
    about: str
    act: Act | None


@value
class OptionsPage:
    """``waiting`` are to be answered by this reader, ``others`` all else, with what is over for a day. ``known`` are
    models to choose from; ``asked`` is there once the form is filled in."""

    place: str
    person: Person | None
    waiting: tuple[OptionLine, ...]
    others: tuple[OptionLine, ...]
    deciding: Deciding | None
    asks: bool
    known: tuple[Person, ...]
    days: tuple[int, ...]
    given: dict[str, tuple[str, ...]]
    wrong: dict[str, str]
    asked: AskedOption | None
    as_of: Instant


def views(service: Service, desk: Desk) -> Views:
    """``/model/options``, ``/agency/options`` and ``/brand/options``."""
    acts = Acts(service)
    found: Views = {}
    for place in PLACES:
        found = {**found, **_views(service, desk, acts, place)}
    return found


def _views(service: Service, desk: Desk, acts: Acts, place: str) -> Views:
    back = f"/{place}/options"

    def options() -> OptionsPage:
        view = ReaderView(service, reader())
        party = whose(view, PLACES[place])
        asks = place in ASKING and party == reader().party
        lines = option_lines(view, desk, party, is_model=place == "model")
        filled = sent()
        chosen = {"model": [request.args["model"]]} if "model" in request.args else {}
        fields = FormFields({**chosen, **filled}, viewing())
        asked = _asked(view, desk, acts, fields, back) if asks and filled else None
        made = OptionsPage(
            place=place,
            person=view.person(party, PLACES[place]),
            waiting=tuple(one for one in lines if one.answers),
            others=tuple(one for one in lines if not one.answers),
            deciding=_deciding(acts, lines, back),
            asks=asks,
            known=tuple(_known(view, party, fields.text("model"))) if asks else (),
            days=DAYS,
            given={name: tuple(fields.given[name]) for name in FIELDS if name in fields.given},
            wrong=fields.wrong,
            asked=asked,
            as_of=view.as_of,
        )
        view.done()
        return made

    made = form_page if place in ASKING else page
    return made(f"{place}_options", options, scripted=True, template="options")


def option_lines(view: ReaderView, desk: Desk, party: str, *, is_model: bool) -> list[OptionLine]:
    """Those that a reader may see, by when they begin; ``is_model``: on this model alone."""
    found = desk.options.options(view.reader.party)
    return [_line(view, one) for one in found if not is_model or one.option.model == party]


def _line(view: ReaderView, seen: OptionView) -> OptionLine:
    option = seen.option
    return OptionLine(
        option=option.id,
        model=view.person(option.model, "model"),
        asker=view.party(option.asker),
        starts=Instant(option.starts),
        ends=Instant(option.ends),
        about=option.about,
        state=option.state,
        until=Instant(option.answer_by if option.state == "asked" else option.until),
        lapses=Instant(option.until),
        rank=seen.rank,
        yours=option.asker == view.reader.party,
        answers=seen.answers,
        releases=option.is_open and not seen.answers,
    )


def _deciding(acts: Acts, lines: list[OptionLine], back: str) -> Deciding | None:
    """What the address says that is to become of which of them; None where it says nothing, or that is done."""
    id, what = request.args.get("id"), request.args.get("what")
    if id is None and what is None:
        return None
    if what not in WHAT:
        raise fail("question_malformed", f"is what can be done: {', '.join(WHAT)}", "what")
    line = next((one for one in lines if one.option == id), None)
    if line is None:
        raise fail("not_found", "there is no such option that this party may see", "id")
    if not (line.releases if what == RELEASE else line.answers):
        return None
    path = f"/desk/options/{line.option}"
    step = Step("DELETE", path) if what == RELEASE else Step("POST", f"{path}/{what}")
    people = (*involved(line.asker), *involved(line.model))
    return Deciding(line=line, what=what, act=acts.ask(step, back=back, people=people))


def _asked(view: ReaderView, desk: Desk, acts: Acts, fields: FormFields, back: str) -> AskedOption | None:
    """What the form asks for; None where a field is wrong, which ``fields`` then says."""
    id = fields.text("other").lower().replace(" ", "") or fields.text("model")
    window, about = fields.days("starts", "ends"), fields.needed("about")
    held = fields.chosen("days", [str(one) for one in DAYS])
    if not is_hex64(id):
        fields.fail("model", _WRONG["model"])
    if fields.wrong or window is None:
        return None
    starts, ends = (one.at for one in window)
    until = min(view.now + int(held) * DAY, ends)
    try:
        desk.options.check(view.reader.party, id, starts=starts, ends=ends, until=until, about=about)
    except DeskRefusal as refusal:
        where = refusal.problem.where or "model"
        fields.fail("days" if where == "until" else where, _WRONG[where])
        return None
    model = Person(party=id, role="model") if (known := view.person(id, "model")) is None else known
    body = {
        "about": about,
        "ends": format_instant(ends),
        "model": id,
        "starts": format_instant(starts),
        "until": format_instant(until),
    }
    return AskedOption(
        model=model,
        starts=Instant(starts),
        ends=Instant(ends),
        until=Instant(until),
        about=about,
        act=acts.ask(Step("POST", "/desk/options", body), back=back, people=involved(model)),
    )


def _known(view: ReaderView, party: str, chosen: str) -> Iterator[Person]:
    """The models of its deals, and the one that was ``chosen`` elsewhere, by name; none that it acts for itself."""
    found = {one.model.party: one.model for one in deals_of(view, party) if one.model is not None}
    if is_hex64(chosen) and "model" in view.roles(chosen) and (person := view.person(chosen, "model")) is not None:
        found[chosen] = person
    for one in sorted(found.values(), key=lambda one: (one.name or "\uffff", one.party)):
        if not view.rights.is_model_side(one.party):
            yield one
