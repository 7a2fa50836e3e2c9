"""Evidence files: how they are made, read and judged, and how the verdict is told."""
