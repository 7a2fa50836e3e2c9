"""Witnesses and auditors: servers that cosign a log's checkpoints (C2SP tlog-witness; protocol, section 9).

What is asked and answered (``request``) and what is decided (``decision``) is pure. Around it stands a shell: what must
never be forgotten (``store``), the witness itself (``witness``), the auditor that replays before it cosigns
(``auditor``), HTTP (``app``, ``serve``) and the commands (``command``). It imports nothing of the registry: who runs a
witness installs the verifier with its extra ``witness``.
"""
