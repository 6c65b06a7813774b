"""What answers add up to: which items are asked, scores, bands, alerts, change. Plain functions, no database.

Answers are a dict of item code to value; whatever was said can be scored again and gives the same (DOMAIN 3.1).
"""

from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from assessments.definition import CHOICES, is_number


@dataclass(frozen=True)
class Score:
    """A scale's result; `value` is None when too little was answered, and `missing` says how many items were not.

    For letters, `counts` says how often each was chosen, and `primary` which most often (several when tied).
    """

    scale: str
    value: float | None
    missing: int = 0
    band: object = None
    counts: tuple = ()
    primary: tuple = ()


def asked(definition, answers):
    """The items that are shown, in order; what hangs on a hidden item is hidden with it."""
    shown, kept = set(), {}
    for item in definition.as_they_wait:
        if item.show_if is None or holds(item.show_if, kept, definition):
            shown.add(item.code)
            if item.code in answers:
                kept[item.code] = answers[item.code]
    return [item for item in definition.items if item.code in shown]


def holds(rule, answers, definition, scores=None):
    """Whether a condition is true of these answers; what was not answered makes every comparison false."""
    if "all" in rule:
        return all(holds(part, answers, definition, scores) for part in rule["all"])
    if "any" in rule:
        return any(holds(part, answers, definition, scores) for part in rule["any"])
    if "not" in rule:
        return not holds(rule["not"], answers, definition, scores)
    if "scale" in rule:
        score = (scores or {}).get(rule["scale"])
        said = score.value if score is not None else None
    else:
        said = answers.get(rule["item"])
    if rule["op"] == "answered":
        return _is_said(said) == bool(rule.get("value", True))
    return _is_said(said) and _compare(said, rule["op"], rule["value"])


def _is_said(value):
    return value not in (None, "", [])


def _compare(said, op, value):
    if op == "includes":
        return str(value) in {str(v) for v in said} if isinstance(said, list) else str(said) == str(value)
    if op in ("=", "!="):
        same = any(str(v) == str(value) for v in said) if isinstance(said, list) else _same(said, value)
        return same == (op == "=")
    if isinstance(said, list):
        return False
    if is_number(value) and not is_number(said):
        return False  # “does not apply” is neither more nor less than a number
    if not is_number(value):
        said, value = str(said), str(value)
    return {">": said > value, ">=": said >= value, "<": said < value, "<=": said <= value}[op]


def _same(said, value):
    return said == value if is_number(said) and is_number(value) else str(said) == str(value)


def clean(item, value):
    """The answer as it is stored. Raises ValueError with words when it is none that the item takes."""
    if value is None or value in ("", [], ()):
        return None
    if item.kind in CHOICES:
        return _chosen(item, value)
    if item.kind == "multi":
        values = value if isinstance(value, list | tuple) else [value]
        chosen = [_chosen(item, v) for v in values]
        return [v for v in item.values if v in chosen]
    if item.kind in ("number", "scale"):
        return _counted(item, value)
    if item.kind == "date":
        try:
            return date.fromisoformat(str(value)).isoformat()
        except ValueError as error:
            raise ValueError(_("Write the day as 2026-11-30.")) from error
    if item.kind == "info":
        return None
    text = str(value).replace("\x00", "").encode(errors="replace").decode()
    if len(text) > 10_000:
        raise ValueError(_("At most 10,000 characters."))
    return text


def _chosen(item, value):
    for option in item.options:
        if str(option.value) == str(value):
            return option.value
    raise ValueError(_("This is not one of the answers."))


def _counted(item, value):
    try:
        number = float(str(value).replace(",", "."))
    except ValueError as error:
        raise ValueError(_("Write a number.")) from error
    if not is_number(number) or abs(number) > 1e9:
        raise ValueError(_("Write a number."))
    number = int(number) if number == int(number) else number
    if (item.low is not None and number < item.low) or (item.high is not None and number > item.high):
        raise ValueError(_("From %(low)s to %(high)s.") % {"low": item.low, "high": item.high})
    return number


def counted(item, value):
    """What an answer counts: its score, or the mirror image of it on the item's span; None when it counts nothing."""
    found = item.counts(value)
    if found is None or not item.reverse:
        return found
    low, high = item.span
    return low + high - found


def score(definition, answers):
    """Every scale's Score, by its code. Only what was asked counts."""
    shown = {item.code for item in asked(definition, answers)}
    said = {code: value for code, value in answers.items() if code in shown}
    return {scale.code: _score(definition, scale, said) for scale in definition.scales}


def _score(definition, scale, answers):
    if scale.method == "letters":
        return _letters(scale, answers)
    given = []
    for code in scale.items:
        item = definition.by_code[code]
        value = counted(item, answers.get(code))
        if value is not None:
            given.append((item, value))
    missing = len(scale.items) - len(given)
    if not given or len(given) < scale.least:
        return Score(scale.code, None, missing)
    value = _value(scale, given)
    return Score(scale.code, value, missing, band_of(scale, value))


