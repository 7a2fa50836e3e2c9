"""A registry as its clients see it: HTTP and nothing else (protocol, section 8).

Asking again is always safe here: a statement enters the log once, and who submits it again gets its first proof. So
what fails on the way is tried again a few times. Given a trust policy, the client sends nothing to another log than the
policy names, and checks every log proof.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from urllib.parse import quote, urlencode

from registry.intake.short_ids import is_short_id
from registry.intake.submission import Submission, format_submission
from verifier.base import canonical
from verifier.base.canonical import Json
from verifier.base.errors import KembarError, Malformed
from verifier.base.strict import is_hex64
from verifier.base.values import replace
from verifier.evidence.apart import parse_apart
from verifier.evidence.file import MEDIA_TYPE as EVIDENCE
from verifier.evidence.rows import lists_apart
from verifier.log.checkpoint import parse_checkpoint
from verifier.log.hashing import leaf_hash
from verifier.log.log_proof import check_log_proof, parse_log_proof
from verifier.log.note import parse_note
from verifier.log.tiles import CHECKPOINT_PATH, WIDTH, entries_path, parse_entries
from verifier.log.trust import CheckpointMalformed, LogUntrusted, Policy, QuorumMissing, open_checkpoint
from verifier.programs.http import HttpAnswer, HttpClient, HttpError, parse_url, persist
from verifier.programs.request_signing import RequestSigner
from verifier.rules.model.question import Question
from verifier.statements.leaf import parse_leaf
from verifier.statements.types import Genesis, Statement

DEADLINE = 300.0
"""Seconds for a request and its whole answer, all attempts together."""

SILENCE = 60.0
"""Seconds without a byte after which an attempt is given up: the registry may have many signatures to check."""

PAUSES = (0.25, 0.75, 2.25)
"""Seconds between attempts, of which there is one more."""

AGENT = "kembar-client"
MAX_ANSWER = 128 * 1024 * 1024 + 1024
MAX_JSON = 16 * 1024 * 1024
"""Bytes of an answer in JSON, beside lists of entries; evidence is not read as such."""
CHUNK_ITEMS, CHUNK_BYTES = 250, 4 * 1024 * 1024
JSON, NDJSON, PROBLEM = "application/json", "application/x-ndjson", "application/problem+json"
BYTES = "application/octet-stream"


class ClientError(KembarError):
    """The registry could not be reached, or answered something that a registry does not say."""


class Refusal(KembarError):
    """The registry answered with a problem (RFC 9457); ``problem`` holds its members."""

    def __init__(self, problem: Mapping[str, Json], where: str = "") -> None:
        self.problem = problem
        message = str(problem.get("detail") or problem.get("title") or "refused")
        hint = None if self.says_it_all else problem.get("hint")
        message = message[:1].upper() + message[1:].rstrip(".") + "."
        super().__init__(f"{message} {hint}" if hint else message, str(problem.get("where") or where))

    @property
    def says_it_all(self) -> bool:
        """Whether it is refused for a reason of its own: what to do about rules would be beside the point."""
        return self.kind == "refused" and "rules" not in self.problem and self.problem.get("detail") != "refused"

    @property
    def kind(self) -> str:
        """The last part of the problem's stable type: ``refused``, ``not_found``, ..."""
        return str(self.problem.get("type", "")).rpartition(":")[2]


