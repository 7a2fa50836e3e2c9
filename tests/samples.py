"""Real input that nobody on this project wrote: beside the checkout, never copied into it, and perhaps absent."""

from __future__ import annotations

from pathlib import Path

import pytest

SAMPLES = Path(__file__).resolve().parents[2] / "shared" / "samples"

needs_samples = pytest.mark.skipif(not SAMPLES.is_dir(), reason="the samples are not beside this checkout")
"""Put on every test that reads SAMPLES."""
