"""What agents wrap a message in: JSON-RPC, MCP tool calls and results, A2A tasks and messages.

``{"body": message}`` of documentation is opened too. A wrapper that says that the call failed, or is not done yet,
stops the draft with its reason.
"""

from __future__ import annotations

from registry.drafting.adapters.foreign import Foreign, ForeignError, describe, parse_foreign

MAX_WRAPPERS = 8
"""Wrappers around wrappers: JSON-RPC around a task around an artifact around a part."""

_MESSAGE = frozenset({"terms", "campaign", "rights_status"})
"""Members by which a message itself is known."""


def unwrap(value: Foreign) -> Foreign:
    """The message inside; :class:`ForeignError` if a wrapper says that there is none."""
    for _ in range(MAX_WRAPPERS):
        if not isinstance(value, dict) or not _MESSAGE.isdisjoint(value):
            return value
        inside = _opened(value)
        if inside is None:
            return value
        value = inside
    raise ForeignError(f"is wrapped more than {MAX_WRAPPERS} times")


def _opened(value: dict[str, Foreign]) -> Foreign | None:
    """One wrapper less; None where this is none."""
    if "jsonrpc" in value:
        return _rpc(value)
    if isinstance(params := value.get("params"), dict) and value.get("method") == "tools/call":
        return params.get("arguments")
    if {"structuredContent", "isError"} & value.keys() or isinstance(value.get("content"), list):
        return _tool_result(value)
    if isinstance(value.get("parts"), list) or isinstance(value.get("artifacts"), list):
        return _agent(value)
    if isinstance(status := value.get("status"), dict) and "state" in status:
        _check_state(value)
        raise ForeignError("the task carries no message: it has no artifacts", "artifacts")
    for name in ("body", "arguments", "message", "data", "result", "payload"):
        if isinstance(inside := value.get(name), dict):
            return inside
    return None


def _rpc(value: dict[str, Foreign]) -> Foreign | None:
    error = value.get("error")
    if error is not None:
        said = error.get("message") if isinstance(error, dict) else error
        raise ForeignError(f"the call failed: {describe(said)}", "error")
    if isinstance(value.get("result"), dict):
        return value["result"]
    params = value.get("params")
    if isinstance(params, dict):
        return params.get("arguments", params.get("message", params))
    raise ForeignError("is a JSON-RPC message with neither params nor a result", "result")


def _tool_result(value: dict[str, Foreign]) -> Foreign:
    content = value.get("content")
    parts = content if isinstance(content, list) else []
    texts = [one["text"] for one in parts if isinstance(one, dict) and isinstance(one.get("text"), str)]
    if value.get("isError") is True:
        raise ForeignError(f"the tool failed: {describe(' '.join(map(str, texts)) or 'no reason is given')}", "isError")
    if isinstance(structured := value.get("structuredContent"), dict):
        return structured
    for text in texts:
        if str(text).lstrip().startswith("{"):
            return parse_foreign(str(text).encode("utf-8"))
    raise ForeignError("is a tool's result without a message in it", "content")


def _agent(value: dict[str, Foreign]) -> Foreign:
    """An A2A task with artifacts, or a message or artifact with parts: the data of the last part that has any."""
    _check_state(value)
    parts: list[Foreign] = []
    artifacts = value.get("artifacts")
    for one in artifacts if isinstance(artifacts, list) else [value]:
        found = one.get("parts") if isinstance(one, dict) else None
        parts += found if isinstance(found, list) else []
    for part in reversed(parts):
        if isinstance(part, dict):
            if isinstance(data := part.get("data"), dict):
                return data
            if isinstance(text := part.get("text"), str) and text.lstrip().startswith("{"):
                return parse_foreign(text.encode("utf-8"))
    raise ForeignError("has parts, and none of them holds a message", "parts")


def _check_state(value: dict[str, Foreign]) -> None:
    status = value.get("status")
    state = status.get("state") if isinstance(status, dict) else None
    if state is not None and state != "completed":
        raise ForeignError(f"the task is not completed ({describe(state)}): no terms were agreed yet", "status.state")
