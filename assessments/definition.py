"""What an instrument consists of: items, when they are shown, scales, bands and alerts. Plain data, no database.

The JSON that `read` takes is our own exchange format (docs/instruments.md); FHIR Questionnaires are turned into it.
"""

import json
import math
from dataclasses import dataclass, field
from functools import cached_property
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise

from django.utils.translation import gettext as _

from assessments.domains import Domain

FORMAT = "casemgmt-instrument/1"
MOST_ITEMS = 1000
MOST_OPTIONS = 200
DEEPEST = 60

CHOICES = ("single", "matrix", "yesno", "forced")
KINDS = (*CHOICES, "multi", "number", "scale", "date", "text", "info")
METHODS = ("sum", "mean", "weighted_mean", "max", "count_at_least", "letters")
OPERATORS = ("=", "!=", ">", ">=", "<", "<=", "includes", "answered")
PARTS = ("all", "any", "not", "item", "scale")  # a condition has one of them
ACTIONS = ("banner", "task", "notify", "safety_plan")
AUDIENCES = ("client", "staff", "pair", "program")
RESPONDENTS = ("self", "worker", "observer", "collateral")
TIERS = ("A", "B", "C", "own")
DIRECTIONS = ("better", "worse", "neutral")


class Malformed(ValueError):
    """The definition cannot be used; `faults` are (where, sentence), one for each thing that is wrong."""

    def __init__(self, faults):
        self.faults = list(faults)
        super().__init__("; ".join(f"{where}: {what}" for where, what in self.faults))


@dataclass(frozen=True)
class Option:
    """One answer that may be chosen: `value` is stored, `score` is counted; None counts nothing."""

    value: object
    label: str
    score: float | None = None


@dataclass(frozen=True)
class Item:
    """One question; `show_if` says when it is asked, None always."""

    code: str
    text: str
    kind: str
    options: tuple = ()
    reverse: bool = False
    required: bool = False
    weight: float = 1
    low: float | None = None
    high: float | None = None
    low_label: str = ""
    high_label: str = ""
    group: str = ""
    show_if: dict | None = None

    @property
    def values(self):
        return [option.value for option in self.options]

    @property
    def span(self):
        """The lowest and highest number that an answer can count; None where answers are no numbers."""
        if self.kind in ("number", "scale"):
            return (self.low, self.high) if self.low is not None and self.high is not None else None
        numbers = [option.score for option in self.options if option.score is not None]
        return (min(numbers), max(numbers)) if numbers else None

    def counts(self, value):
        """What an answer counts, before any reversing; None when it counts nothing."""
        if not self.options:
            return value if is_number(value) else None
        return next((option.score for option in self.options if option.value == value), None)


@dataclass(frozen=True)
class Band:
    """A stretch of a scale with a name; both ends belong to it. Severity is 0 (nothing) to 4 (gravest)."""

    low: float
    high: float
    label: str
    severity: int = 0


@dataclass(frozen=True)
class Scale:
    """How some items add up; without `least` answered there is no score, and `prorate` makes up for gaps."""

    code: str
    title: str
    items: tuple
    method: str
    least: int
    prorate: bool = False
    at_least: float | None = None
    higher_is: str = "neutral"
    bands: tuple = ()
    reliable_change: float | None = None


@dataclass(frozen=True)
class Alert:
    """What must be acted upon while somebody answers: the condition, the words, and what is done."""

    when: dict
    text: str
    severity: int = 3
    actions: tuple = ("banner", "notify")


@dataclass(frozen=True)
class Suggestion:
    """A need that these answers point at: the condition, the domain of life, and the words it begins with."""

    when: dict
    domain: str
    words: str = ""


