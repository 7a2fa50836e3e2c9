"""Messages as agents hand them over: in JSON-RPC, as an MCP tool's result, in an A2A task."""

from __future__ import annotations

import json
from typing import Any

import pytest

from registry.drafting.adapters.adcp import AdcpError, parse_acquire_rights

MESSAGE: dict[str, Any] = {
    "rights_status": "acquired",
    "terms": {"amount": 5, "currency": "EUR", "period": "one_time", "uses": ["likeness"]},
}
REQUEST: dict[str, Any] = {"rights_id": "ayu", "campaign": {"description": "Knitwear in autumn", "uses": ["likeness"]}}
DATA = {"kind": "data", "data": MESSAGE}
TEXT = {"kind": "text", "text": "These are the terms:"}
TASK = {"kind": "task", "id": "1", "status": {"state": "completed"}, "artifacts": [{"parts": [TEXT, DATA]}]}
RESULT = {"content": [{"type": "text", "text": json.dumps(MESSAGE)}]}

WRAPPED: dict[str, Any] = {
    "of documentation": {"caption": "x", "body": MESSAGE},
    "an MCP result": RESULT,
    "an MCP result with structured content": {"content": [], "structuredContent": MESSAGE, "isError": False},
    "JSON-RPC around it": {"jsonrpc": "2.0", "id": 1, "result": RESULT},
    "an A2A task": TASK,
    "JSON-RPC around that": {"jsonrpc": "2.0", "id": 1, "result": TASK},
    "an A2A message": {"kind": "message", "role": "agent", "parts": [TEXT, DATA]},
    "an A2A artifact's text": {"artifacts": [{"parts": [{"kind": "text", "text": json.dumps(MESSAGE)}]}]},
}


@pytest.mark.parametrize("name", WRAPPED)
def test_is_opened(name: str) -> None:
    bare = parse_acquire_rights(json.dumps(MESSAGE).encode())
    assert parse_acquire_rights(json.dumps(WRAPPED[name]).encode()) == bare


@pytest.mark.parametrize(
    "wrapped",
    [
        {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "acquire_rights", "arguments": REQUEST}},
        {"method": "tools/call", "params": {"name": "acquire_rights", "arguments": REQUEST}},
    ],
)
def test_a_request_is_opened_too(wrapped: Any) -> None:
    assert parse_acquire_rights(json.dumps(wrapped).encode()).kind == "request"


@pytest.mark.parametrize(
    "wrapped, said",
    [
        ({"jsonrpc": "2.0", "id": 1, "error": {"code": -32000, "message": "no such talent"}}, "no such talent"),
        ({"content": [{"type": "text", "text": "over budget"}], "isError": True}, "the tool failed: over budget"),
        ({"structuredContent": MESSAGE, "isError": True}, "the tool failed"),
        ({**TASK, "status": {"state": "working"}}, "not completed .working"),
        ({**TASK, "status": {"state": "failed"}}, "not completed .failed"),
        ({**TASK, "status": {"state": "input-required"}}, "not completed"),
        ({"status": {"state": "submitted"}, "id": "1"}, "not completed .submitted"),
        ({"status": {"state": "completed"}, "id": "1"}, "no artifacts"),
        ({"content": [{"type": "text", "text": "hello"}]}, "without a message"),
        ({"parts": [TEXT]}, "none of them holds a message"),
        ({"jsonrpc": "2.0", "id": 1}, "neither params nor a result"),
    ],
)
def test_a_wrapper_that_says_no_stops_the_draft(wrapped: Any, said: str) -> None:
    with pytest.raises(AdcpError, match=said):
        parse_acquire_rights(json.dumps(wrapped).encode())


def test_wrappers_have_an_end() -> None:
    value: Any = MESSAGE
    for _ in range(9):
        value = {"body": value}
    with pytest.raises(AdcpError, match="wrapped more than"):
        parse_acquire_rights(json.dumps(value).encode())
