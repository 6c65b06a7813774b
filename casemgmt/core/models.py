"""Rows that cannot change without leaving a trace: `Audited` and `Signed` are what every model inherits."""

from contextlib import contextmanager
from contextvars import ContextVar

from django.conf import settings
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from simple_history.manager import HistoricalQuerySet
from simple_history.models import HistoricalRecords
from simple_history.utils import bulk_create_with_history, bulk_update_with_history

from casemgmt.core import acting

_bulk_with_history: ContextVar[bool] = ContextVar("bulk_with_history", default=False)


class HistoryRequired(TypeError):
    """Somebody tried a write that would leave no history row."""


class Refused(Exception):
    """A rule says no; `sentences` tell the user why, in their words."""

    def __init__(self, *sentences):
        self.sentences = [str(s) for s in sentences]
        super().__init__(" ".join(self.sentences))


class AppendOnlyQuerySet(models.QuerySet):
    """Rows that are written once: facts, logs, signatures."""

    def update(self, **kwargs):
        raise HistoryRequired(f"{self.model.__name__} rows are never changed.")

    def delete(self):
        raise HistoryRequired(f"{self.model.__name__} rows are never deleted.")

    def bulk_create(self, objs, *args, **kwargs):
        return models.QuerySet.bulk_create(self, objs, *args, **kwargs)

    def bulk_update(self, objs, fields, *args, **kwargs):
        raise HistoryRequired(f"{self.model.__name__} rows are never changed.")

    def _raw_delete(self, using):
        raise HistoryRequired(f"{self.model.__name__} rows are never deleted.")


class AppendOnly(models.Model):
    """A row that is its own history: it is written once and never changed (PostgreSQL refuses it, too)."""

    objects = AppendOnlyQuerySet.as_manager()

    class Meta:
        abstract = True
        base_manager_name = "objects"

    def save_base(self, *args, **kwargs):
        if not self._state.adding:
            raise HistoryRequired(f"{type(self).__name__} rows are never changed.")
        # A new row with the key of an old one would otherwise replace it.
        super().save_base(*args, **kwargs | {"force_insert": (type(self),), "force_update": False})

    def delete(self, *args, **kwargs):
        raise HistoryRequired(f"{type(self).__name__} rows are never deleted.")


class HistoryRows(AppendOnlyQuerySet, HistoricalQuerySet):
    """What `row.history` gives."""


class History(HistoricalRecords):
    """simple-history with 64-bit ids, the acting person, their reason, and only the indexes that pages use.

    Its rows are append-only, too.
    """

    def __init__(self, **kwargs):
        kwargs.setdefault("inherit", True)
        kwargs.setdefault("history_id_field", models.BigAutoField())
        kwargs.setdefault("history_change_reason_field", models.TextField(null=True))
        kwargs.setdefault("bases", (AppendOnly,))
        kwargs.setdefault("historical_queryset", HistoryRows)
        kwargs.setdefault("user_model", settings.AUDIT_PERSON_MODEL)
        kwargs.setdefault("get_user", lambda instance, request=None: acting.current().person)
        super().__init__(**kwargs)

    def add_extra_methods(self, cls):
        """simple-history would add `save_without_historical_record`."""

    def copy_fields(self, model):
        fields = super().copy_fields(model)
        for field in fields.values():
            field.db_index = field.name == model._meta.pk.name
        return fields

    def _get_history_user_fields(self):
        person = models.ForeignKey(
            self.user_model, null=True, related_name="+", on_delete=models.PROTECT, db_index=False
        )
        return {"history_user": person}

    def get_meta_options(self, model):
        return super().get_meta_options(model) | {
            "indexes": [models.Index(fields=["history_user", "-history_date"])]
        }

    def get_change_reason_for_object(self, instance, history_type, using):
        return (
            super().get_change_reason_for_object(instance, history_type, using)
            or acting.current().reason
            or None
        )


