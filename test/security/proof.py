"""Whether the long runs are asked for (`make proof`), and how long a run then is."""

from __future__ import annotations

import os

PROOF = os.environ.get("HYPOTHESIS_PROFILE") == "proof"


def often(suite: int, proof: int) -> int:
    """How many times something is tried: a cut of it in the suite, the whole in the proof."""
    return proof if PROOF else suite
