"""What the pages of an assessment show, as plain rows."""

import re
from collections import defaultdict

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from assessments.domains import (
    OPEN_RATINGS,
    SHORT,
    Change,
    Domain,
    Priority,
    Rating,
    agreement,
    change,
    counts,
)
from assessments.forms import LABELS, RATINGS
from assessments.models import Administration, DomainRating

TAPPED = (*RATINGS, "priority")  # groups of radio buttons
CHANGE_LOOKS = {
    Change.BETTER: ("ok", "check"),
    Change.SAME: ("muted", ""),
    Change.WORSE: ("warn", "exclamation-circle"),
}
MOVED = {Change.BETTER: gettext_lazy("Better than before"), Change.WORSE: gettext_lazy("Worse than before")}
WANTED = {
    Priority.FIRST: gettext_lazy("Wanted first"),
    Priority.NEXT: gettext_lazy("Wanted next"),
    Priority.LATER: gettext_lazy("Wanted later"),
}


def ratings_of(staff, *administrations):
    """The ratings of these assessments: {assessment's key: {domain: rating}}. One query."""
    wanted = [a.pk for a in administrations if a is not None]
    found = defaultdict(dict)
    rows = DomainRating.objects.visible_to(staff).filter(administration__in=wanted).select_related("barrier")
    for row in rows:
        found[row.administration_id][row.domain] = row
    return found


def rated(ratings):
    """How many domains the worker has rated."""
    return sum(r.worker_rating is not None for r in ratings)


def crisis(agency):
    """The agency's crisis line in its words, and as a number to tap where it is nothing but a number."""
    words = agency.crisis_line.strip()
    return {
        "words": words,
        "tel": re.sub(r"[^0-9+]", "", words) if re.fullmatch(r"[0-9+()./\-\s]+", words) else "",
    }


# --- The page to fill in ------------------------------------------------------------------------------------------


def fields_of(form, before, ratings_before):
    """The sixteen domains to rate, each with what was said last time and how that differs from what stands now."""
    return [_to_rate(form.domain(d), d, before, ratings_before.get(d)) for d in Domain]


def _to_rate(fields, domain, before, last):
    told = any(fields[name].value() for name in ("comment", "strength", "goal_wish", "barrier_id", "is_risk"))
    wrong = any(fields[name].errors for name in fields if name not in ("ratings", *RATINGS))
    grave = any(r in OPEN_RATINGS for r in fields["ratings"])
    scales = []
    for name, now in zip(RATINGS, fields["ratings"], strict=True):
        was = getattr(last, name) if last is not None else None
        scales.append(
            {
                "field": fields[name],
                "label": LABELS[name],
                "steps": [
                    {"value": r.value, "word": SHORT[r], "label": r.label, "checked": r == now}
                    for r in Rating
                ],
                "was": was,
                "last": _last_time(before, was),
                "changes": [
                    {
                        "code": c.value,
                        "label": c.label,
                        "look": CHANGE_LOOKS[c],
                        "shown": change(was, now) == c,
                    }
                    for c in (Change.BETTER, Change.WORSE)
                ],
            }
        )
    return {
        "code": domain.value,
        "label": domain.label,
        "scales": scales,
        "is_rated": fields["ratings"][0] is not None,
        "is_urgent": Rating.URGENT in fields["ratings"],
        "is_open": told or wrong or grave,
        "words": [
            {"field": fields[name], "label": LABELS[name]}
            for name in ("comment", "strength", "goal_wish", "barrier_id")
        ],
        "risk": {"field": fields["is_risk"], "label": LABELS["is_risk"]},
        "priority": _soon(fields["priority"]),
    }


def _soon(field):
    """How soon the person wants it worked on, as steps to tap; the last one takes it back."""
    said = str(field.value() or "")
    return {
        "field": field,
        "label": LABELS["priority"],
        "steps": [
            {"value": value, "word": word, "checked": str(value) == said}
            for value, word in field.field.choices
        ],
    }


def _last_time(before, was):
    if was is None:
        return ""
    return _("Last time, %(day)s: %(rating)s") % {
        "day": date_format(before.held_on, "j M Y"),
        "rating": str(SHORT[Rating(was)]).lower(),
    }


def problems(form):
    """What keeps the form from being saved or signed: each sentence once, with links to where it holds."""
    found = defaultdict(list)
    for sentence in form.non_field_errors():
        found[sentence] = []
    for field in form:
        for sentence in field.errors:
            domain, _dash, inside = field.name.rpartition("-")
            # A group of radio buttons has no id of its own to go to.
            anchor = (
                field.id_for_label if inside not in TAPPED and field.id_for_label else f"div_{field.auto_id}"
            )
            place = {"anchor": anchor, "label": Domain(domain).label if domain else field.label}
            found[sentence] += [] if field.is_hidden else [place]
    return [{"sentence": sentence, "places": places} for sentence, places in found.items()]


