"""A page's value, shown: as HTML by its template, or as JSON. Both come from the same value.

A template is given the value as ``page``, words by ``say``, and the helpers of :class:`_Helpers`. Nothing in it has a
style or a script of its own: the content security policy lets in this registry's own files alone.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterable
from typing import Any

from flask import Flask, Response, render_template, request
from markupsafe import Markup, escape

from registry.drafting.memo import code_words
from registry.look import in_fours
from registry.web.body import JSON
from registry.web.pages import category_names
from registry.web.pages.atoms import Instant, Person, Sum, as_json
from registry.web.pages.form_fields import ASKED_OF, MAX_FORM, PER, sent, typed_countries
from registry.web.pages.kept import StillWorking, in_short
from registry.web.pages.memo_text import memo_parts
from registry.web.pages.month_grid import days_of, grid
from registry.web.pages.viewing import CHANGED, OFFERED, Viewing, viewing
from registry.web.readers import reader, was_by_cookie
from registry.web.routes import LOOKS, Views
from verifier.base import canonical
from verifier.base.currencies import EXPONENTS
from verifier.base.strict import format_instant
from verifier.base.values import value
from verifier.programs.language import DEFAULT, catalogue, languages, tell
from verifier.statements.vocabulary import CHANNELS, COUNTRIES, MANIPULATIONS, PLACEMENTS, PURPOSES, RIGHTS

POLICY = "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'; "
"""Of every page. A form of it asks this registry; it may do no more, unless it has a script of this registry's."""
PLAIN = "form-action 'self'"
SCRIPTED = f"{PLAIN}; script-src 'self'; connect-src 'self'; require-trusted-types-for 'script'; trusted-types 'none'"

WAITS = 10.0
"""Seconds that the answer to a form waits for what is still being worked out: no browser sends it again by itself."""
AFTER = 0.5
"""Seconds from the start until templates are read."""
WORKING = "working.html"
"""What is shown until there is something to show."""

_FILES = re.compile(r": [0-9a-f]{64}(?:, [0-9a-f]{64})*(?: and [0-9,]+ more)?")
_ID = re.compile(r"\b[0-9a-f]{64}\b")
_MEMBER = re.compile(r"([a-z]+(?:[_.][a-z_]+)+): (.+)", re.DOTALL)
_MARK = re.compile("\ue000([a-z_]+)\ue001")

Make = Callable[..., object]
"""Makes a page's value of what stands in its path."""


def form_page(name: str, make: Make, *, scripted: bool = False, files: bool = False, template: str = "") -> Views:
    """The views of a page with a form: as it is looked at, and as it answers what was filled in (``<name>_filled``)."""
    made = page(name, make, scripted=scripted, sends=True, files=files, template=template)
    return {**made, f"{name}_filled": made[name], f"{name}_filled_json": made[f"{name}_json"]}


def page(
    name: str, make: Make, *, scripted: bool = False, sends: bool = False, files: bool = False, template: str = ""
) -> Views:
    """The views of a page and of its twin. Its template is ``<name>.html``, unless another is named; ``scripted``: it
    loads a script; ``sends``: it has a form that is sent (POST), by which the registry sees that it is its own;
    ``files``: its script shows pictures, once it has compared their bytes with a digest."""

    def html(**given: str) -> Response:
        look = viewing()
        in_short(WAITS if request.method == "POST" else None)
        try:
            value = make(**given)
        except StillWorking:
            return _working(look)
        text = render_template(f"{template or name}.html", page=value, **helpers(look))
        response = Response(text, content_type="text/html; charset=utf-8")
        response.headers["Content-Language"] = look.words.language
        policy = POLICY.replace("img-src 'self'", "img-src 'self' blob:") if files else POLICY
        response.headers["Content-Security-Policy"] = policy + (SCRIPTED if scripted else PLAIN)
        if sends:  # a browser that is told to send no referrer sends no origin with a form either
            response.headers["Referrer-Policy"] = "same-origin"
        return _kept(response)

    def twin(**given: str) -> Response:
        viewing()  # so that a wrong address is wrong here too
        return _kept(Response(canonical.encode(as_json(make(**given))), content_type=JSON))

    return {name: html, f"{name}_json": twin}