class Client:
    """Talks to one registry. One at a time: a client keeps one connection and is for one thread."""

    def __init__(
        self,
        url: str,
        *,
        policy: Policy | None = None,
        signer: RequestSigner | None = None,
        unknown: Callable[[Refusal], None] | None = None,
        timeout: float = DEADLINE,
        silence: float = SILENCE,
    ) -> None:
        """``url`` is the log's URL prefix, such as ``https://registry.example/log``; else it raises Malformed. With a
        ``signer`` it asks as the party whose key that is, else as a stranger. ``unknown`` is called with the refusal of
        a key that is no party's; it then asks as a stranger, who is never told more. Without it that is raised."""
        self._signer = signer
        self._unknown = unknown
        self._http = HttpClient(parse_url(url), AGENT, signer)
        self._is_corrected = False
        self.url = url.rstrip("/")
        # The log proof in an answer is at a checkpoint that no witness can have seen yet: the log answers for it.
        self._policy = None if policy is None else replace(policy, quorum=None)
        self._timeout, self._silence = timeout, silence

    def close(self) -> None:
        """Let go of the connection."""
        self._http.close()

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    # ---- asking

    def checkpoint(self) -> str:
        """The signed note of the current checkpoint."""
        return self.get("/checkpoint").body.decode("utf-8")

    def genesis(self) -> str:
        """The registry's id: the id of entry 0."""
        return self.first().id

    def first(self) -> Genesis:
        """Entry 0, which says under which profile the registry runs."""
        return read_genesis(lambda path: self.get(f"/{path}").body)

    def entry(self, id: str) -> Json:
        """``GET /entries/<id>``: envelope, index, proof, and the disclosures that this reader may see.

        A party that signs may give a short id.
        """
        return self._json(self.get(f"/entries/{id if is_short_id(id) else _hex64(id)}"))

    def subject(self, subject: str) -> list[tuple[int, int]]:
        """``GET /subjects/<subject>``: its list as (index, logged), as the registry says it; no proof is checked."""
        value = self._json(self.get(f"/subjects/{quote(subject, safe=':.')}"))
        try:
            return [(int(index), int(logged)) for index, logged in value["list"]]
        except (KeyError, TypeError, ValueError):
            raise ClientError(f"{self.url} answered something that is no subject's list") from None

    def statement(self, index: int) -> Statement:
        """The statement at one place of the log."""
        size = parse_checkpoint(parse_note(self.get(f"/{CHECKPOINT_PATH}").body).text).size
        if not 0 <= index < size:
            raise ClientError(f"there is no entry {index} in a log of {size}")
        bundle, place = divmod(index, WIDTH)
        width = min(size - bundle * WIDTH, WIDTH)
        entries = parse_entries(self.get(f"/{entries_path(bundle, width)}").body, width)
        return parse_leaf(entries[place]).statement

    def party(self) -> str:
        """The party for which the registry takes this client's key; "" for a registrar's key."""
        value = self._json(self.get("/session"))
        id = value.get("party", "") if isinstance(value, dict) else None
        if not isinstance(id, str) or (id and not is_hex64(id)):
            raise ClientError(f"{self.url} answered something that says nothing of a key")
        return id

    def sealed_at(self) -> int:
        """The time (POSIX seconds) of the last seal that the current checkpoint ends with."""
        size = parse_checkpoint(parse_note(self.get(f"/{CHECKPOINT_PATH}").body).text).size
        return self.statement(size - 1).at

    def clashes(self, plan: Mapping[str, str]) -> Json:
        """``GET /clashes``: whether anybody's exclusivity is in the way of a plan, and whose."""
        return self._json(self.get(f"/clashes?{urlencode(plan)}"))

    def evidence(self, question: Question, sections: Iterable[str] | None = None) -> bytes:
        """The evidence file for one question, byte for byte."""
        asked: dict[str, str] = {"newest": "yes"}  # whether it passes, the reader's own policy says
        if question.ask is not None:
            asked["ask"] = question.ask
        if question.consent is not None:
            asked["consent"] = _hex64(question.consent)
        if sections is not None:
            asked["sections"] = ",".join(sections)
        answer = self.get(f"/evidence/{question.kind}/{_hex64(question.id)}?{urlencode(asked)}")
        if answer.media_type != EVIDENCE:
            raise ClientError(f"{self.url} answered {answer.media_type or 'something'}, not an evidence file")
        return answer.body

    def desk(self, method: str, path: str, value: Json = None) -> Json:
        """A call of the desk (``/desk`` and ``path``), with a JSON body if there is one."""
        return self.own(method, f"/desk{path}", value)

    def attach(self, draft: str, digest: str, data: bytes) -> None:
        """Have a picture lie with a draft that one put up."""
        answer = self._request("PUT", f"/desk/{draft}/files/{digest}", data, BYTES)
        if answer.status != 200:
            raise self._refusal(answer)

    def own(self, method: str, path: str, value: Json = None) -> Json:
        """A call about the affairs of whoever signs it."""
        body = None if value is None else canonical.encode(value)
        answer = self._request(method, path, body, "" if body is None else JSON)
        if answer.status != 200:
            raise self._refusal(answer)
        return self._json(answer)

    def get(self, path: str) -> HttpAnswer:
        """``GET`` one path; whatever is not 200 raises :class:`Refusal`."""
        answer = self._request("GET", path)
        if answer.status != 200:
            raise self._refusal(answer)
        return answer

    # ---- submitting

    def submit(
        self, submissions: Iterable[Submission], *, require: bool = True, dry_run: bool = False
    ) -> Iterator[Json | Refusal]:
        """One result or refusal for each submission, in order, as the registry answers them batch by batch.

        A result is ``{"id", "index", "proof"}`` and the verdict, of a dry run the verdict alone. ``require`` has the
        registry refuse what would not be authorised or in force.
        """
        self._know()
        query = urlencode({name: "true" if name == "dry_run" else "yes" for name in _flags(require, dry_run)})
        path = "/entries" + (f"?{query}" if query else "")
        for chunk in _chunks(submissions):
            lines = [line for _, line in chunk]
            answer = self._request("POST", path, b"".join(line + b"\n" for line in lines), NDJSON)
            if answer.status != 200:
                raise self._refusal(answer)
            results = answer.body.splitlines()
            if len(results) != len(chunk):
                raise ClientError(f"{len(chunk)} submissions were sent, {len(results)} results came back")
            for (submission, _), line in zip(chunk, results, strict=True):
                yield self._result(submission, line, dry_run)

    def _know(self) -> None:
        """That the log at this address is one that the policy names: private sections are for no other."""
        if self._policy is not None:
            try:
                open_checkpoint(self.checkpoint(), self._policy)
            except (CheckpointMalformed, LogUntrusted, QuorumMissing) as error:
                raise Malformed(f"nothing was sent to {self.url}: {error.message}") from None

    def _result(self, submission: Submission, line: bytes, dry_run: bool) -> Json | Refusal:
        value = _parse(line)
        if not isinstance(value, dict):
            raise ClientError("a result is not an object")
        if "type" in value and "status" in value:
            return Refusal(value)
        if not dry_run and self._policy is not None:
            self._check(submission, value)
        return value

    def _check(self, submission: Submission, result: Mapping[str, Json]) -> None:
        """The log proof of a result: under the reader's policy, of this statement, at this index."""
        assert self._policy is not None
        proof = parse_log_proof(str(result.get("proof")))
        if result.get("id") != submission.statement().id or result.get("index") != proof.index:
            raise ClientError("the result is not about the statement that was sent")
        check_log_proof(proof, leaf_hash(submission.envelope().leaf), self._policy)

    # ---- the wire

    def _request(self, method: str, path: str, body: bytes | None = None, media_type: str = "") -> HttpAnswer:
        answer = self._ask(method, path, body, media_type)
        if answer.status == 401 and self._signer is not None and not self._is_corrected:
            self._is_corrected = True
            if self._signer.correct(answer.date):
                answer = self._ask(method, path, body, media_type)
        if answer.status == 401 and self._signer is not None and self._unknown is not None:
            refusal = self._refusal(answer)
            if isinstance(refusal, Refusal):
                self._unknown(refusal)
                self.close()
                self._signer, self._http = None, HttpClient(parse_url(self.url), AGENT)
                answer = self._ask(method, path, body, media_type)
        return answer

    def _ask(self, method: str, path: str, body: bytes | None, media_type: str) -> HttpAnswer:
        try:
            answer = persist(
                lambda left: self._http.ask(
                    method,
                    path,
                    limit=MAX_ANSWER,
                    timeout=left,
                    silence=self._silence,
                    body=body,
                    media_type=media_type,
                ),
                timeout=self._timeout,
                pauses=PAUSES,
            )
        except HttpError as error:
            raise ClientError(f"{self.url} cannot be reached: {error}") from None
        if not answer.may_pass:
            return answer
        refusal = self._refusal(answer)
        raise refusal if isinstance(refusal, ClientError) else ClientError(str(refusal))

    def _json(self, answer: HttpAnswer) -> Json:
        return _parse(answer.body)

    def _refusal(self, answer: HttpAnswer) -> KembarError:
        if answer.media_type == PROBLEM:
            value = _parse(answer.body)
            if isinstance(value, dict):
                return Refusal(value)
        return ClientError(f"{self.url} answered {answer.status} and no reason: is it a Kembar registry?")


