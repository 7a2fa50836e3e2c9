"""Everything that is said to people, in one catalogue a language; the rest of the kernel yields codes and values."""
