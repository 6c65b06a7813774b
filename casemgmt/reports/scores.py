"""Scores of questionnaires, counted over people: how they changed, what people say of our help, how staff fare.

Of everybody, the first and the last answers in the period are read and nothing between; of staff, only groups are told.
"""

from collections import defaultdict
from dataclasses import dataclass
from statistics import fmean

from django.db.models import F, Q, Window
from django.db.models.functions import RowNumber
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from assessments.models import InstrumentVersion, Response, StaffResponse
from assessments.scoring import change, span_of
from casemgmt.reports.figures import hidden, is_small
from casemgmt.reports.statistics import AVAILABLE, TooFew, paired
from casemgmt.reports.tables import NOTHING, Counts, Hidden, Table, draw_shares, few, fill

FEEDBACK = "CF-5"  # what people think of our help (REQ-144)
LEAST_STAFF = 5  # whatever the agency calls a small group: colleagues know each other (REQ-50)
MOVES = {
    "better": gettext_lazy("Better"),
    "worse": gettext_lazy("Worse"),
    "higher": gettext_lazy("Higher"),
    "lower": gettext_lazy("Lower"),
    "same": gettext_lazy("Same"),
}
EVERYTHING = gettext_lazy("All programs")
NO_PROGRAM = gettext_lazy("No program named")


@dataclass(frozen=True)
class Ends:
    """One person's first and last scores in a program; `first` is None for who answered once."""

    client: int
    program: int | None
    last: dict
    first: dict | None


def score_tables(staff, programs, period, limit):
    """A table for each scale that enough people answered twice, and one of what people say of our help. Two queries."""
    found = _ends(staff, period)
    labels = [*((p.pk, p.name) for p in programs), (None, str(NO_PROGRAM))]
    tables, left = [], 0
    for version, ends in found:
        for scale in version.parsed.scales:
            pairs = _pairs(scale, ends)
            if len({client for client, *_rest in pairs}) >= limit:
                tables.append(_changes(version, scale, pairs, labels, limit))
            else:
                left += bool(pairs)
    if not tables:
        tables.append(Table("scores", _("Change in scores"), _scarce(left, limit), [_("Scale")]))
    elif left:
        tables[-1].about += " " + _scarce(left, limit)
    return [*tables, feedback(found, labels, limit)]


def _scarce(left, limit):
    if not left:
        return _("People who answered the same questionnaire twice in the period.")
    said = ngettext(
        "Left out: %(left)s scale that fewer than %(n)s people answered twice.",
        "Left out: %(left)s scales that fewer than %(n)s people answered twice.",
        left,
    )
    return said % {"left": left, "n": limit}


def _ends(staff, period):
    """[(newest version answered, [Ends, …]), …] of each questionnaire, by title; two rows a person at most."""
    at = {"partition_by": [F("client"), F("enrollment__program"), F("instrument_version__instrument")]}
    rows = (
        Response.objects.for_figures(staff)
        .complete()
        .filter(period.days("held_on"))
        .annotate(
            nth=Window(RowNumber(), order_by=[F("held_on").asc(), F("pk").asc()], **at),
            nth_last=Window(RowNumber(), order_by=[F("held_on").desc(), F("pk").desc()], **at),
        )
        .filter(Q(nth=1) | Q(nth_last=1))
        .order_by()
        .values_list("client", "enrollment__program", "instrument_version", "nth", "nth_last", "scores")
    )
    rows = list(rows)
    versions = _versions(staff, {row[2] for row in rows})
    newest, ends = {}, defaultdict(lambda: defaultdict(dict))
    for client, program, pk, nth, nth_last, scores in rows:
        version = versions[pk]
        if nth_last == 1:
            newest[version.instrument] = max(newest.get(version.instrument, version), version, key=_age)
        person = ends[version.instrument][client, program]
        if nth_last == 1:
            person["last"] = scores
        if nth == 1 and nth_last != 1:
            person["first"] = scores
    return [
        (newest[i], [Ends(c, p, said["last"], said.get("first")) for (c, p), said in ends[i].items()])
        for i in sorted(ends, key=lambda i: (i.title.casefold(), i.pk))
    ]


def _versions(staff, keys):
    rows = InstrumentVersion.objects.visible_to(staff).filter(pk__in=keys).select_related("instrument")
    return {row.pk: row for row in rows}


