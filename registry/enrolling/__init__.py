"""How people come in, and how their keys come along: invitations, and lockers for copies of keys under passkeys.

All of it lies beside the log, in ``enrolling.db`` in the registry's folder, and nothing in it is needed to prove
anything. Whoever loses it loses open invitations, and the copies of keys that browsers left there.
"""
