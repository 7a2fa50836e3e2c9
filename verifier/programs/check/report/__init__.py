"""The exceptions report of a batch: for spreadsheets, programs, and people with a printer.

Each module renders the same things in its own form, as a generator of text, so that a report of any length takes no
memory: what the batch was asked (:class:`verifier.programs.check.report.words.BatchQuestion`), what it came to
(:class:`verifier.programs.check.batch.BatchTotals`), and the files that somebody has to look at, in order.
"""
