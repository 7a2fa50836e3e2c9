"""What the registry tells before anything is signed: "may I?", what would cure a no, what clashes, what an act ends."""
