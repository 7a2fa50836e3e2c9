"""Watching a subject: every new entry about a party, a file or a consent, with proof that none was left out.

A registry shows a subject's whole list with its proof under the last seal's index root. ``lists`` checks such an
answer, and that the list only grew since it was last looked at; ``news`` is what there is to report about it, as JSON
that a reader can check alone; ``words`` says in a sentence what an entry's public header says; ``known`` is what is
remembered in between. That much is pure. Around it, a small shell: ``watcher`` asks a source and puts it all together,
``webhook`` delivers, and ``command`` is ``verifier watch``.

A source without lists, such as a mirror of plain files, is read entry by entry instead, which proves as much.
"""
