r"""A transparency log: how one list of entries is shown to be the same list to everybody (RFC 6962, C2SP).

The log is a Merkle tree over its entries, in the order in which they came (``hashing``). One hash, the root, stands
for all of them:

>>> from verifier.log import checkpoint, consistency, hashing, log_proof, proofs, provers, tiles, trust, writing
>>> entries = [b"one", b"two", b"three"]
>>> leaves = [hashing.leaf_hash(entry) for entry in entries]
>>> hashing.root(leaves).hex()
'5aac771c899ac292e74bf1afe2e6e302f8b55883b2d1bf197b46a6bea6dabca9'

The log signs size and root: a *checkpoint*, three lines of text in a signed *note*. The name of the key is the
*origin* of the log.

>>> from verifier.base.private_keys import SigningKey
>>> signer = writing.Signer("log.example/1", SigningKey(bytes(32)))
>>> tree = checkpoint.Checkpoint(origin="log.example/1", size=3, root=hashing.root(leaves))
>>> text = writing.format_checkpoint(tree)
>>> signed = writing.format_note(text, [signer.sign(text)])
>>> print(signed, end="")
log.example/1
3
Wqx3HImawpLnS/Gv4ubjAvi1WIOy0b8Ze0amvqbavKk=
<BLANKLINE>
— log.example/1 2xxC9k8LKeN8bsQUki0mgyl4Y0tTzDxKuz70lZSZjDAOQmF9AeYvQtRqzm4YkpFLZIM35ELqTQBb0df3ZXi3TwD+kQM=

A log could still show different trees to different people. So *witnesses* watch it: each keeps the last checkpoint
that it saw, asks for a proof that the tree only grew, and *cosigns* with the time.

>>> grown = provers.prove_consistency(2, 3, lambda level, index: hashing.root(leaves[index << level :][: 1 << level]))
>>> consistency.check_consistency(2, hashing.root(leaves[:2]), 3, tree.root, grown)
>>> witness = writing.Cosigner("witness.example/ada", SigningKey(bytes(31) + b"\x01"))
>>> signed = writing.format_note(text, [signer.sign(text), witness.sign(text, 1763921115)])

A reader has a *policy*: whose log, which witnesses, how many of them. A checkpoint is worth something only under one,
and ``open_checkpoint`` is the one way in. ``as_of`` says how fresh it is.

>>> policy = trust.parse_policy(f"log {signer.verifier}\nwitness ada {witness.verifier}\nquorum ada\n")
>>> trusted = trust.open_checkpoint(signed, policy)
>>> trusted.checkpoint == tree, trusted.as_of
(True, 1763921115)

That an entry is in the log is then a matter of a few hashes: those of the siblings on its way to the root. All of it
together fits in one file, a *log proof*.

>>> siblings = provers.prove_inclusion(1, 3, lambda level, index: hashing.root(leaves[index << level :][: 1 << level]))
>>> proofs.check_inclusion(leaves[1], 1, 3, siblings, tree.root)
>>> shown = log_proof.LogProof(index=1, proof=tuple(siblings), checkpoint=signed)
>>> opened = log_proof.check_log_proof(shown, hashing.leaf_hash(b"two"), policy)
>>> log_proof.check_log_proof(shown, hashing.leaf_hash(b"zwei"), policy)
Traceback (most recent call last):
verifier.log.proofs.ProofError: the proof of leaf 1 leads to another root

To readers at large the log is static files, *tiles* of 256 hashes or entries each, which never change once full:

>>> [tile.path for tile in tiles.tiles_for_size(70_000)][-3:]
['tile/1/000', 'tile/1/001.p/17', 'tile/2/000.p/1']
"""