# --- The page to read ---------------------------------------------------------------------------------------------


def figures(ratings):
    """Counts of both raters, and how far they agree in percent (None: nothing to compare)."""
    ratings = list(ratings)
    share = agreement((r.worker_rating, r.client_rating) for r in ratings)
    return {
        "worker": counts(r.worker_rating for r in ratings),
        "client": counts(r.client_rating for r in ratings),
        "agreement": None if share is None else round(share * 100),
    }


def picture(ratings, ratings_before):
    """One row a domain: who stands in which column, and how it differs from last time."""
    rows = []
    for domain in Domain:
        row, last = ratings.get(domain), ratings_before.get(domain)
        worker, client = (row.worker_rating, row.client_rating) if row is not None else (None, None)
        was = last.worker_rating if last is not None else None
        moved = change(was, worker)
        rows.append(
            {
                "label": domain.label,
                "cells": [
                    {
                        "label": SHORT[r],
                        "worker": worker == r,
                        "client": client == r,
                        "grave": r in OPEN_RATINGS,
                    }
                    for r in Rating
                ],
                "said": _said(worker),
                "client_said": _said(client),
                "change": moved and {"label": moved.label, "look": CHANGE_LOOKS[moved], "code": moved.value},
                "was": str(SHORT[Rating(was)]).lower() if was is not None else "",
            }
        )
    return rows


def _said(rating):
    return SHORT[Rating(rating)] if rating is not None else _("Not asked")


def moves(rows):
    """How many domains got better, stayed, got worse."""
    return [
        {
            "label": c.label,
            "look": CHANGE_LOOKS[c],
            "n": sum(bool(r["change"]) and r["change"]["code"] == c for r in rows),
        }
        for c in Change
    ]


def needs(ratings, ratings_before):
    """What this assessment found missing: as the person wants it worked on, then the gravest first (REQ-33)."""
    found = [r for r in ratings.values() if r.severity in OPEN_RATINGS]
    order = list(Domain)
    rows = []
    for r in sorted(found, key=lambda r: (r.priority or 9, -r.severity, order.index(r.domain))):
        last = ratings_before.get(r.domain)
        was = last.severity if last is not None else None
        is_new = bool(ratings_before) and was is not None and was not in OPEN_RATINGS
        rows.append(_need(r, r.comment, None if is_new else change(was, r.severity), is_new))
    return rows


def _need(row, words, moved, is_new):
    """One need as templates/assessments/_need.html shows it, from a rating or from the need itself."""
    tag = (_("New"), ("info", "info-circle")) if is_new else (MOVED.get(moved), CHANGE_LOOKS.get(moved))
    return {
        "pk": row.pk,
        "label": Domain(row.domain).label,
        "is_urgent": row.severity == Rating.URGENT,
        "severity": SHORT[Rating(row.severity)],
        "is_risk": row.is_risk,
        "comment": words,
        "wish": row.goal_wish,
        "barrier": row.barrier.label if row.barrier else "",
        "wanted": WANTED.get(row.priority, ""),
        "moved": {"label": tag[0], "look": tag[1]} if tag[0] else None,
    }


def open_needs(staff, open_ones):
    """Open needs in the order of the person, each with its row for templates/assessments/_need.html as `shown`.

    Two queries. A need is new when the last assessment of its enrollment found it, and another had been made before.
    """
    found = list(open_ones.in_order().select_related("barrier"))
    held = defaultdict(list)
    signed = (
        Administration.objects.visible_to(staff)
        .filter(enrollment__in={n.enrollment_id for n in found})
        .signed()
    )
    for enrollment, day in signed.order_by("held_on", "pk").values_list("enrollment", "held_on"):
        held[enrollment].append(day)
    for need in found:
        need.shown = _need(need, need.words, need.change, _is_new(need, held[need.enrollment_id]))
    return found


def _is_new(need, days):
    return need.severity_before is None and len(days) > 1 and need.seen_on == days[-1]


def strengths(ratings):
    """What the person can build on, in the order of the domains."""
    return [
        {"label": d.label, "text": ratings[d].strength}
        for d in Domain
        if d in ratings and ratings[d].strength
    ]


def remarks(ratings):
    """What was said of domains where nothing is missing."""
    return [
        {
            "label": d.label,
            "comment": r.comment,
            "wish": r.goal_wish,
            "barrier": r.barrier.label if r.barrier else "",
            "is_risk": r.is_risk,
        }
        for d in Domain
        if (r := ratings.get(d)) is not None
        and r.severity not in OPEN_RATINGS
        and (r.comment or r.goal_wish or r.barrier_id or r.is_risk)
    ]
