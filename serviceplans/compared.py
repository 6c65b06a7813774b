"""What changed from one version of a plan to the next, in words. No database: it compares parts as `inwords` reads.

The next version is a copy with rows of its own, so parts are paired by their names, then by what else they are known
by, then by how much their words are alike; what finds no pair was added or taken out.
"""

from dataclasses import dataclass, field
from difflib import SequenceMatcher

from django.utils.translation import gettext_lazy as _

ALIKE = 0.6

ADDED, GONE, OVER, CHANGED = "added", "gone", "over", "changed"
LOOKS = {
    ADDED: (_("New"), "ok", "plus-lg"),
    GONE: (_("Taken out"), "warn", "x-lg"),
    OVER: (_("Over"), "muted", "check"),
    CHANGED: (_("Changed"), "info", "pencil"),
}


@dataclass
class Change:
    """One part that is new, gone or different; `lines` are (label, was, is), `holds` what comes or goes with it."""

    how: str
    kind: str
    name: str
    lines: list = field(default_factory=list)
    holds: list = field(default_factory=list)
    within: str = ""  # the name of what it hangs on
    why: str = ""  # why it is over

    @property
    def label(self):
        return LOOKS[self.how][0]

    @property
    def look(self):
        return LOOKS[self.how][1]

    @property
    def icon(self):
        return LOOKS[self.how][2]


def changes(was, now):
    """Every change from one plan to the other, from the top down."""
    if lines := _lines(dict(was.agreed), dict(now.agreed)):
        yield Change(CHANGED, now.kind, "", lines)
    yield from _below(was, now)


def _below(was, now, within=""):
    pairs, gone, added = _paired(was.parts, now.parts)
    for one, other in pairs:
        renamed = [(other.kind, one.name, other.name)] if one.name != other.name else []
        if lines := renamed + _lines(dict(one.agreed), dict(other.agreed)):
            yield Change(CHANGED, other.kind, other.name, lines, within=within)
        yield from _below(one, other, other.name)
    for part in added:
        lines, holds = _lines({}, dict(part.agreed)), list(_names(part))
        yield Change(ADDED, part.kind, part.name, lines, holds=holds, within=within)
    for part in gone:
        how = OVER if part.over else GONE
        yield Change(how, part.kind, part.name, why=part.over, holds=list(_names(part)), within=within)


def _lines(was, now):
    """Fields that differ; those of the new one first, in their order."""
    labels = [*now, *(label for label in was if label not in now)]
    return [
        (label, was.get(label, ""), now.get(label, ""))
        for label in labels
        if was.get(label, "") != now.get(label, "")
    ]


def _names(part):
    """What hangs on a part, by name."""
    for below in part.parts:
        yield f"{below.kind}: {below.name}"
        yield from _names(below)


def _paired(was, now):
    """Parts that are the same one in both versions, and those without a pair: (pairs, gone, added)."""
    pairs, rest, free = [], list(was), list(now)
    for same in (_same_name, _known_by, _alike):
        for other in list(free):
            one = next((part for part in rest if part.kind == other.kind and same(part, other)), None)
            if one is not None:
                pairs.append((one, other))
                rest.remove(one)
                free.remove(other)
    order = {id(part): n for n, part in enumerate(now)}
    return sorted(pairs, key=lambda pair: order[id(pair[1])]), rest, free


def _same_name(one, other):
    return one.name.casefold() == other.name.casefold()


def _known_by(one, other):
    return bool(one.alike) and one.alike == other.alike


def _alike(one, other):
    return SequenceMatcher(None, one.name.casefold(), other.name.casefold()).ratio() >= ALIKE
