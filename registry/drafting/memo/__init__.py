"""The deal memo: a consent's terms in plain words, in English or Indonesian, for the model to read before she signs."""