@dataclass(frozen=True)
class Definition:
    """One version of an instrument in one language."""

    code: str
    version: str
    title: str
    items: tuple
    scales: tuple = ()
    alerts: tuple = ()
    needs: tuple = ()
    language: str = "en"
    audience: str = "client"
    respondent: str = "self"
    tier: str = "own"
    notice: str = ""
    source_url: str = ""
    requires: str = ""
    private: bool = False
    reassess_days: int | None = None
    instructions: str = ""
    by_code: dict = field(default_factory=dict, compare=False, repr=False)

    def __post_init__(self):
        self.by_code.update({item.code: item for item in self.items})

    @cached_property
    def as_they_wait(self):
        """The items in an order in which each comes after those that decide whether it is asked."""
        waits = {item.code: [c["item"] for c in conditions(item.show_if)] for item in self.items}
        return [self.by_code[code] for code in TopologicalSorter(waits).static_order()]

    def scale(self, code):
        return next((scale for scale in self.scales if scale.code == code), None)


def is_number(value):
    """A finite number; True and False are none, nor is a whole number that no computer counts with."""
    return isinstance(value, int | float) and not isinstance(value, bool) and -1e300 < value < 1e300


def conditions(rule):
    """Every single comparison in a condition."""
    if rule is None:
        return
    for key in ("all", "any"):
        for part in rule.get(key, ()):
            yield from conditions(part)
    if "not" in rule:
        yield from conditions(rule["not"])
    if "item" in rule or "scale" in rule:
        yield rule


def read(text):
    """The definition that a JSON text holds. Raises Malformed with every fault by item."""
    return parse(load(text))


def load(data):
    """What a JSON file holds, fit for any database. Raises Malformed."""
    try:
        text = data.decode("utf-8-sig") if isinstance(data, bytes) else data
        raw = json.loads(text)
    except UnicodeDecodeError as error:
        raise Malformed([(_("file"), _("This is not a text in UTF-8."))]) from error
    except (ValueError, RecursionError) as error:
        raise Malformed([(_("file"), _("This is not JSON: %(why)s.") % {"why": str(error)[:100]})]) from error
    return _plain(raw, 0)


def _plain(raw, depth):
    """Without the characters and numbers that PostgreSQL does not keep in JSON."""
    if depth > DEEPEST:
        raise Malformed([(_("file"), _("Its parts are nested too deeply."))])
    if isinstance(raw, dict):
        return {_plain(name, depth): _plain(part, depth + 1) for name, part in raw.items()}
    if isinstance(raw, list):
        return [_plain(part, depth + 1) for part in raw]
    if isinstance(raw, str):
        return raw.replace("\x00", "").encode(errors="replace").decode()
    if isinstance(raw, int | float) and not -1e15 < raw < 1e15:
        raise Malformed([(_("file"), _("It holds a number that is too large."))])
    return raw


def parse(raw):
    """The definition in these plain dicts and lists. Raises Malformed with every fault by item."""
    return _Parser().whole(raw)