def _age(version):
    return version.published_on, version.pk


def _value(scores, scale):
    return scores.get(scale.code, {}).get("value") if scores and scale.method != "letters" else None


def _pairs(scale, ends):
    """(client, program, first, last) of everybody who has both."""
    found = ((e.client, e.program, _value(e.first, scale), _value(e.last, scale)) for e in ends)
    return [pair for pair in found if None not in pair[2:]]


def _changes(version, scale, pairs, labels, limit):
    """How many got better and worse on one scale, and the means, by program."""
    moves = ["higher", "same", "lower"] if scale.higher_is == "neutral" else ["better", "same", "worse"]
    several = len(version.parsed.scales) > 1
    title = f"{version.instrument}: {scale.title}" if several else str(version.instrument)
    table = Table(
        f"change-{version.instrument_id}-{scale.code}",
        _("Change: %(what)s") % {"what": title},
        _about(scale),
        [_("Program"), *(str(MOVES[m]) for m in moves), _("All"), _("First"), _("Last"), _("Change")],
    )
    by_program = defaultdict(list)
    for client, program, first, last in pairs:
        by_program[program].append((client, first, last))
    lines = [_line(label, by_program[key], scale, moves) for key, label in labels if key in by_program]
    whole = _line(str(EVERYTHING), [row for rows in by_program.values() for row in rows], scale, moves)
    veil = hidden([line.counts[:-1] for line in lines], limit, [line.people for line in [*lines, whole]])
    if _tells_of_few([line.counts[-1] for line in lines], [hides[-1] for hides in veil], limit):
        whole.values = [NOTHING] * len(whole.values)
    shown = fill(table, lines, whole, limit, draw=None, values_of_all=True)
    draw_shares(table, [(f"{row.label}: {MOVES[moves[0]]}", row.counts[0], row.counts[-1]) for row in shown])
    return table


def _tells_of_few(counts, hides, limit):
    """Whether a mean over all, beside those of the rows that are shown, would be one of the few who are hidden."""
    return is_small(sum(n for n, hide in zip(counts, hides, strict=False) if hide), limit)


def _line(label, rows, scale, moves):
    moved = [(client, change(scale, first, last)) for client, first, last in rows]
    groups = [[client for client, move in moved if move == wanted] for wanted in moves]
    groups.append([client for client, _move in moved])
    first, last = fmean(row[1] for row in rows), fmean(row[2] for row in rows)
    return Counts(
        label,
        [len(group) for group in groups],
        [len(set(group)) for group in groups],
        [round(first, 1), round(last, 1), round(last - first, 1)],
    )


def _about(scale):
    words = [_("People asked twice or more in the period: their first score there against the last.")]
    if scale.higher_is == "better":
        words.append(_("Higher is better."))
    elif scale.higher_is == "worse":
        words.append(_("Lower is better."))
    if scale.reliable_change is None:
        words.append(_("Any difference counts."))
    else:
        words.append(
            _("Less than %(n)g points counts as the same: chance explains it.") % {"n": scale.reliable_change}
        )
    return " ".join(words)


def feedback(found, labels, limit):
    """What people think of our help, by program: how many said so last, and the means of what they said."""
    version, ends = next(((v, ends) for v, ends in found if v.instrument.code == FEEDBACK), (None, []))
    scales = version.parsed.scales if version else ()
    table = Table(
        "feedback",
        _("What people think of our help"),
        _("Everybody's last answers in the period, as means."),
        [_("Program"), _("People"), *(scale.title for scale in scales)],
    )
    by_program = defaultdict(list)
    for row in ends:
        if any(_value(row.last, scale) is not None for scale in scales):
            by_program[row.program].append(row)
    lines = [(label, by_program[key]) for key, label in labels if key in by_program]
    veil = hidden([[len(rows)] for _label, rows in lines], limit)
    hides_all = _tells_of_few([len(rows) for _label, rows in lines], [any(h) for h in veil], limit)
    if len(lines) > 1:
        lines.append((str(EVERYTHING), [row for _label, rows in lines for row in rows]))
    bars = []
    for n, ((label, rows), hides) in enumerate(zip(lines, veil, strict=False)):
        is_whole = n == len(lines) - 1 > 0
        people = len({row.client for row in rows})
        if any(hides) or is_small(people, limit):
            said = few(limit) if is_small(people, limit) else Hidden(_("not shown"), "*")
            table.add(label, [said, *[NOTHING] * len(scales)], total=is_whole)
            continue
        means = [_mean([_value(row.last, scale) for row in rows], limit) for scale in scales]
        if is_whole and hides_all:
            means = [NOTHING] * len(scales)
        table.add(label, [people, *means], total=is_whole)
        bars += [(label, means[0], means[0])] if means[0] != NOTHING else []
    table.draw(bars, longest=(span_of(version.parsed, scales[0]) or (0, None))[1] if scales else None)
    return table


