"""``GET /subjects/<subject>/feed``: the entries of a subject as an Atom feed (RFC 4287), for any news reader.

It says what public headers say, and proves nothing: who must know that nothing is missing runs ``verifier watch``.
"""

from __future__ import annotations

from hashlib import sha256
from xml.etree import ElementTree

from flask import Blueprint, Response, request

from registry.problems import Problem
from registry.service import Service
from registry.web.errors import ProblemError, fail
from verifier.errors import KembarError
from verifier.statements.envelope import parse_envelope
from verifier.statements.statement import Statement, parse_statement
from verifier.statements.subjects import parse_subject
from verifier.strict import format_instant
from verifier.watch.words import says

ATOM = "http://www.w3.org/2005/Atom"
CONTENT_TYPE = "application/atom+xml; charset=utf-8"
NEWEST = 50
"""Entries in a feed; older ones are in the list at ``/subjects/<subject>``."""


def blueprint(service: Service) -> Blueprint:
    """The feed of every subject, empty where nothing touches it yet."""
    feed = Blueprint("feed", __name__)

    @feed.get("/subjects/<subject>/feed")
    def one_feed(subject: str) -> Response:
        try:
            parse_subject(subject)
        except KembarError as error:
            raise fail("question_malformed", error.message, "subject") from None
        found = service.subject(subject)
        if isinstance(found, Problem):
            raise ProblemError(found)
        response = Response(_document(service, subject, found.rows), content_type=CONTENT_TYPE)
        response.set_etag(sha256(response.data).hexdigest())
        # Kept, and asked about each time: by its tag alone, for two batches may be sealed in one second.
        response.headers["Cache-Control"] = "public, no-cache"
        response.make_conditional(request)
        return response

    return feed


def _updated(service: Service, rows: tuple[tuple[int, int], ...]) -> int:
    """When the newest entry was logged; of an empty list, when the log began, so that it does not change."""
    return rows[-1][1] if rows else service.logged(0)


def _document(service: Service, subject: str, rows: tuple[tuple[int, int], ...]) -> bytes:
    """The feed, newest first. It is the same for everybody, and links are relative: it names no host."""
    feed = ElementTree.Element("feed", xmlns=ATOM)
    _text(feed, "id", f"urn:kembar:{service.genesis}:{subject}")
    _text(feed, "title", f"{subject} in {service.origin}")
    _text(feed, "subtitle", f"The newest {NEWEST} entries. 'verifier watch' proves that none is missing.")
    _text(feed, "updated", format_instant(_updated(service, rows)))
    _text(ElementTree.SubElement(feed, "author"), "name", service.origin)
    ElementTree.SubElement(feed, "link", rel="self", type="application/atom+xml", href="feed")
    ElementTree.SubElement(feed, "link", rel="alternate", type="application/json", href=f"../{subject}")
    for index, logged in reversed(rows[-NEWEST:]):
        leaf = service.leaf(index)
        assert leaf is not None
        _entry(feed, service, index, logged, parse_statement(parse_envelope(leaf).payload))
    data: bytes = ElementTree.tostring(feed, encoding="utf-8", xml_declaration=True)
    return data


def _entry(feed: ElementTree.Element, service: Service, index: int, logged: int, statement: Statement) -> None:
    entry = ElementTree.SubElement(feed, "entry")
    sentence = says(statement)
    _text(entry, "id", f"urn:kembar:{service.genesis}:entry:{index}")
    _text(entry, "title", sentence)
    _text(entry, "updated", format_instant(logged))
    _text(entry, "published", format_instant(logged))
    ElementTree.SubElement(entry, "category", term=statement.type)
    ElementTree.SubElement(
        entry, "link", rel="alternate", type="application/json", href=f"../../entries/{statement.id}"
    )
    _text(entry, "summary", f"Entry {index}, a {statement.type}, {statement.id}: {sentence}")


def _text(parent: ElementTree.Element, name: str, text: str) -> None:
    ElementTree.SubElement(parent, name).text = text
