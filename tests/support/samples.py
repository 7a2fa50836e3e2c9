"""Real input that nobody on this project wrote: beside the checkout, never copied into it, and perhaps absent."""

from __future__ import annotations

import pytest

from tests.support.root import ROOT

SAMPLES = ROOT.parent / "shared" / "samples"

needs_samples = pytest.mark.skipif(not SAMPLES.is_dir(), reason="the samples are not beside this checkout")
"""Put on every test that reads SAMPLES."""
