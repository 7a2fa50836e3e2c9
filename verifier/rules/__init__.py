"""The rules: from complete lists and opened sections to results with reason codes."""