class _Parser:
    """Reads part by part and gathers what is wrong, so that somebody can mend it all at once."""

    def __init__(self):
        self.faults, self.shared = [], ()

    def wrong(self, where, what):
        self.faults.append((where, what))

    def whole(self, raw):
        if not isinstance(raw, dict):
            raise Malformed([(_("file"), _("An instrument is an object with a code, a title and items."))])
        head = _("instrument")
        if raw.get("format", FORMAT) != FORMAT:
            self.wrong(head, _("The format is %(format)s.") % {"format": FORMAT})
        said = {
            "code": self.text(head, raw, "code", most=60, needed=True),
            "version": self.text(head, raw, "version", most=40) or "1",
            "title": self.text(head, raw, "title", most=200, needed=True),
            "language": self.text(head, raw, "language", most=20) or "en",
            "notice": self.text(head, raw, "notice", most=5000),
            "source_url": self.text(head, raw, "source_url", most=300),
            "requires": self.text(head, raw, "requires", most=100),
            "instructions": self.text(head, raw, "instructions", most=5000),
            "audience": self.one_of(head, raw, "audience", AUDIENCES, "client"),
            "respondent": self.one_of(head, raw, "respondent", RESPONDENTS, "self"),
            "tier": self.one_of(head, raw, "tier", TIERS, "own"),
            "private": bool(raw.get("private", False)),
            "reassess_days": self.whole_number(head, raw, "reassess_days", 1, 3650),
        }
        self.shared = self.choices(head, self.listed(head, raw, "options"))
        items = self.items(self.listed(head, raw, "items"))
        by_code = {item.code: item for item in items}
        scales = self.scales(self.listed(head, raw, "scales"), by_code)
        scale_codes = {s.code for s in scales}
        alerts = self.alerts(self.listed(head, raw, "alerts"), by_code, scale_codes)
        needs = self.needs(self.listed(head, raw, "needs"), by_code, scale_codes)
        if not items and not self.faults:
            self.wrong(head, _("There are no items."))
        self.no_circles(items)
        if self.faults:
            raise Malformed(self.faults)
        parts = {"items": items, "scales": scales, "alerts": alerts, "needs": needs}
        return Definition(**{name: tuple(rows) for name, rows in parts.items()}, **said)

    # --- parts ---

    def items(self, rows):
        if len(rows) > MOST_ITEMS:
            words = _("%(n)s items are more than anybody answers; %(most)s at most.")
            self.wrong(_("items"), words % {"n": len(rows), "most": MOST_ITEMS})
            return []
        items, codes = [], set()
        for n, raw in enumerate(rows, start=1):
            where = _("item %(n)s") % {"n": n}
            if not isinstance(raw, dict):
                self.wrong(where, _("An item is an object."))
                continue
            code = self.text(where, raw, "code", most=100) or str(n)
            where = _("item %(code)s") % {"code": code}
            if code in codes:
                self.wrong(where, _("This code is used twice."))
                continue
            codes.add(code)
            items.append(self.item(where, code, raw))
        for item in items:
            if item.show_if is not None:
                self.condition(_("item %(code)s") % {"code": item.code}, item.show_if, codes, ())
        return items

    def item(self, where, code, raw):
        kind = self.one_of(where, raw, "kind", KINDS, "single")
        options = self.options(where, raw, kind)
        low, high = self.number(where, raw, "low"), self.number(where, raw, "high")
        if kind == "scale":
            low, high = 0 if low is None else low, 10 if high is None else high
        if low is not None and high is not None and low >= high:
            self.wrong(where, _("The lowest value is not below the highest."))
        item = Item(
            code=code,
            text=self.text(where, raw, "text", most=2000, needed=kind != "forced"),
            kind=kind,
            options=options,
            reverse=bool(raw.get("reverse", False)),
            required=bool(raw.get("required", False)),
            weight=1 if raw.get("weight") is None else self.number(where, raw, "weight") or 0,
            low=low,
            high=high,
            low_label=self.text(where, raw, "low_label", most=100),
            high_label=self.text(where, raw, "high_label", most=100),
            group=self.text(where, raw, "group", most=200),
            show_if=raw.get("show_if"),
        )
        if item.reverse and item.span is None:
            self.wrong(where, _("Only an item with numbers can be counted in reverse."))
        return item

    def options(self, where, raw, kind):
        rows = self.listed(where, raw, "options")
        if kind == "yesno" and not rows:
            return Option(1, _("Yes"), 1), Option(0, _("No"), 0)
        if kind not in (*CHOICES, "multi"):
            return ()
        if not rows and not self.shared:
            self.wrong(where, _("There is nothing to choose from."))
        return self.choices(where, rows) if rows else self.shared

    def choices(self, where, rows):
        if len(rows) > MOST_OPTIONS:
            self.wrong(where, _("More than %(most)s answers to choose from.") % {"most": MOST_OPTIONS})
            return ()
        options, values = [], set()
        for option in rows:
            if not isinstance(option, dict) or not isinstance(option.get("value"), str | int | float):
                self.wrong(where, _("Each answer has a value, a number or a text, and a label."))
                continue
            value = option["value"]
            if isinstance(value, float) and not math.isfinite(value):
                self.wrong(where, _("“%(value)s” is not a number that can be counted.") % {"value": value})
                continue
            if str(value) in values:
                self.wrong(where, _("The value %(value)s stands twice.") % {"value": value})
                continue
            values.add(str(value))
            score = self.number(where, option, "score")
            if score is None and is_number(value):
                score = value
            options.append(Option(value, self.text(where, option, "label", most=300) or str(value), score))
        return tuple(options)

    def scales(self, rows, by_code):
        scales, codes = [], set()
        for n, raw in enumerate(rows, start=1):
            where = _("scale %(n)s") % {"n": n}
            if not isinstance(raw, dict):
                self.wrong(where, _("A scale is an object."))
                continue
            code = self.text(where, raw, "code", most=60, needed=True)
            where = _("scale %(code)s") % {"code": code or n}
            if code in codes:
                self.wrong(where, _("This code is used twice."))
            codes.add(code)
            scales.append(self.scale(where, code, raw, by_code))
        return scales

    def scale(self, where, code, raw, by_code):
        items = [str(c) for c in self.listed(where, raw, "items")]
        unknown = [c for c in items if c not in by_code]
        if unknown:
            self.wrong(where, _("There is no item %(codes)s.") % {"codes": ", ".join(unknown[:10])})
        if not items:
            self.wrong(where, _("A scale needs items."))
        if len(set(items)) < len(items):
            self.wrong(where, _("An item is counted twice."))
        method = self.one_of(where, raw, "method", METHODS, "sum")
        known = [by_code[c] for c in items if c in by_code]
        if method == "letters":
            self.chosen(where, known)
        else:
            self.countable(where, known)
        at_least = self.number(where, raw, "at_least")
        if method == "count_at_least" and at_least is None:
            self.wrong(where, _("Counting items needs “at_least”: from which value an item counts."))
        least = self.whole_number(where, raw, "least", 1, max(len(items), 1))
        return Scale(
            code=code,
            title=self.text(where, raw, "title", most=200) or code,
            items=tuple(items),
            method=method,
            least=len(items) if least is None else least,
            prorate=bool(raw.get("prorate", False)),
            at_least=at_least,
            higher_is=self.one_of(where, raw, "higher_is", DIRECTIONS, "neutral"),
            bands=self.bands(where, raw),
            reliable_change=self.number(where, raw, "reliable_change"),
        )

    def countable(self, where, items):
        """An answer that is no number, such as “does not apply”, is left out of a score; but some must be numbers."""
        for item in items:
            if item.kind in ("text", "date", "info", "multi") or (item.options and item.span is None):
                self.wrong(where, _("Item %(code)s has answers that are no numbers.") % {"code": item.code})

    def chosen(self, where, items):
        for item in items:
            if item.kind not in CHOICES:
                words = _("Item %(code)s is not one choice, and only choices are counted as letters.")
                self.wrong(where, words % {"code": item.code})

    def bands(self, where, raw):
        bands = []
        for row in self.listed(where, raw, "bands"):
            if not isinstance(row, dict) or not is_number(row.get("low")) or not is_number(row.get("high")):
                self.wrong(where, _("Each band has a low and a high number and a label."))
                continue
            if row["low"] > row["high"]:
                self.wrong(where, _("A band ends below its beginning."))
            severity = self.whole_number(where, row, "severity", 0, 4)
            label = self.text(where, row, "label", most=100, needed=True)
            bands.append(Band(row["low"], row["high"], label, severity or 0))
        bands.sort(key=lambda band: band.low)
        for before, after in pairwise(bands):
            if after.low <= before.high:
                words = _("The bands “%(before)s” and “%(after)s” overlap.")
                self.wrong(where, words % {"before": before.label, "after": after.label})
        return tuple(bands)

    def alerts(self, rows, by_code, scale_codes):
        alerts = []
        for n, raw in enumerate(rows, start=1):
            where = _("alert %(n)s") % {"n": n}
            if not isinstance(raw, dict) or not isinstance(raw.get("when"), dict):
                self.wrong(where, _("An alert has a condition and a text."))
                continue
            self.condition(where, raw["when"], by_code, scale_codes)
            actions = [str(a) for a in self.listed(where, raw, "actions")] or list(Alert.actions)
            if unknown := [a for a in actions if a not in ACTIONS]:
                self.wrong(where, _("Nobody knows the action %(action)s.") % {"action": unknown[0]})
            severity = self.whole_number(where, raw, "severity", 0, 4)
            text = self.text(where, raw, "text", most=500, needed=True)
            alerts.append(Alert(raw["when"], text, 3 if severity is None else severity, tuple(actions)))
        return alerts

    def needs(self, rows, by_code, scale_codes):
        needs = []
        for n, raw in enumerate(rows, start=1):
            where = _("need %(n)s") % {"n": n}
            if not isinstance(raw, dict) or not isinstance(raw.get("when"), dict):
                self.wrong(where, _("A need has a condition and a domain."))
                continue
            self.condition(where, raw["when"], by_code, scale_codes)
            if raw.get("domain") not in Domain.values:
                words = _("“domain” is one of %(known)s.")
                self.wrong(where, words % {"known": ", ".join(Domain.values)})
                continue
            needs.append(Suggestion(raw["when"], raw["domain"], self.text(where, raw, "words", most=300)))
        return needs

    def condition(self, where, rule, item_codes, scale_codes, depth=0):
        said = [key for key in PARTS if key in rule] if isinstance(rule, dict) else []
        if depth > 10 or len(said) > 1 or not isinstance(rule, dict):
            self.wrong(where, _("The condition cannot be read."))
            return
        if said and said[0] in ("all", "any", "not"):
            parts = [rule["not"]] if said == ["not"] else rule[said[0]]
            if not isinstance(parts, list) or not parts:
                self.wrong(where, _("The condition cannot be read."))
                return
            for part in parts:
                self.condition(where, part, item_codes, scale_codes, depth + 1)
            return
        subject = rule.get("item", rule.get("scale"))
        known = item_codes if "item" in rule else scale_codes
        if not isinstance(subject, str) or subject not in known:
            self.wrong(where, _("The condition asks for %(code)s, which is not there.") % {"code": subject})
        if rule.get("op") not in OPERATORS:
            self.wrong(where, _("The condition compares with %(op)s.") % {"op": ", ".join(OPERATORS)})
        elif rule["op"] != "answered" and not isinstance(rule.get("value"), str | int | float):
            self.wrong(where, _("The condition has no value to compare with."))

    def no_circles(self, items):
        """Refuse items that wait for each other: none of them would ever be asked."""
        asks = (
            {item.code: {c["item"] for c in conditions(item.show_if) if "item" in c} for item in items}
            if not self.faults
            else {}
        )
        try:
            TopologicalSorter(asks).prepare()
        except CycleError as error:
            circle = " → ".join(str(code) for code in error.args[1])
            self.wrong(_("items"), _("These wait for each other: %(circle)s.") % {"circle": circle})

    # --- values ---

    def text(self, where, raw, name, *, most, needed=False):
        value = raw.get(name)
        if value is None or value == "":
            if needed:
                self.wrong(where, _("“%(name)s” is missing.") % {"name": name})
            return ""
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            self.wrong(where, _("“%(name)s” is not a text.") % {"name": name})
            return ""
        text = str(value).replace("\x00", "").encode(errors="replace").decode().strip()
        if len(text) > most:
            words = _("“%(name)s” is longer than %(most)s characters.")
            self.wrong(where, words % {"name": name, "most": most})
        return text

    def number(self, where, raw, name):
        value = raw.get(name)
        if value is None:
            return None
        if not is_number(value) or abs(value) > 1e9:
            self.wrong(where, _("“%(name)s” is not a number.") % {"name": name})
            return None
        return value

    def whole_number(self, where, raw, name, low, high):
        value = raw.get(name)
        if value is None:
            return None
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            words = _("“%(name)s” is a whole number from %(low)s to %(high)s.")
            self.wrong(where, words % {"name": name, "low": low, "high": high})
            return None
        return value

    def one_of(self, where, raw, name, known, default):
        value = raw.get(name, default)
        if value not in known if isinstance(value, str) else True:
            self.wrong(
                where, _("“%(name)s” is one of %(known)s.") % {"name": name, "known": ", ".join(known)}
            )
            return default
        return value

    def listed(self, where, raw, name):
        value = raw.get(name)
        if value is None:
            return []
        if not isinstance(value, list):
            self.wrong(where, _("“%(name)s” is a list.") % {"name": name})
            return []
        return value