class AuditedQuerySet(models.QuerySet):
    """A queryset whose writes all leave history; those that would not, raise `HistoryRequired`."""

    def _fetch_all(self):
        try:
            super()._fetch_all()
        except OverflowError:
            # SQLite cannot even be asked for a key beyond 64 bits; there is none.
            self._result_cache = []

    def _refuse(self, verb):
        if not _bulk_with_history.get():
            raise HistoryRequired(
                f"{self.model.__name__}.objects.{verb}() leaves no history: save each row, or use "
                "casemgmt.core.models.create_many / update_many."
            )

    def update(self, **kwargs):
        self._refuse("update")
        return super().update(**kwargs)

    def bulk_create(self, objs, *args, **kwargs):
        self._refuse("bulk_create")
        return super().bulk_create(objs, *args, **kwargs)

    def bulk_update(self, objs, fields, *args, **kwargs):
        self._refuse("bulk_update")
        return super().bulk_update(objs, fields, *args, **kwargs)

    def _raw_delete(self, using):
        raise HistoryRequired(f"{self.model.__name__} cannot be deleted without history.")


@contextmanager
def _allow_bulk():
    token = _bulk_with_history.set(True)
    try:
        yield
    finally:
        _bulk_with_history.reset(token)


def create_many(model, rows, *, batch_size=500):
    """Insert rows and their history in a few statements, for imports and the demo; returns them with keys."""
    if not rows:
        return []
    now = acting.current()
    with _allow_bulk(), transaction.atomic():
        return bulk_create_with_history(
            rows,
            model,
            batch_size=batch_size,
            default_user=now.person,
            default_change_reason=now.reason or None,
        )


def update_many(model, rows, fields, *, batch_size=500, at=None):
    """Update these fields of rows, raise their version and write history, in a few statements.

    `at` is the moment that history tells; without it, now.
    """
    if not rows:
        return
    for row in rows:
        row.version += 1
    now = acting.current()
    with _allow_bulk(), transaction.atomic():
        bulk_update_with_history(
            rows,
            model,
            [*fields, "version"],
            batch_size=batch_size,
            default_user=now.person,
            default_change_reason=now.reason or None,
            default_date=at,
        )


class Audited(models.Model):
    """A row with history and a version, so that two people cannot overwrite each other unseen."""

    version = models.PositiveIntegerField(default=1, editable=False)

    history = History()

    objects = AuditedQuerySet.as_manager()

    class Meta:
        abstract = True
        base_manager_name = "objects"

    def save(self, *args, **kwargs):
        if not self._state.adding:
            self.version += 1
            if kwargs.get("update_fields") is not None:
                kwargs["update_fields"] = {*kwargs["update_fields"], "version"}
        super().save(*args, **kwargs)

    def save_base(self, *args, raw=False, **kwargs):
        if raw or hasattr(self, "skip_history_when_saving"):
            raise HistoryRequired("This save leaves no history; load fixtures through the verbs.")
        super().save_base(*args, raw=raw, **kwargs)

    def save_without_historical_record(self, *args, **kwargs):
        raise HistoryRequired("There is no saving without history.")


class SignedState(models.TextChoices):
    """Where a signed thing stands; derived from its dates."""

    DRAFT = "draft", _("Draft")
    SIGNED = "signed", _("Signed")
    COSIGNED = "cosigned", _("Co-signed")


class Signed(models.Model):
    """Draft until signed, then locked: what follows is an addendum, never an edit.

    A NULL `signed_at` means a draft; a NULL `cosigned_at` means not (or not yet) co-signed.
    """

    signed_at = models.DateTimeField(_("signed"), null=True, editable=False)
    cosigned_at = models.DateTimeField(_("co-signed"), null=True, editable=False)

    class Meta:
        abstract = True

    @property
    def state(self):
        if self.cosigned_at:
            return SignedState.COSIGNED
        return SignedState.SIGNED if self.signed_at else SignedState.DRAFT

    @property
    def is_locked(self):
        return self.signed_at is not None

    def require_draft(self):
        """Raise `Refused` when the row is signed: it can no longer be changed."""
        if self.is_locked:
            raise Refused(_("This is signed and can no longer be changed. Add an addendum instead."))

    def _mark_signed(self, at=None):
        self.require_draft()
        self.signed_at = at or timezone.now()
        self.save()
