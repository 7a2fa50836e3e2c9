"""Replay of a whole log: what an auditor, or anybody with an evening, checks about a registry (protocol, section 9).

Nobody's word is taken. Every entry is fetched and shown to be in the tree that the registry signed (``tree``); all
that its bytes alone can tell is told in parallel (``leaves``); then one *replay* takes them in log order: batches and
seals, order, the root of the index at every seal, what was used twice, and the standing of every entry by the rules
(``replay``, over ``record`` and ``lists``). What is wrong becomes a *finding* (``findings``): all of it is reported,
not just the first.

That much is pure. Around it stands a small shell: where entries come from (``source``), the verified copy of the log
that can itself be served and audited (``mirror``), what is remembered between runs (``store``), processes
(``workers``), the run itself (``replayer``), a quick look (``sample``), and the command (``command``). ``judge`` opens
sections that the caller holds and asks the contract about every use that they bear on.
"""
