"""The tenant, and the base of every row that belongs to one."""

from django.core.exceptions import FieldError
from django.core.validators import RegexValidator
from django.db import models
from django.http import Http404
from django.utils.translation import gettext_lazy as _

from casemgmt.core import acting
from casemgmt.core.models import AppendOnly, AppendOnlyQuerySet, Audited, AuditedQuerySet


class AgencyQuerySet(AuditedQuerySet):
    def visible_to(self, staff):
        """One's own agency."""
        return self.filter(pk=staff.agency_id)


class Agency(Audited):
    """A provider with its own people, records, words and rules; nothing crosses from one to another."""

    class PrivacyLaw(models.TextChoices):
        HIPAA = "hipaa", _("HIPAA (United States)")
        PHIPA = "phipa", _("PHIPA (Ontario)")
        OTHER = "other", _("Another law of Canada")

    class Distance(models.TextChoices):
        MILES = "mi", _("miles")
        KILOMETERS = "km", _("kilometers")

    name = models.CharField(_("name"), max_length=200)
    slug = models.SlugField(_("short name"), unique=True, help_text=_("Used in commands, never shown."))
    time_zone = models.CharField(_("time zone"), max_length=63, default="America/New_York")
    distance_unit = models.CharField(
        _("distances in"), max_length=2, choices=Distance, default=Distance.MILES
    )
    crisis_line = models.CharField(_("crisis line"), max_length=100, default="988", blank=True)
    privacy_law = models.CharField(
        _("privacy law"),
        max_length=10,
        choices=PrivacyLaw,
        default=PrivacyLaw.HIPAA,
        help_text=_("Which elements a consent must have. 42 CFR Part 2 is set per program."),
    )
    words = models.JSONField(
        _("words"), default=dict, blank=True, help_text=_("The agency's own words, see agencies/words.py.")
    )

    objects = AgencyQuerySet.as_manager()

    class Meta:
        verbose_name = _("agency")
        verbose_name_plural = _("agencies")

    def __str__(self):
        return self.name


def through(door, staff):
    """What this person sees of a door's model, for use inside other questions; asked thirty times by some pages.

    Putting a door together costs Django milliseconds, so a request keeps it (agencies.middleware.House gives it the
    place). It is kept unasked: the rows are those of the moment of each question.
    """
    kept = getattr(staff, "doors", None)
    if kept is None:
        return door.objects.visible_to(staff)
    if door not in kept:
        kept[door] = door.objects.visible_to(staff)
    return kept[door]


class ScopedQuerySet(AuditedQuerySet):
    """Rows that are asked for by person: `Model.objects.visible_to(staff)` is the only door from outside.

    A model's `path` names the relation that ends at one of the four doors (agency, client, enrollment, pairing); an
    empty path is the agency's own door. Doors override `_seen_by`; everything else inherits.
    """

    _viewer = None

    def _clone(self):
        clone = super()._clone()
        clone._viewer = self._viewer
        return clone

    def visible_to(self, staff):
        """The rows that this person may see, of their agency and no other; nobody sees nothing."""
        if staff is None:
            return self.none()
        rows = self.filter(agency_id=staff.agency_id)._seen_by(staff)
        rows._viewer = staff
        return rows

    def _seen_by(self, staff):
        path = self.model.path
        if not path:
            return self
        return self.filter(**{f"{path}__in": through(self._door(), staff)})

    def _door(self):
        model = self.model
        for step in self.model.path.split("__"):
            model = model._meta.get_field(step).related_model
        if model.path and not model.is_door:
            raise FieldError(f"{self.model.__name__}.path ends at {model.__name__}, which is no door")
        return model

    def for_figures(self, staff):
        """All rows of this person's agency, past the doors, for figures: only casemgmt/reports may call it.

        What comes out may be counted and averaged, small groups hidden, and no row of it may ever be shown.
        """
        if staff is None or not staff.may("report.view"):
            return self.none()
        return self.filter(agency_id=staff.agency_id)

    def fetch(self, pk):
        """The one row with this key; Http404 when the person of `visible_to` may not see it or there is none."""
        row = self.filter(pk=pk).first()
        if row is None:
            self._explain_refusal(pk)
            raise Http404
        return row

    def _explain_refusal(self, pk):
        """Ask the door: it may raise something kinder than 404 where that gives nothing away."""
        if not self.model.path:
            return
        hidden = self.model.objects.filter(pk=pk, agency_id=self._viewer.agency_id)
        door_pk = hidden.values_list(self.model.path, flat=True).first()
        if door_pk is not None:
            self._door().objects.visible_to(self._viewer)._explain_refusal(door_pk)


class OfAgency(models.Model):
    """What belongs to one agency: `agency` is set once, from `parent`, never from a form."""

    agency = models.ForeignKey(
        Agency, models.PROTECT, editable=False, related_name="+", verbose_name=_("agency")
    )

    path = ""  # see ScopedQuerySet
    is_door = False
    parent = (
        None  # the relation that the agency comes from; None: the first step of path, else the one who acts
    )

    class Meta:
        abstract = True

    def save(self, *args, **kwargs):
        if self.agency_id is None:
            self.agency_id = self._agency_of_parent()
        super().save(*args, **kwargs)

    def _agency_of_parent(self):
        step = self.parent or self.path.split("__")[0]
        if step:
            return getattr(self, step).agency_id
        tenant = acting.current().tenant
        return tenant.pk if tenant is not None else None


class AgencyOwned(OfAgency, Audited):
    """A row of one agency, with history; the agency is copied into the history, too."""

    objects = ScopedQuerySet.as_manager()

    class Meta:
        abstract = True
        base_manager_name = "objects"


class FactQuerySet(AppendOnlyQuerySet, ScopedQuerySet):
    """Facts are asked for like everything else, and only ever added."""


class AgencyFact(OfAgency, AppendOnly):
    """A row of one agency that is written once and is its own history: a signature, a stage, an access."""

    objects = FactQuerySet.as_manager()

    class Meta:
        abstract = True
        base_manager_name = "objects"


class FromElsewhere(models.Model):
    """A row that another system may know too: its name there stands beside ours, so that a second import finds it."""

    source = models.CharField(_("came from"), max_length=400, blank=True, editable=False)
    source_key = models.CharField(_("key there"), max_length=200, blank=True, editable=False)

    class Meta:
        abstract = True
        constraints = [
            models.UniqueConstraint(
                fields=["agency", "source", "source_key"],
                condition=~models.Q(source_key=""),
                name="%(app_label)s_%(class)s_once_from_source",
            )
        ]


phone_shape = RegexValidator(
    r"^[0-9+()./\-\sx#]*$", _("Use digits, spaces and + ( ) - only, such as 412 555 0100.")
)
