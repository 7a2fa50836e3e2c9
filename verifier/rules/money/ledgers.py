"""Books of many consents: opened once for all questions to a contract, and kept while a log grows."""

from __future__ import annotations

from verifier.rules.model.context import Context, Kept
from verifier.rules.money.book import Book

KEPT_BOOKS = 256


class Ledgers:
    """Books that are kept from one decision to the next while a log grows, by consent; the latest asked for.

    A kept book takes only what was appended since. It is opened anew when the list of its consent has grown, or of one
    that it replaced or that replaced it, or of its twin: rulings, disputes, revocations and the like change what
    earlier entries are worth. What was read of a section stays in a book, so :meth:`forget` it when one is erased. Not
    safe for use from several threads at a time.
    """

    def __init__(self) -> None:
        self._kept: dict[str, Book] = {}

    def advance(self, context: Context, consent_id: str) -> None:
        """Bring the kept book up to a record of which nothing will be taken back."""
        book = self._kept.pop(consent_id, None)
        if book is None or not book.holds(context):
            book = Book(context, consent_id)
        book.catch_up(context)
        book.make_ready()
        self._kept[consent_id] = book
        if len(self._kept) > KEPT_BOOKS:
            del self._kept[next(iter(self._kept))]

    def fork(self, context: Context, consent_id: str) -> Book | None:
        """A copy of the kept book, for a record that goes on where it ends; ``None`` if there is none that holds."""
        book = self._kept.get(consent_id)
        return book.fork(context) if book is not None and book.holds(context) else None

    def forget(self, consent_id: str) -> None:
        """Drop a book."""
        self._kept.pop(consent_id, None)


BOOKS: Kept[str, Book] = Kept()
"""By consent."""


def open_book(context: Context, consent_id: str) -> Book:
    """The book of a consent; the same one for every question to this contract."""

    def open_it() -> Book:
        ledgers = context.memo.lent(Ledgers)
        book = (ledgers and ledgers.fork(context, consent_id)) or Book(context, consent_id)
        book.catch_up(context)
        return book

    return context.memo.recall(BOOKS, consent_id, open_it)
