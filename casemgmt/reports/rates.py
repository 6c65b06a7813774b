"""Before and since, by program: hospital, emergency room, arrests, jail, homelessness (REQ-44)."""

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from casemgmt.reports.tables import Counts, Table, fill
from clients.models import Enrollment, KeyEvent
from clients.rates import HEADINGS, before_and_since, stays_of

LONG_ENOUGH = 90  # days since somebody was enrolled
EVERYTHING = gettext_lazy("All programs")


def rate_tables(staff, programs, limit):
    """A table for each heading, of those who have been with us for a while. Two queries."""
    today = timezone.localdate()
    begun = _begun(staff, today)
    happened = {}
    kinds = [kind for _name, _words, of, _lasts in HEADINGS for kind in of]
    rows = KeyEvent.objects.for_figures(staff).filter(kind__in=kinds)
    for client, *event in rows.values_list("client", "kind", "started_on", "ended_on"):
        happened.setdefault(client, []).append(event)
    for name, words, of, lasts in HEADINGS:
        yield _table(name, words, of, lasts, programs, begun, happened, today, limit)


def _begun(staff, today):
    """The first day of each person in each program."""
    rows = Enrollment.objects.for_figures(staff).order_by("enrolled_on", "pk")
    found = {}
    for program, client, day in rows.values_list("program", "client", "enrolled_on"):
        if (today - day).days >= LONG_ENOUGH:
            found.setdefault(program, {}).setdefault(client, day)
    return found


def _table(name, words, kinds, lasts, programs, begun, happened, today, limit):
    table = Table(
        f"rates-{name}",
        _("%(what)s, before and since") % {"what": words},
        _(
            "The 12 months before somebody was enrolled, and the time since, 12 months at most; of those enrolled "
            "for %(n)s days or more. Rates are for 10 people and 12 months. As of today."
        )
        % {"n": LONG_ENOUGH},
        [
            _("Program"),
            _("Before"),
            _("Since"),
            _("Both"),
            _("People"),
            _("Rate before"),
            _("Rate since"),
        ]
        + ([_("Days before, a person"), _("Days since, a person")] if lasts else []),
    )
    lines, everybody = [], []
    for program in programs:
        spans = {
            client: before_and_since(stays_of(happened.get(client, ()), kinds), day, today)
            for client, day in begun.get(program.pk, {}).items()
        }
        if spans:
            lines.append(_counts(program.name, list(spans.items()), lasts, limit))
            everybody += spans.items()
    if lines:
        fill(table, lines, _counts(str(EVERYTHING), everybody, lasts, limit), limit)
    return table


def _counts(label, spans, lasts, limit):
    """A row: how often, and the people behind it; a program of few people says nothing at all."""
    before, since = [b for _who, (b, _s) in spans], [s for _who, (_b, s) in spans]
    had = [{who for who, pair in spans if pair[n].count} for n in (0, 1)]
    people = len({who for who, _pair in spans})
    numbers = [sum(span.count for span in part) for part in (before, since)]
    behind = [len(had[0]), len(had[1]), len(had[0] | had[1])]
    values = [people, _rate(before, numbers[0], 10), _rate(since, numbers[1], 10)]
    if lasts:
        values += [_rate(part, sum(span.days for span in part), 1) for part in (before, since)]
    if people < limit:
        behind = [people] * 3
    return Counts(label, [*numbers, sum(numbers)], behind, values)


def _rate(spans, number, of):
    exposure = sum(span.exposure for span in spans)
    return round(number * 365 * of / exposure, 1) if exposure else None
