"""Other people's formats, read into members of drafts: a person looks them over, fills the gaps, and signs."""
