"""Change over time, one sheet a questionnaire: its pictures, what they say in words, and every value as a row."""

from collections import defaultdict
from dataclasses import dataclass, field, replace

from django.db.models import Count, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from assessments.definition import Scale
from assessments.domains import OPEN_RATINGS, Domain, Rating
from assessments.models import Administration, InstrumentVersion, Response
from assessments.scoring import band_of, change, span_of
from casemgmt.agencies.models import Indicator
from casemgmt.agencies.words import capital, worded
from casemgmt.workspace.change.drawing import Happening, draw, letters, plain
from clients.models import KeyEvent, VisitParticipant, VisitValue
from serviceplans.models import PlanReview

SHOWN = 6  # rows of a table before it is folded
WIDEST = 6  # columns of scores; a questionnaire with more scales has them all in one
MARKED = 20  # events, and reviews, that are marked: the newest
LOOKS = {"better": ("ok", None), "worse": ("warn", None), "same": ("muted", "")}
# Not an instrument with items: what is counted is how many domains lack something.
REVIEW = Scale("open", "", (), "sum", 1, higher_is="worse")
# What an agency counts itself: nobody said which way is good.
COUNTED = Scale("counted", "", (), "sum", 1)


@dataclass
class Line:
    """One scale of a questionnaire through time; `raters` are its lines, mostly one."""

    title: str
    scale: Scale
    raters: dict  # name: [(day, value), …]
    span: tuple | None = None
    breaks: list = field(default_factory=list)  # (day, words) where another version begins

    @property
    def days(self):
        return [day for points in self.raters.values() for day, _value in points]

    @property
    def first_points(self):
        return next(iter(self.raters.values()))


@dataclass
class Sheet:
    """One questionnaire: its lines, and a row for each time it was answered, the latest first."""

    title: str
    head: list
    lines: list = field(default_factory=list)
    rows: list = field(default_factory=list)
    note: str = ""


def sheets_of(staff, client):
    """The review of needs first, every questionnaire that has a score, then what the agency asks. Five queries."""
    found = [_review(staff, client), *_questionnaires(staff, client)]
    return [sheet for sheet in found if sheet is not None and sheet.lines] + _own_questions(staff, client)


# --- What was answered --------------------------------------------------------------------------------------------


def _questionnaires(staff, client):
    rows = Response.objects.visible_to(staff).filter(client=client).complete().select_related("by")
    rows = list(rows.defer("answers", "note").order_by("held_on", "pk"))
    versions = {
        version.pk: version
        for version in InstrumentVersion.objects.visible_to(staff)
        .filter(pk__in={row.instrument_version_id for row in rows})
        .select_related("instrument")
    }
    answered = defaultdict(list)
    for row in rows:
        answered[versions[row.instrument_version_id].instrument].append(row)
    return [
        _questionnaire(instrument, answered[instrument], versions)
        for instrument in sorted(answered, key=lambda i: (i.title.casefold(), i.pk))
    ]


def _questionnaire(instrument, rows, versions):
    """The lines and rows of one questionnaire; the newest version that has a scale says how it is read."""
    scales, points = {}, defaultdict(list)
    for row in rows:
        definition = versions[row.instrument_version_id].parsed
        for scale in definition.scales:
            value = row.scores.get(scale.code, {}).get("value")
            if scale.method != "letters" and value is not None:
                scales[scale.code] = (scale, definition)
                points[scale.code].append((row.held_on, value))
    breaks = _breaks(rows, versions)
    several = len(scales) > 1
    titles = {code: scale.title if several else _("Score") for code, (scale, _d) in scales.items()}
    sheet = Sheet(instrument.title, list(titles.values()) if len(titles) <= WIDEST else [_("Scores")])
    for code, (scale, definition) in scales.items():
        sheet.lines.append(
            Line(
                scale.title if several else "",
                scale,
                {"": points[code]},
                span_of(definition, scale),
                [(day, words) for day, words in breaks if day >= points[code][0][0]],
            )
        )
    new_edition = dict(breaks)
    for row in reversed(rows):
        sheet.rows.append(
            {
                "on": row.held_on,
                "url": reverse("assessments:response-detail", kwargs={"pk": row.pk}),
                "meta": new_edition.get(row.held_on, ""),
                "cells": _cells(row.scores, titles),
                "by": row.by.name if row.by else _("Imported") if row.source else "",
                "told": _told(row),
            }
        )
    return sheet


def _breaks(rows, versions):
    """Where the edition differs from the time before; another language of it is no other edition."""
    found, before = [], None
    for row in rows:
        edition = versions[row.instrument_version_id].edition
        if before is not None and edition != before:
            found.append((row.held_on, _("version %(edition)s") % {"edition": edition}))
        before = edition
    return found


