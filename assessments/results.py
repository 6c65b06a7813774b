"""What an answered questionnaire adds up to, as plain rows: scores in their bands, change, every answer.

No database: everything is derived from the version, the answers and the stored scores.
"""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from assessments import scoring
from assessments.asking import in_words
from assessments.temperament import CODE, PROFILES, profiles

# How grave a band is, 0 to 4, and how it looks.
LOOKS = ("ok", "info", "warn", "danger", "danger")
MOVES = {
    "better": ("ok", "check", gettext_lazy("better")),
    "worse": ("warn", "exclamation-circle", gettext_lazy("worse")),
    "same": ("muted", "", gettext_lazy("about the same")),
    "higher": ("info", "", gettext_lazy("higher")),
    "lower": ("info", "", gettext_lazy("lower")),
}
WIDTH = 100  # of the drawn bar; it grows with the page


def results(row, before=None):
    """One row a scale: its score, band, drawing, and how it moved since `before`."""
    earlier = before.scores if before is not None else {}
    own = row.instrument_version.instrument
    return [
        _result(row, scale, row.scores[scale.code], earlier.get(scale.code), own.code)
        for scale in row.definition.scales
        if scale.code in row.scores
    ]


def _result(row, scale, score, earlier, code):
    low, high = _ends(row.definition, scale)
    was = earlier["value"] if earlier else None
    # What was answered and counts nothing, such as “does not apply”, is not missing.
    left_out = score["missing"] - sum(code not in row.answers for code in scale.items)
    found = {
        "code": scale.code,
        "title": scale.title,
        "value": score["value"],
        "high": high if scale.method != "letters" else None,
        "band": score["band"],
        "look": LOOKS[score["severity"]] if score["severity"] is not None else "muted",
        "missing": score["missing"] - left_out,
        "left_out": left_out,
        "is_letters": scale.method == "letters",
        "was": was,
        "change": None,
        "drawing": None,
    }
    if scale.method == "letters":
        return found | _letters(score, code)
    found["change"] = _change(scale, was, score["value"])
    if score["value"] is not None and low is not None and low < high:
        found["drawing"] = _drawing(scale, low, high, score["value"], was)
    return found


def _change(scale, was, now):
    """How it moved in words; beyond chance where the questionnaire says how much that is."""
    moved = scoring.change(scale, was, now)
    if moved is None:
        return None
    look, icon, words = MOVES[moved]
    if moved != "same" and scale.reliable_change is not None:
        words = _("%(moved)s, beyond chance") % {"moved": words}
    return {"look": look, "icon": icon, "label": words, "code": moved}


def _ends(definition, scale):
    """The lowest and the highest score that can be; (None, None) where that is open."""
    spans = [definition.by_code[code].span for code in scale.items]
    if not spans or None in spans:
        bands = scale.bands
        return (bands[0].low, bands[-1].high) if bands else (None, None)
    if scale.method in ("mean", "weighted_mean", "max"):
        return min(low for low, _high in spans), max(high for _low, high in spans)
    if scale.method == "count_at_least":
        return 0, len(spans)
    return sum(low for low, _high in spans), sum(high for _low, high in spans)


def _drawing(scale, low, high, value, was):
    """The bar: bands side by side, a mark where the score is and a fainter one where it was."""
    at = lambda number: round((min(max(number, low), high) - low) / (high - low) * WIDTH, 2)  # noqa: E731
    bands = []
    for n, band in enumerate(scale.bands):
        after = scale.bands[n + 1].low if n + 1 < len(scale.bands) else high
        start, end = at(band.low), at(after)
        bands.append(
            {
                "x": start,
                "width": max(round(end - start, 2), 0),
                "look": LOOKS[band.severity],
                "label": band.label,
                "low": band.low,
                "high": band.high,
                "is_here": scoring.band_of(scale, value) == band,
            }
        )
    return {
        "low": low,
        "high": high,
        "bands": bands,
        "at": at(value),
        "was_at": at(was) if was is not None else None,
    }


def _letters(score, code):
    """How often each letter was chosen, which most, which next, and what the letters stand for."""
    counts = [(letter, n) for letter, n in score["counts"]]
    primary = score["primary"]
    rest = [(letter, n) for letter, n in counts if letter not in primary]
    next_most = rest[0][1] if primary and rest else None
    secondary = [letter for letter, n in rest if n == next_most] if len(primary) == 1 else []
    known = PROFILES if code == CODE else {}
    name = lambda letter: known[letter].name if letter in known else str(letter)  # noqa: E731
    return {
        "counts": [{"letter": letter, "name": name(letter), "n": n} for letter, n in counts],
        "most": max((n for _letter, n in counts), default=0),
        "primary": "/".join(str(letter) for letter in primary),
        "primary_names": [str(name(letter)) for letter in primary],
        "is_tied": len(primary) > 1,
        "secondary": "/".join(str(letter) for letter in secondary),
        "profiles": profiles(primary) if code == CODE else [],
    }


def in_short(row):
    """A line of a list: what came out, in a few words."""
    told = [t for t in map(_short, results(row)) if t]
    return {
        "row": row,
        "title": str(row.instrument_version.instrument),
        "held_on": row.held_on,
        "scores": told[:3],
        "more": max(len(told) - 3, 0),
    }


def _short(result):
    if result["is_letters"]:
        told = {"title": "", "words": result["primary"], "band": ""}
        return told if result["primary"] else None
    if result["value"] is None:
        return None
    return {name: result[name] for name in ("title", "value", "band", "look")}


def answers(row, before=None):
    """Every question that was asked with its answer, by headings, beside last time's where it differs."""
    said, definition = row.said, row.definition
    earlier = before.answers if before is not None else {}
    found = []
    for item in scoring.asked(definition, said):
        if item.kind == "info":
            continue
        now, was = said.get(item.code), earlier.get(item.code)
        known = before.definition.by_code.get(item.code) if before is not None else None
        was_words = in_words(known, was) if known is not None else ""
        if not found or found[-1]["title"] != item.group:
            found.append({"title": item.group, "rows": []})
        found[-1]["rows"].append(
            {
                "text": item.text,
                "said": in_words(item, now),
                "was": was_words,
                "is_changed": known is not None and was != now,
            }
        )
    return found
