"""What belongs to the record of one person, found by looking at the models themselves: a new table is in it by itself.

Right of access (45 CFR 164.524, PHIPA 52): complete, so nothing here asks what one colleague may see; `hidden_from`
does that once, before anything is made. What is another person's is left out by `value_of` and by `LEFT_OUT`.
"""

from datetime import date, datetime

from django.apps import apps
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext as _

from casemgmt.agencies.models import AgencyFact
from casemgmt.agencies.words import cap
from casemgmt.workspace.changes import client_lookup, models_of_a_record
from clients.models import AccessLog, Client, Merge

# Tables that lead to a person and yet are no part of their record, each for its reason.
LEFT_OUT = {
    "mentoring.MentoringActivity": "A colleague's learning record; the visit that it was held at is in the record.",
    "mentoring.ActivityKind": "Part of the same learning record.",
    "clients.Snooze": "What somebody put off on their own list; the thing itself is in the record.",
    "clients.CheckIn": "Where a colleague was, for their safety; the visit is in the record.",
    "clients.IncidentReport": "Kept apart for those who must see it (PR-49); a person’s events are in the record.",
    "clients.IncidentSubmitted": "Part of the same.",
    "clients.MandatedReport": "Whoever reports is protected, and others are named in it (PR-48).",
    "clients.MandatedSubmitted": "Part of the same.",
    "clients.AccessLog": "A line may name others on the same page: the report of access says what is theirs.",
}
# What no reader needs: the tenant, counters, and keys that are derived for the search.
TECHNICAL = {"agency", "version", "name_key", "sound_key", "phone_key", "digest", "moved", "fields_before"}
BATCH = 300


def tables():
    """Every model with rows of a person, and the lookup that leads from it to the person."""
    for model, lookup in models_of_a_record():
        if model._meta.label not in LEFT_OUT:
            yield model, lookup
    for model in apps.get_models():
        if issubclass(model, AgencyFact) and (lookup := client_lookup(model)):
            yield model, lookup


def hidden_from(staff, client):
    """Whether some row of this record is closed to this colleague: then they cannot release the whole of it."""
    for model, lookup in tables():
        of = {lookup: client.pk}
        if model.objects.visible_to(staff).filter(**of).count() < model.objects.filter(**of).count():
            return True
    return False


def batches(rows):
    """The rows in lists of a bounded size, by key."""
    last = 0
    while batch := list(rows.filter(pk__gt=last).order_by("pk")[:BATCH]):
        yield batch
        last = batch[-1].pk


class Record:
    """One person's record: their own row, those merged into it, and everything that leads to them."""

    def __init__(self, client):
        self.client = client
        self.people = set(client.all_keys())
        self.names = {}
        self.own = {model for model, _lookup in tables()}

    def rows(self, model, lookup):
        """The rows of one table; of merges only those that hold, for the others are about somebody else."""
        rows = model.objects.filter(agency_id=self.client.agency_id, **{f"{lookup}__in": self.people})
        return rows.filter(undone_at=None) if model is Merge else rows

    def looks(self):
        """Who looked at the record, newest first; each line without whoever else was on the same page."""
        for key in sorted(self.people):
            logged = AccessLog.objects.filter(agency_id=self.client.agency_id, people__holds=key)
            yield from batches(logged.select_related("staff", "emergency__reason"))

    # --- One cell ---------------------------------------------------------------------------------------------------

    def value_of(self, field, row):
        """What a row says in this field: as it is kept, without the key of another person; files by their name."""
        value = getattr(row, field.attname)
        if field.is_relation and field.related_model is Client and value not in self.people:
            return None
        return f"documents/{row.document_id}" if isinstance(field, models.BinaryField) else value

    def said(self, field, value):
        """The same in words."""
        if value is None or value == "":
            return ""
        if field.is_relation:
            return self._name(field.related_model, value)
        if field.choices:
            return str(dict(field.flatchoices).get(value, value))
        if isinstance(value, bool):
            return _("yes") if value else _("no")
        if isinstance(value, datetime):
            return timezone.localtime(value).strftime("%Y-%m-%d %H:%M")
        if isinstance(value, list):
            return ", ".join(map(str, value))
        return value.isoformat() if isinstance(value, date) else str(value)

    def _name(self, model, key):
        """A row of the record by its kind and number, which is an address in it; anything else by its name."""
        if model in self.own:
            return f"{cap(str(model._meta.verbose_name))} {key}"
        if (model, key) not in self.names:
            row = model._base_manager.filter(pk=key).first()
            self.names[model, key] = str(row) if row is not None else str(key)
        return self.names[model, key]


def fields_of(model):
    """The fields that are shown, in their order."""
    return [f for f in model._meta.concrete_fields if f.name not in TECHNICAL]


def label_of(field):
    """What a field is called; a relation without a name of its own after what it leads to."""
    if field.is_relation and field.verbose_name == field.name.replace("_", " "):
        return cap(str(field.related_model._meta.verbose_name))
    return cap(str(field.verbose_name))