def not_waited_for(make: Callable[..., Response]) -> Callable[..., Response]:
    """A file that is made of many entries: a person who asks for it is shown the page that comes again by itself, until
    it is there; a program waits."""

    def view(**given: str) -> Response:
        look, kinds = viewing(), request.accept_mimetypes
        if kinds["text/html"] > kinds["text/csv"]:
            in_short()
        try:
            return make(**given)
        except StillWorking:
            return _working(look)

    return view


def prepare(app: Flask) -> None:
    """Read the page that says that something is being worked out, and so what all pages share. The others are read
    beside whatever is asked, which takes a second, so that nobody's first page does; a moment later, so that the start
    does not wait for it."""
    app.jinja_env.get_template(WORKING)
    reading = threading.Timer(AFTER, lambda: read_templates(app))
    reading.daemon = True
    reading.start()


def read_templates(app: Flask) -> None:
    """All of them, once and for all."""
    for name in app.jinja_env.list_templates():
        app.jinja_env.get_template(name)


def _working(look: Viewing) -> Response:
    """What is looked at is still being worked out: the browser comes again in a moment; a form is sent again by whoever
    filled it in."""
    response = Response(render_template(WORKING, **helpers(look)), 503, content_type="text/html; charset=utf-8")
    response.headers["Content-Language"] = look.words.language
    response.headers["Content-Security-Policy"] = POLICY + PLAIN
    response.headers["Retry-After"] = "1"
    if request.method == "GET":
        response.headers["Refresh"] = "1"
    return _kept(response)


def _kept(response: Response) -> Response:
    """What a stranger gets may be kept, and is asked for anew; what a party gets may not."""
    response.headers["Vary"] = "Accept-Language"
    response.headers["Cache-Control"] = "no-cache" if reader().is_stranger else "no-store"
    return response


def helpers(look: Viewing) -> dict[str, Any]:
    """What a template calls, by the names that it uses."""
    return _Helpers(look).names()