def _cells(scores, titles):
    """A cell a scale: its value and the name of the stretch; all in one where the scales are many."""
    cells = []
    for code, title in titles.items():
        value, band = (scores.get(code, {}).get(name) for name in ("value", "band"))
        cells.append({"label": title, "value": "–" if value is None else plain(value), "words": band or ""})
    if len(cells) <= WIDEST:
        return cells
    said = (f"{c['label']} {c['value']} {c['words']}".strip() for c in cells if c["value"] != "–")
    return [{"label": _("Scores"), "value": "", "words": "; ".join(said)}]


def _told(row):
    said = row.get_informant_display()
    return f"{said}, {row.informant_name}" if row.informant_name else said


def _review(staff, client):
    """How many parts of life lack something, as the worker and as the person sees it."""
    said = {"worker": "ratings__worker_rating", "client": "ratings__client_rating"}
    counted = {}
    for who, name in said.items():
        known = Q(**{f"{name}__isnull": False}) & ~Q(**{name: Rating.UNKNOWN})
        counted |= {
            f"{who}_open": Count("pk", filter=Q(**{f"{name}__in": OPEN_RATINGS})),
            f"{who}_urgent": Count("pk", filter=Q(**{name: Rating.URGENT})),
            f"{who}_said": Count("pk", filter=known),
        }
    rows = Administration.objects.visible_to(staff).filter(enrollment__client=client).signed()
    rows = list(rows.annotate(**counted).select_related("by").order_by("held_on", "pk"))
    names = {who: str(capital(who)) for who in said}
    raters = {
        names[who]: [(r.held_on, getattr(r, f"{who}_open")) for r in rows if getattr(r, f"{who}_said")]
        for who in said
    }
    raters = {name: points for name, points in raters.items() if points}
    if not raters:
        return None
    most = max(value for points in raters.values() for _day, value in points)
    sheet = Sheet(
        _("Needs and strengths review"),
        list(names.values()),
        note=_("How many of %(n)s parts of life lack something: unmet or urgent.") % {"n": len(Domain)},
    )
    sheet.lines.append(Line("", replace(REVIEW), raters, (0, max(most, 4))))
    for row in reversed(rows):
        cells = []
        for who in said:
            urgent = getattr(row, f"{who}_urgent")
            is_said = bool(getattr(row, f"{who}_said"))
            cells.append(
                {
                    "label": names[who],
                    "value": str(getattr(row, f"{who}_open")) if is_said else "–",
                    "words": _("%(n)s urgent") % {"n": urgent} if urgent else "",
                }
            )
        sheet.rows.append(
            {
                "on": row.held_on,
                "url": reverse("assessments:administration-detail", kwargs={"pk": row.pk}),
                "meta": "",
                "cells": cells,
                "by": row.by.name,
                "told": row.informants,
            }
        )
    return sheet


def _own_questions(staff, client):
    """What the agency itself asks at visits: numbers as a picture and a table, one of a list as a table."""
    rows = VisitValue.objects.visible_to(staff).filter(visit__enrollment__client=client)
    rows = rows.exclude(visit__signed_at=None).exclude(indicator__kind=Indicator.Kind.WORDS)
    answered = defaultdict(list)
    for row in rows.select_related("indicator", "visit").order_by("visit__started_at", "pk"):
        answered[row.indicator].append(row)
    if not answered:
        return []
    led = VisitParticipant.objects.visible_to(staff).filter(
        visit__in=rows.values("visit"), role=VisitParticipant.Role.LEAD
    )
    leads = {row.visit_id: row.staff.name for row in led.select_related("staff")}
    return [
        _own_question(indicator, answered[indicator], leads)
        for indicator in sorted(answered, key=lambda one: (one.position, one.pk))
    ]


def _own_question(indicator, rows, leads):
    head = indicator.unit or _("Answer")
    sheet = Sheet(indicator.name, [head], note=indicator.help_text)
    days = [timezone.localdate(row.visit.started_at) for row in rows]
    if indicator.kind == Indicator.Kind.NUMBER:
        points = [(day, float(row.number)) for day, row in zip(days, rows, strict=True)]
        ends = [float(end) for end in (indicator.minimum, indicator.maximum) if end is not None]
        # Where only the least is known the highest answer is the top; a most alone says nothing about the bottom.
        span = tuple(ends) if indicator.minimum is not None else None
        sheet.lines.append(Line("", COUNTED, {"": points}, span))
    for day, row in reversed(list(zip(days, rows, strict=True))):
        sheet.rows.append(
            {
                "on": day,
                "url": reverse("workspace:visit-detail", kwargs={"pk": row.visit_id}),
                "meta": "",
                "cells": [{"label": head, "value": _answer(row), "words": ""}],
                "by": leads.get(row.visit_id, ""),
                "told": "",
            }
        )
    return sheet


def _answer(row):
    """The head of the table says the unit."""
    return row.shown() if row.number is None else f"{row.number:.{row.indicator.decimals}f}"


# --- What happened meanwhile --------------------------------------------------------------------------------------


