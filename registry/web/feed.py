"""The entries of a subject as an Atom feed (RFC 4287), for any news reader.

It says what public headers say, and proves nothing: who must know that nothing is missing runs ``verifier watch``. So
it waits for no witness: a batch that is sealed is in it. Older entries are on further pages (RFC 5005, paged feeds).
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Sequence
from hashlib import sha256
from xml.etree import ElementTree

from flask import Response, request

from registry.problems import Problem
from registry.service import Service
from registry.web.errors import ProblemError, fail
from registry.web.questions import Questions
from registry.web.routes import Views
from verifier.base.errors import KembarError
from verifier.base.strict import format_instant, parse_decimal
from verifier.evidence.describe import describe
from verifier.programs.language import english
from verifier.programs.rsgi import HAS_LEFT
from verifier.statements.leaf import parse_leaf
from verifier.statements.subjects import parse_subject
from verifier.statements.types import Statement

ATOM = "http://www.w3.org/2005/Atom"
MEDIA_TYPE = "application/atom+xml"
CONTENT_TYPE = f"{MEDIA_TYPE}; charset=utf-8"
PAGE = 50
"""Entries on a page."""


def views(service: Service) -> Views:
    """The feed of every subject, empty where nothing touches it yet."""
    questions = Questions()

    def feed(subject: str) -> Response:
        try:
            parse_subject(subject)
        except KembarError as error:
            raise fail("question_malformed", error.message, "subject") from None
        before = _before()

        def make(has_left: Callable[[], bool]) -> bytes | Problem:
            return _document(service, subject, before)

        has_left = request.environ.get(HAS_LEFT, lambda: False)
        data = questions.answer((subject, before), make, has_left, keep=False)
        if isinstance(data, Problem):
            raise ProblemError(data)
        response = Response(data, content_type=CONTENT_TYPE)
        response.set_etag(sha256(response.data).hexdigest())
        # Kept, and asked about each time: by its tag alone, for two batches may be sealed in one second.
        response.headers["Cache-Control"] = "public, no-cache"
        response.make_conditional(request)
        return response

    return {"feed": feed}


def _before() -> int | None:
    """``?before=INDEX``: a page of the entries below it; None for the newest."""
    text = request.args.get("before")
    try:
        return None if text is None else parse_decimal(text)
    except KembarError as error:
        raise fail("question_malformed", error.message, "before") from None


def _document(service: Service, subject: str, before: int | None) -> bytes:
    """A page of the feed, newest first. It is the same for everybody, and links are relative: it names no host."""
    rows: Sequence[int] = service.record().rows(subject)
    end = len(rows) if before is None else bisect_left(rows, before)
    page = rows[max(0, end - PAGE) : end]
    feed = ElementTree.Element("feed", xmlns=ATOM)
    _text(feed, "id", f"urn:kembar:{service.genesis}:{subject}")
    _text(feed, "title", f"{subject} in {service.origin}")
    _text(feed, "subtitle", f"{len(rows):,} entries in all. 'verifier watch' proves that none is missing.")
    # Of an empty list, when the log began, so that it does not change.
    _text(feed, "updated", format_instant(service.logged(rows[-1] if rows else 0)))
    _text(ElementTree.SubElement(feed, "author"), "name", service.origin)
    _link(feed, "self", MEDIA_TYPE, "feed" if before is None else f"feed?before={before}")
    _link(feed, "alternate", "application/json", f"../{subject}")
    _link(feed, "first", MEDIA_TYPE, "feed")
    if end > PAGE:
        _link(feed, "next", MEDIA_TYPE, f"feed?before={page[0]}")
    for index in reversed(page):
        leaf = service.leaf(index)
        assert leaf is not None
        _entry(feed, service, index, parse_leaf(leaf).statement)
    data: bytes = ElementTree.tostring(feed, encoding="utf-8", xml_declaration=True)
    return data


def _entry(feed: ElementTree.Element, service: Service, index: int, statement: Statement) -> None:
    entry = ElementTree.SubElement(feed, "entry")
    sentence, logged = describe(statement, english()), service.logged(index)
    _text(entry, "id", f"urn:kembar:{service.genesis}:entry:{index}")
    _text(entry, "title", sentence)
    _text(entry, "updated", format_instant(logged))
    _text(entry, "published", format_instant(logged))
    ElementTree.SubElement(entry, "category", term=statement.type)
    _link(entry, "alternate", "application/json", f"../../entries/{statement.id}")
    _text(entry, "summary", f"Entry {index}, {statement.type} {statement.id}: {sentence}")


def _link(parent: ElementTree.Element, rel: str, type_: str, href: str) -> None:
    ElementTree.SubElement(parent, "link", rel=rel, type=type_, href=href)


def _text(parent: ElementTree.Element, name: str, text: str) -> None:
    ElementTree.SubElement(parent, name).text = text