@value(kw_only=False)
class _Helpers:
    """What a template calls."""

    look: Viewing

    def names(self) -> dict[str, Any]:
        """All of them, by the names that templates use."""
        look = self.look
        return {
            "address": look.address,
            "asset": lambda name: look.path(f"/static/{name}"),
            "categories": lambda codes: category_names.shown(codes, look.words.language),
            "categories_plain": lambda codes: category_names.plain(codes, look.words.language),
            "categories_typed": lambda codes: ", ".join(
                category_names.typed(one, look.words.language) for one in codes
            ),
            "code": look.words.code,
            "cure": self.cure,
            "files_named": lambda sentence: [one for one in _ID.findall(sentence) if one != ASKED_OF],
            "note_of": self.note,
            "in_fours": in_fours,
            "codes": lambda kind, codes: code_words.codes(kind, codes, look.words.language),
            "countries_typed": lambda codes: typed_countries(codes, look),
            "countries": lambda codes: code_words.countries(codes, look.words.language),
            "day": lambda one: look.day(one.at),
            "figure": self.figure,
            "filled": _filled(),
            "days_of": lambda page: days_of(page.month, page.as_of.at, look.zone),
            "grid": lambda page: grid(page.agreed, page.month, look.zone),
            "here": self.here,
            "here_path": look.path(request.path),
            "in_session": was_by_cookie(),
            "initial": initial,
            "instant": lambda one: format_instant(one.at),
            "kept": [(name, value) for name, value in request.args.items() if name not in LOOKS],
            "changed": CHANGED,
            "is_day": lambda one, other: look.zone.day(one.at) == look.zone.day(other.at),
            "languages": [(one, catalogue(one).name) for one in languages()],
            "listed": self.listed,
            "look": look,
            "memo_parts": memo_parts,
            "moment": lambda one: look.moment(one.at),
            "money": lambda one: look.words.money(one.amount, one.currency),
            "name": self.name,
            "amounts": lambda sums: [look.words.money(one.amount, one.currency) for one in sums],
            "names": lambda people: [self.name(one) for one in people],
            "number": look.words.number,
            "pairs": self.pairs,
            "path": look.path,
            "place": _place(request.path),
            "places": _places(),
            "say": self.say,
            "power_words": lambda names: [look.words.code("mandate_short", one) for one in names],
            "section_words": lambda names: [look.words.code("section", one) for one in names],
            "timed": look.timed,
            "when": lambda one: look.when(one.at),
            "zone": look.zone,
            "zones": OFFERED if look.zone.name in OFFERED else (look.zone.name, *OFFERED),
        }

    def say(self, id: str, /, **values: object) -> str:
        """A sentence of the catalogue; moments, sums and people in it are written as people read them."""
        marked = {name: value for name, value in values.items() if isinstance(value, Markup)}
        plain = {name: self._plain(value) for name, value in values.items() if name not in marked}
        text = self.look.words.say(id, **plain, **{name: f"\ue000{name}\ue001" for name in marked})
        if not marked:
            return text
        return Markup(_MARK.sub(lambda match: marked.get(match[1], ""), str(escape(text))))

    def cure(self, code: str, sentence: str) -> str:
        """What the registry says is to be done, in the page's language: where it says it in English alone, what is to
        be done about such a code. The files that it names stand in the details, and ids as their first digits."""
        words = self.look.words
        told = tell(sentence, words, self._in_words)
        if words.language != DEFAULT and told == sentence and f"cure.{code}" in words:
            return words.say(f"cure.{code}")
        return initial(_ID.sub(lambda match: in_fours(match[0]), _FILES.sub("", self.look.timed(told))))

    def note(self, text: str) -> str:
        """What is said of a message that was read: which member of it, and what of that."""
        if (member := _MEMBER.fullmatch(self.look.timed(text))) is not None:
            return Markup("<code>{}</code>: {}").format(*member.groups())
        return initial(self.look.timed(text))

    def _in_words(self, name: str, codes: str) -> str:
        """Codes of the terms that a sentence lists, by what they are called; what else it says stays."""
        found = codes.split(", ")
        for kind in LISTED_CODES.get(name, ()):
            if KNOWN_CODES[kind].issuperset(found):
                return code_words.codes(kind, found, self.look.words.language)
        return codes

    def pairs(self, kind: str, first: Iterable[str]) -> list[tuple[str, str]]:
        """Codes to choose from, with what they are called; those that are named first stand first."""
        found = list(dict.fromkeys([*first, *OFFERED_CODES[kind]]))
        return [(one, initial(code_words.word(kind, one, self.look.words.language))) for one in found]

    def _plain(self, value: object) -> str | int:
        match value:
            case Instant(at):
                return self.look.when(at)
            case Sum(amount, currency):
                return self.look.words.money(amount, currency)
            case str() | int():
                return value
        raise TypeError(f"a sentence takes no {type(value).__name__}")

    def name(self, person: Person | None) -> Markup:
        """What somebody is called, set off from the words around it."""
        if person is None:
            return Markup(escape(self.look.words.say("page.somebody")))
        if person.name is not None:
            return Markup("<bdi>{}</bdi>").format(person.name)
        return Markup(escape(self.look.words.say("page.unnamed", role=self.role(person), id=person.short)))

    def role(self, person: Person) -> str:
        """What somebody is."""
        return self.look.words.code("who", person.role)

    def listed(self, items: Iterable[str]) -> str:
        """As in "3, 5 and 8"."""
        found = list(items)
        if not any(isinstance(one, Markup) for one in found):
            return self.look.words.listed(found)
        words = [str(escape(one)) for one in found]
        return Markup(self.look.words.listed(words))

    def figure(self, one: Sum) -> str:
        """The amount without its currency."""
        exponent = EXPONENTS.get(one.currency, 0)
        text = self.look.words.money(one.amount, one.currency if exponent or one.currency in EXPONENTS else None)
        return text.partition(" ")[2] if one.currency in EXPONENTS else text

    def here(self, **changed: str | int | None) -> str:
        """The address of this very page, with some of its parameters changed; None takes one out."""
        given = {**request.args.to_dict(), **self.look.chosen, **changed}
        return self.look.address(request.path, **{name: value for name, value in given.items() if value is not None})


