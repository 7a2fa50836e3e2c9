"""Proofs that a log lied, which anybody can check with nothing but a trust policy (protocol, section 9.1).

A ``*.misbehaviour.json`` file holds what the log itself signed: checkpoints, leaves that are in their trees, lists that
its seals vouch for. It convicts by these alone. Nobody else's word counts in it, no witness's, no clock's; so what only
somebody's clock can tell (a seal that is dated back, a statement that is withheld) has no such proof.

An honest log signs checkpoints of one growing list of entries, and puts into that list only what the protocol allows.
Each kind of proof is two things that cannot both be true of such a log, so no material of an honest one makes a proof.

``file`` is the format, ``check`` the check, ``accuse`` finds what can be proved in a heap of signed material, ``words``
says it in sentences.
"""
