"""Every change of a record, field by field: also of rows that were taken out, never of what turned out another's."""

from django.db import models

from casemgmt.agencies.models import AgencyOwned
from casemgmt.interchange.record.contents import BATCH, fields_of, tables
from clients.models import Client, Merge

HEAD = ["when", "who", "table", "row", "change", "field", "before", "after", "reason"]


def past(record):
    """The lines of history.csv."""
    strangers = _undone(record)
    known = {Client: record.people}
    # A table comes after the one that its path begins with.
    for model, lookup in sorted(tables(), key=lambda pair: (pair[1] != "pk", pair[1].count("__"))):
        there = set(record.rows(model, lookup).values_list("pk", flat=True))
        if not issubclass(model, AgencyOwned):
            known[model] = there
            continue
        gone = _taken_out(record, model, known)
        known[model] = there | gone
        yield from _of_table(record, model, sorted(there | gone), gone, strangers)


def _undone(record):
    """Times in which somebody else's record was part of this one: what was written then may be theirs."""
    rows = Merge.objects.filter(kept__in=record.people).exclude(undone_at=None)
    return list(rows.values_list("merged_at", "undone_at"))


def _taken_out(record, model, known):
    """Keys of rows that are no more, but were of this record."""
    step = (model.path or model.parent or "").split("__")[0]
    parent = model._meta.get_field(step).related_model if step else None
    if parent not in known:
        return set()
    old = model.history.model.objects.filter(
        agency_id=record.client.agency_id, **{f"{step}_id__in": known[parent]}
    )
    keys = set(old.values_list("id", flat=True))
    return keys - set(models.QuerySet(model).filter(pk__in=keys).values_list("pk", flat=True))


def _of_table(record, model, keys, gone, strangers):
    fields = fields_of(model)
    for at in range(0, len(keys), BATCH):
        rows = model.history.model.objects.filter(
            agency_id=record.client.agency_id, id__in=keys[at : at + BATCH]
        )
        before = None
        for row in rows.select_related("history_user").order_by("id", "history_id"):
            old = before if before is not None and before.id == row.id else None
            before = row
            in_doubt = any(start <= row.history_date <= end for start, end in strangers)
            if not (in_doubt and (row.id in gone or model is Client)):
                yield from _lines(record, model, fields, old, row)


def _lines(record, model, fields, old, row):
    who = row.history_user.name if row.history_user else ""
    change = {"+": "new", "~": "changed", "-": "taken out"}[row.history_type]
    start = [row.history_date.isoformat(), who, model._meta.label_lower, row.id, change]
    for field in fields[1:]:  # the key stands in the line already
        after = record.value_of(field, row)
        was = record.value_of(field, old) if old is not None else None
        if after != was and not (after in ("", None) and was in ("", None)):
            yield [
                *start,
                field.name,
                record.said(field, was),
                record.said(field, after),
                row.history_change_reason or "",
            ]
    if change == "taken out":
        yield [*start, "", "", "", row.history_change_reason or ""]