def happenings(staff, client, start, end):
    """Key events by letter and plan reviews by number, the newest of them, in the order of time. Two queries."""
    events = KeyEvent.objects.visible_to(staff).filter(
        Q(ended_on__gte=start) | Q(started_on__gte=start), client=client, started_on__lte=end
    )
    reviews = PlanReview.objects.visible_to(staff).filter(
        plan__enrollment__client=client, reviewed_on__gte=start, reviewed_on__lte=end
    )
    events = list(events.order_by("-started_on", "-pk")[:MARKED])[::-1]
    reviews = list(reviews.order_by("-reviewed_on", "-pk")[:MARKED])[::-1]
    found = [
        (Happening(e.started_on, letters(n), e.ended_on), _with_note(e.get_kind_display(), e.note))
        for n, e in enumerate(events)
    ]
    found += [
        (
            Happening(r.reviewed_on, str(n)),
            _with_note(worded(_("Review of the {plan}")), r.get_outcome_display()),
        )
        for n, r in enumerate(reviews, start=1)
    ]
    return sorted(found, key=lambda pair: (pair[0].day, pair[0].sign))


def _with_note(what, note):
    note = Truncator(note).chars(80)
    return f"{what}: {note}" if note else str(what)


# --- What is shown ------------------------------------------------------------------------------------------------


def shown(sheets, happened, start, end):
    """The sheets as the template draws them."""
    return [
        {
            "title": sheet.title,
            "note": sheet.note,
            "head": sheet.head,
            "pictures": [_picture(sheet, line, happened, start, end) for line in sheet.lines],
            "rows": sheet.rows[:SHOWN],
            "earlier": sheet.rows[SHOWN:],
            "is_wide": len(sheet.lines) > 1,
        }
        for sheet in sheets
    ]


def _picture(sheet, line, happened, start, end):
    words = in_words(line)
    return {
        "title": line.title,
        "drawn": draw(
            list(line.raters.items()),
            start=start,
            end=end,
            span=line.span,
            bands=line.scale.bands,
            happened=[one for one, _what in happened],
            breaks=line.breaks,
        ),
        "words": words,
        "raters": list(line.raters) if len(line.raters) > 1 else [],
        "label": _alternative(sheet, line, words),
    }


def in_words(line):
    """What became of a line since its first value, and in its last step: sentences with how each looks."""
    points = line.first_points
    (first_on, first), (_last_on, last) = points[0], points[-1]
    if len(points) == 1:
        return [{"text": _("Asked once so far."), "look": ("muted", "")}]
    whole = change(line.scale, first, last)
    found = [_sentence(line.scale, whole, first_on, first, last)]
    step_on, before = points[-2]
    step = change(line.scale, before, last)
    if len(points) > 2 and step != whole and step != "same" and line.scale.reliable_change:
        found.append(_sentence(line.scale, step, step_on, before, last))
    if line.breaks:
        day = date_format(line.breaks[-1][0], "j M Y")
        found.append(
            {"text": _("Asked in another version since %(day)s.") % {"day": day}, "look": ("muted", "")}
        )
    return found


def _sentence(scale, moved, since, before, now):
    beyond_chance = scale.reliable_change is not None
    sentences = {
        ("better", True): _("Better than chance explains since %(day)s: %(before)s → %(now)s"),
        ("worse", True): _("Worse than chance explains since %(day)s: %(before)s → %(now)s"),
        ("higher", True): _("Higher than chance explains since %(day)s: %(before)s → %(now)s"),
        ("lower", True): _("Lower than chance explains since %(day)s: %(before)s → %(now)s"),
        ("same", True): _("No more than chance explains since %(day)s: %(before)s → %(now)s"),
        ("better", False): _("Better since %(day)s: %(before)s → %(now)s"),
        ("worse", False): _("Worse since %(day)s: %(before)s → %(now)s"),
        ("higher", False): _("Higher since %(day)s: %(before)s → %(now)s"),
        ("lower", False): _("Lower since %(day)s: %(before)s → %(now)s"),
        ("same", False): _("The same as on %(day)s: %(now)s"),
    }
    said = {"day": date_format(since, "j M Y"), "before": plain(before), "now": plain(now)}
    return {"text": sentences[moved, beyond_chance] % said, "look": LOOKS.get(moved, ("info", None))}


def _alternative(sheet, line, words):
    """The picture for whoever does not see it; the table says the rest."""
    parts = [f"{sheet.title}, {line.title}" if line.title else sheet.title]
    for name, points in line.raters.items():
        (first_on, first), (last_on, last) = points[0], points[-1]
        n = len(points)
        said = ngettext(
            "once, %(now)s on %(end)s", "%(n)s times, from %(before)s on %(start)s to %(now)s on %(end)s", n
        )
        said %= {
            "n": n,
            "before": _value(line.scale, first),
            "now": _value(line.scale, last),
            "start": date_format(first_on, "j M Y"),
            "end": date_format(last_on, "j M Y"),
        }
        parts.append(f"{name}: {said}" if name else said)
    return ". ".join([*parts, *(w["text"].rstrip(".") for w in words)]) + "."


def _value(scale, value):
    found = band_of(scale, value)
    return f"{plain(value)} ({found.label})" if found else plain(value)