def _mean(values, limit):
    """The mean of what was said; nothing where fewer than `limit` said it."""
    said = [value for value in values if value is not None]
    return round(fmean(said), 1) if said and not is_small(len(said), limit) else NOTHING


def _day(day):
    return date_format(day, "j M Y")


def staff_scores(staff, period, limit):
    """What staff say of their own work, over the agency and never by name (REQ-50). Two queries."""
    limit = max(limit, LEAST_STAFF)
    whole = period.quarters()
    at = {"partition_by": [F("staff"), F("instrument_version__instrument")]}
    rows = (
        StaffResponse.objects.for_figures(staff)
        .complete()
        .filter(whole.days("held_on"))
        .annotate(
            nth_first=Window(RowNumber(), order_by=[F("held_on").asc(), F("pk").asc()], **at),
            nth_last=Window(RowNumber(), order_by=[F("held_on").desc(), F("pk").desc()], **at),
        )
        .filter(Q(nth_first=1) | Q(nth_last=1))
        .order_by("held_on", "pk")
        .values_list("staff", "instrument_version", "scores")
    )
    rows = list(rows)
    versions = _versions(staff, {pk for _who, pk, _scores in rows})
    ends = defaultdict(dict)
    for who, pk, scores in rows:
        ends[versions[pk].instrument].setdefault(who, []).append((versions[pk], scores))
    said = {instrument: [answers[-1] for answers in people.values()] for instrument, people in ends.items()}
    table = Table(
        "staff",
        _("How staff see their work"),
        _(
            "Everybody's last answers, over the whole agency. Whole quarters are counted, from %(start)s to %(end)s, "
            "and only what %(n)s people or more have said: nobody can be picked out."
        )
        % {"start": _day(whole.start), "end": _day(whole.end), "n": limit},
        [_("Scale"), _("People"), _("Mean"), _("Change since the first time")],
    )
    bars = []
    for instrument in sorted(said, key=lambda i: (i.title.casefold(), i.pk)):
        newest = max((version for version, _scores in said[instrument]), key=_age)
        for scale in newest.parsed.scales:
            values = [_value(scores, scale) for _version, scores in said[instrument]]
            values = [value for value in values if value is not None]
            if len(values) >= limit:
                label, mean = f"{instrument}: {scale.title}", fmean(values)
                moved = _moved(scale, ends[instrument].values(), limit)
                table.add(label, [len(values), round(mean, 1), moved])
                low, high = span_of(newest.parsed, scale) or (0, mean)
                # Scales of different length are drawn as shares of their own.
                bars.append((label, 100 * (mean - low) / ((high - low) or 1), round(mean, 1)))
    table.draw(bars, longest=100)
    return table


def _moved(scale, people, limit):
    """How those who answered twice changed, with the 95 % interval where it can be told; nothing of small groups."""
    pairs = [(_value(p[0][1], scale), _value(p[-1][1], scale)) for p in people if len(p) > 1]
    pairs = [pair for pair in pairs if None not in pair]
    if len(pairs) < limit:
        return NOTHING
    mean = fmean(now - before for before, now in pairs)
    words = {"change": f"{mean:+.1f}", "n": len(pairs)}
    try:
        told = paired(*zip(*pairs, strict=True)) if AVAILABLE else None
    except TooFew:
        told = None
    if told is None:
        return _("%(change)s (%(n)s people)") % words
    words |= {"low": f"{told.low:+.1f}", "high": f"{told.high:+.1f}"}
    return _("%(change)s (95 %%: %(low)s to %(high)s; %(n)s people)") % words