def _value(scale, given):
    values = [value for _item, value in given]
    if scale.method == "mean":
        return _tidy(sum(values) / len(values))
    if scale.method == "weighted_mean":
        weights = sum(item.weight for item, _value in given)
        return _tidy(sum(item.weight * value for item, value in given) / weights) if weights else 0
    if scale.method == "max":
        return max(values)
    if scale.method == "count_at_least":
        found = sum(value >= scale.at_least for value in values)
    else:
        found = sum(values)
    return _tidy(found / len(values) * len(scale.items)) if scale.prorate else _tidy(found)


def _tidy(value):
    rounded = round(value, 6)
    return int(rounded) if rounded == int(rounded) else rounded


def _letters(scale, answers):
    """How often each letter was chosen; nothing until every box has its choice."""
    chosen = [answers[code] for code in scale.items if _is_said(answers.get(code))]
    missing = len(scale.items) - len(chosen)
    counts = {}
    for letter in chosen:
        counts[letter] = counts.get(letter, 0) + 1
    ordered = tuple(sorted(counts.items(), key=lambda pair: (-pair[1], str(pair[0]))))
    if missing:
        return Score(scale.code, None, missing, counts=ordered)
    most = ordered[0][1]
    primary = tuple(letter for letter, n in ordered if n == most)
    return Score(scale.code, len(chosen), 0, counts=ordered, primary=primary)


def band_of(scale, value):
    """The band that a score falls into; a score between two whole-numbered bands belongs to the lower one."""
    found = None
    for band in scale.bands:
        if value is not None and value >= band.low:
            found = band
    if found is None:
        return None
    is_last = found == scale.bands[-1]
    return None if is_last and value > found.high else found


def span_of(definition, scale):
    """The lowest and highest score that a scale can take; None where its items say nothing of it."""
    if scale.bands:
        return scale.bands[0].low, scale.bands[-1].high
    if scale.method == "count_at_least":
        return 0, len(scale.items)
    spans = [definition.by_code[code].span for code in scale.items if code in definition.by_code]
    if not spans or None in spans:
        return None
    lows, highs = zip(*spans, strict=True)
    return (sum(lows), sum(highs)) if scale.method == "sum" else (min(lows), max(highs))


def alerts(definition, answers, scores=None):
    """The alerts that these answers raise, finished or not."""
    scores = score(definition, answers) if scores is None else scores
    return [alert for alert in definition.alerts if holds(alert.when, answers, definition, scores)]


def suggested(definition, answers, scores=None):
    """The needs that these answers point at, one for each domain (REQ-53)."""
    scores = score(definition, answers) if scores is None else scores
    found = {}
    for row in definition.needs:
        if row.domain not in found and holds(row.when, answers, definition, scores):
            found[row.domain] = row
    return list(found.values())


def unanswered(definition, answers):
    """The required items that are asked and have no answer yet."""
    return [i for i in asked(definition, answers) if i.required and not _is_said(answers.get(i.code))]


def left_out(definition, answers):
    """The items that a scale counts, that are asked and have no answer: whoever declines one may still finish."""
    counts = {code for scale in definition.scales for code in scale.items}
    return [i for i in asked(definition, answers) if i.code in counts and not _is_said(answers.get(i.code))]


def change(scale, before, now):
    """How a score moved: “better”, “worse”, “same”, or “higher” and “lower” where neither is good; None without both.

    A move smaller than the scale's reliable change is “same” (Jacobson and Truax 1991).
    """
    if before is None or now is None:
        return None
    moved = now - before
    least = scale.reliable_change if scale.reliable_change is not None else 0
    if moved == 0 or abs(moved) < least:
        return "same"
    if scale.higher_is == "neutral":
        return "higher" if moved > 0 else "lower"
    return "better" if (moved > 0) == (scale.higher_is == "better") else "worse"


def attainment(levels, weights=None, rho=0.3):
    """Goal attainment as a T score: 50 is as expected (Kiresuk and Sherman 1968; PR-35). None without goals.

    `levels` are −2 (much less than expected) to +2 (much more), `weights` how much each goal counts, 1 unless given,
    `rho` the correlation that is assumed between goals. Raises ValueError for another level or a weight below 0.
    """
    weights = [1] * len(levels) if weights is None else list(weights)
    if any(level not in (-2, -1, 0, 1, 2) for level in levels):
        raise ValueError(_("A level is −2, −1, 0, 1 or 2."))
    if len(weights) != len(levels) or any(weight < 0 for weight in weights):
        raise ValueError(_("Each goal has a weight of 0 or more."))
    if not sum(weights):
        return None
    reached = sum(weight * level for weight, level in zip(weights, levels, strict=True))
    spread = (1 - rho) * sum(weight**2 for weight in weights) + rho * sum(weights) ** 2
    return 50 + 10 * reached / spread**0.5