def genesis_of(read: Callable[[str], bytes]) -> str:
    """A registry's id, from what it publishes: ``read`` gives a file of the log by its C2SP path."""
    return read_genesis(read).id


def read_genesis(read: Callable[[str], bytes]) -> Genesis:
    """A registry's entry 0, from what it publishes."""
    size = parse_checkpoint(parse_note(read(CHECKPOINT_PATH)).text).size
    if size < 1:
        raise ClientError("the log is empty: it has no genesis yet")
    width = min(size, WIDTH)
    genesis = parse_leaf(parse_entries(read(entries_path(0, width)), width)[0]).statement
    if not isinstance(genesis, Genesis):
        raise ClientError("the log does not begin with a genesis: it is no Kembar log")
    return genesis


def _flags(require: bool, dry_run: bool) -> Sequence[str]:
    return [name for name, wanted in (("require", require), ("dry_run", dry_run)) if wanted]


def _chunks(submissions: Iterable[Submission]) -> Iterator[list[tuple[Submission, bytes]]]:
    """As many at a time as make a request of a good size."""
    pending = ((one, format_submission(one)) for one in submissions)
    left: list[tuple[Submission, bytes]] = []
    while True:
        chunk, size = left, sum(len(line) for _, line in left)
        left = []
        for item in islice(pending, CHUNK_ITEMS - len(chunk)):
            if chunk and size + len(item[1]) > CHUNK_BYTES:
                left = [item]
                break
            chunk.append(item)
            size += len(item[1])
        if not chunk:
            return
        yield chunk


def _parse(data: bytes) -> Json:
    try:
        return parse_apart(data.removesuffix(b"\n"), *lists_apart(), limit=MAX_ANSWER, rest=MAX_JSON)
    except Malformed as error:
        raise ClientError(f"the registry's answer cannot be read: {error}") from None


def _hex64(id: str) -> str:
    if not is_hex64(id):
        raise Malformed(f"{id[:80]!r} is not an id of 64 hex digits")
    return id
