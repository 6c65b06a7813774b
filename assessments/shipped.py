"""The questionnaires that come with the product: our own, and free ones with their notice (DOMAIN 3.2, 3.3)."""

import json
from pathlib import Path

from assessments.models import InstrumentVersion

FOLDER = Path(__file__).parent / "instruments"


def shipped():
    """The definitions that are shipped, by code, as plain dicts."""
    rows = [json.loads(path.read_text()) for path in sorted(FOLDER.glob("*.json"))]
    return {row["code"]: row for row in rows}


def take_shipped(agency, codes=None):
    """These questionnaires of an agency, given to it and published where it has none; what it has stays as it is."""
    raws = [raw for code, raw in shipped().items() if codes is None or code in codes]
    return InstrumentVersion.take_published(agency, raws)
