"""The history of one person's whole record as people read it: who, when, what, old and new, why."""

from django.apps import apps
from django.db.models import OuterRef, Subquery
from django.utils import timezone
from django.utils.translation import gettext as _

from casemgmt.agencies.models import AgencyOwned
from casemgmt.agencies.words import cap
from casemgmt.core.crypt import EncryptedTextField
from casemgmt.core.paging import cut
from clients.models import Client, Enrollment, Merge

# Nobody needs to read how a search key or a counter changed.
SILENT = {
    "id",
    "agency",
    "version",
    "name_key",
    "sound_key",
    "phone_key",
    "digest",
    "sha256",
    "source",
    "source_key",
    "moved",
    "fields_before",
}
PAGE = 50


def models_of_a_record():
    """Every audited model whose path leads to a client, with the lookup that leads there."""
    for model in apps.get_models():
        if not issubclass(model, AgencyOwned):
            continue
        if model is Client:
            yield model, "pk"
        elif model is Enrollment:
            yield model, "client"
        elif lookup := client_lookup(model):
            yield model, lookup


def client_lookup(model):
    """The relation from a model to its client, such as `enrollment__client`; None when it has none."""
    path = model.path or (model.parent if model.parent == "client" else "")
    if not path:
        return None
    steps = path.split("__")
    door = model
    for step in steps:
        door = door._meta.get_field(step).related_model
    if door is Client:
        return path
    return f"{path}__client" if door is Enrollment else None


def changes(staff, client, *, before=None, limit=PAGE, shows_address=True):
    """The newest `limit` changes before a moment, and whether there are more. Two queries a model.

    Without `shows_address` it says when the address changed, and not from what to what (REQ-101).
    """
    before = before or timezone.now()
    found = []
    # Records merged into this one are told with it; that rows only changed hands then is one line, the merge's.
    with_others, stayed = client.all_keys(), Merge.stayed_with(client)
    merged_at, undone_at = Merge.moments(staff.agency_id)
    for model, lookup in models_of_a_record():
        # The keys are fetched first: inside the question they would be asked for again with every row.
        ids = list(model.objects.visible_to(staff).filter(**{lookup: client.pk}).values_list("pk", flat=True))
        if model is Client:
            ids = [*with_others]
        ids += stayed.get(model, ())
        if not ids:
            continue
        past = model.history.model.objects.filter(agency_id=staff.agency_id)
        older = past.filter(id=OuterRef("id"), history_id__lt=OuterRef("history_id")).order_by("-history_id")
        rows = past.filter(id__in=ids, history_date__lt=before).annotate(
            previous_id=Subquery(older.values("history_id")[:1])
        )
        if model is not Client:
            rows = rows.exclude(history_date__in=merged_at).exclude(history_date__in=undone_at)
        rows = rows.select_related("history_user").order_by("-history_date", "-history_id")
        found += [(row, model) for row in rows[: limit + 1]]
    found.sort(key=lambda pair: (pair[0].history_date, pair[0].history_id), reverse=True)
    page, more = cut(found, limit, lambda pair: pair[0].history_date)
    hidden = () if shows_address else (Client._meta.get_field("address"),)
    return _readable(staff, page, hidden), more


def of_row(staff, row):
    """The changes of one row that this person was shown just before, the newest first. Three queries."""
    model = type(row)
    past = model.history.model.objects.filter(agency_id=staff.agency_id, id=row.pk)
    found = list(past.select_related("history_user").order_by("-history_date", "-history_id")[:PAGE])
    for newer, older in zip(found, [*found[1:], None], strict=True):
        newer.previous_id = older.history_id if older is not None else None
    return _readable(staff, [(line, model) for line in found], ())


def _readable(staff, page, hidden):
    previous = {}
    wanted = {}
    for row, model in page:
        if row.previous_id:
            wanted.setdefault(model, []).append(row.previous_id)
    for model, ids in wanted.items():
        for row in model.history.model.objects.filter(history_id__in=ids):
            previous[model, row.history_id] = row
    names = _Names(staff)
    lines = []
    for row, model in page:
        old = previous.get((model, row.previous_id))
        lines.append(
            {
                "at": row.history_date,
                "by": row.history_user.name if row.history_user else _("the system"),
                "what": f"{cap(str(model._meta.verbose_name))}, {row.get_history_type_display().lower()}",
                "changes": list(_differences(model, old, row, names, hidden)),
                "reason": row.history_change_reason or "",
            }
        )
    names.resolve()
    for line in lines:
        for change in line["changes"]:
            change["old"], change["new"] = str(change["old"]), str(change["new"])
    return lines


def _differences(model, old, new, names, hidden):
    for field in model._meta.concrete_fields:
        if field.name in SILENT:
            continue
        after = getattr(new, field.attname)
        before = getattr(old, field.attname) if old is not None else None
        blank = ("", None)
        if before == after or (before in blank and after in blank):
            continue
        yield {
            "field": cap(_label(field)),
            "old": _said(field, before, names, hidden) if before not in blank else "",
            "new": _said(field, after, names, hidden) if after not in blank else "–",
        }


def _label(field):
    """What the field is called; a relation without a name of its own is called after what it leads to."""
    if field.is_relation and field.verbose_name == field.name.replace("_", " "):
        return str(field.related_model._meta.verbose_name)
    return str(field.verbose_name)


def _said(field, value, names, hidden):
    if field in hidden:
        return _("Address protected")
    if isinstance(field, EncryptedTextField):
        return "••••"
    if field.is_relation:
        return names.of(field.related_model, value)
    if field.choices:
        return dict(field.flatchoices).get(value, value)
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if hasattr(value, "tzinfo"):
        return timezone.localtime(value).strftime("%Y-%m-%d %H:%M")
    return value


class _Names:
    """The names of related rows that the reader may see, fetched once per model when all are known."""

    def __init__(self, staff):
        self.staff, self.wanted, self.found = staff, {}, {}

    def of(self, model, key):
        self.wanted.setdefault(model, set()).add(key)
        return _Later(self, model, key)

    def resolve(self):
        for model, keys in self.wanted.items():
            # A row of a record is named by its kind alone: its own line in the history says what it holds.
            if client_lookup(model) is None:
                for row in model.objects.visible_to(self.staff).filter(pk__in=keys):
                    self.found[model, row.pk] = str(row)


class _Later:
    def __init__(self, names, model, key):
        self.names, self.model, self.key = names, model, key

    def __str__(self):
        return self.names.found.get((self.model, self.key), f"{self.model._meta.verbose_name} {self.key}")
