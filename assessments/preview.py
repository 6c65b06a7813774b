"""What a draft will look like, and what the answers that somebody tries in it add up to; nothing of it is kept."""

from assessments import asking
from assessments.building import as_far_as_it_goes
from assessments.scoring import alerts, clean, score, suggested

NAMES = "try-"  # goes before the names of its inputs


def preview(raw, data=None):
    """What the template of a preview shows of this definition, with the tried answers in what was sent."""
    definition = as_far_as_it_goes(raw)
    if definition is None:
        return {"parts": [], "definition": None}
    said = _tried(definition, data) if data is not None else {}
    scores = score(definition, said)
    return {
        "definition": definition,
        "parts": asking.parts(definition, said, names=NAMES),
        "scores": [_told(scale, scores[scale.code]) for scale in definition.scales],
        "alerts": alerts(definition, said, scores),
        "needs": suggested(definition, said, scores),
    }


def _tried(definition, data):
    found = {}
    for n, item in enumerate(definition.items):
        try:
            value = clean(item, asking.typed(item, data.getlist(asking.name_of(n, NAMES))))
        except ValueError:
            continue  # another question stands in its place now
        if value is not None:
            found[item.code] = value
    return found


def _told(scale, found):
    """One line for a score: its number and what it means, or how many answers it still waits for."""
    return {
        "title": scale.title,
        "value": found.value,
        "band": found.band.label if found.band else "",
        "missing": found.missing,
        "counts": found.counts,
    }
