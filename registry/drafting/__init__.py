"""From terms in people's words to a statement that can be signed: drafts, adapters, memos."""