def _filled() -> list[tuple[str, str]]:
    """What was filled in on the form that is being answered, for it to be sent again; nothing of a longer one."""
    if (request.content_length or 0) > MAX_FORM:
        return []
    return [(name, text) for name, texts in sent().items() for text in texts]


def initial(text: str) -> str:
    """As it begins a sentence."""
    return text[:1].upper() + text[1:]


OFFERED_CODES = {
    "channels": tuple(sorted(CHANNELS)), "per": PER, "placements": PLACEMENTS, "purposes": PURPOSES,
    "rights": tuple(sorted(RIGHTS)),
}  # fmt: skip
"""What a form offers to choose from."""

KNOWN_CODES = {
    "channels": CHANNELS, "countries": COUNTRIES, "manipulations": MANIPULATIONS, "placements": frozenset(PLACEMENTS),
    "purposes": frozenset(PURPOSES),
}  # fmt: skip
LISTED_CODES = {
    "allowed": ("countries", "manipulations"), "channel": ("channels",), "channels": ("channels",),
    "common": ("channels",), "countries": ("countries",), "extra": ("manipulations",), "placements": ("placements",),
    "purposes": ("purposes",),
}  # fmt: skip
"""Of what kind the codes are that the registry's cures list, by the name of the value."""

PUBLIC = (("/", "page.about"), ("/lookup", "page.lookup"), ("/mine", "page.mine"))
"""Where everybody may go, and what it is called."""


ROLES = {
    "model": (
        ("/model", "page.home"), ("/model/uses", "page.uses"), ("/model/money", "page.money"),
        ("/model/options", "page.options"), ("/model/reads", "page.reads"),
    ),
    "brand": (
        ("/brand", "page.home"), ("/brand/clear", "page.clear"), ("/brand/may", "page.may"),
        ("/brand/options", "page.options"), ("/brand/declare", "page.declare"), ("/brand/uses", "page.uses"),
        ("/brand/money", "page.money"),
    ),
    "agency": (
        ("/agency", "page.calendar"), ("/agency/mandates", "page.mandates"),
        ("/agency/consents", "page.consents"), ("/agency/draft", "page.draft"),
        ("/agency/options", "page.options"), ("/agency/declare", "page.declare"), ("/agency/money", "page.dues"),
    ),
    "union": (("/union", "page.exceptions"), ("/union/consents", "page.consents"), ("/log", "page.log")),
}  # fmt: skip
"""Where a party may go besides, by the role whose pages they are."""


BELOW = {"/brand/pay": "/brand/money", "/model/payments": "/model/money"}
"""Pages that belong to a place that they do not lie below."""


def _places() -> tuple[tuple[str, str], ...]:
    """Those of the pages that are being looked at; a stranger is led to none that would turn her away."""
    if reader().is_stranger:
        return PUBLIC
    return ROLES.get(request.path.split("/")[1].partition(".")[0], PUBLIC)


def _place(path: str) -> str:
    """The place under which a path lies."""
    path = next((own for below, own in BELOW.items() if path.startswith(below)), path)
    return max((one for one, _ in _places() if f"{path}/".startswith(f"{one}/") and one != "/"), key=len, default=path)
