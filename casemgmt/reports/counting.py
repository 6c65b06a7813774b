"""Counting rows crosswise for a table: by one field and by columns, with the people behind each number."""

from django.db.models import Count, Q

from casemgmt.reports.tables import Counts


def cross(rows, by, columns, person, labels, extra=None, values=None):
    """Count rows by the field `by` and by columns, as `Counts` and their whole. Two queries.

    `columns` are `Q`s that do not overlap, `person` is the way to the client, `labels` gives each value of `by` its
    words, in the order of the table; `extra` are more aggregates, from which `values` makes a row's other values.
    """
    counted = dict(extra or {})
    for n, column in enumerate([*columns, Q()]):
        counted[f"n{n}"] = Count("pk", filter=column)
        counted[f"p{n}"] = Count(person, distinct=True, filter=column)
    places = range(len(columns) + 1)

    def counts(label, row):
        found = [[row[f"{letter}{n}"] for n in places] for letter in "np"]
        return Counts(label, *found, values=values(row) if values else [])

    rows = rows.order_by()
    found = {row[by]: row for row in rows.values(by).annotate(**counted)}
    lines = [counts(label, found[key]) for key, label in labels if key in found]
    return lines, counts("", rows.aggregate(**counted)) if lines else None


def named(whole, words):
    """The whole under its words; None where there is nothing."""
    if whole is not None:
        whole.label = str(words)
    return whole
