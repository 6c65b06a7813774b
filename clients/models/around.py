"""Who and what is around a person: family and friends, representatives, other workers, benefits, where they live."""

from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from casemgmt.agencies.models import AgencyOwned, ScopedQuerySet
from casemgmt.agencies.models.agency import phone_shape
from casemgmt.agencies.words import worded
from clients.models.document import Document
from clients.models.person import Client


class DatedQuerySet(ScopedQuerySet):
    """Rows with `started_on` and `ended_on`: NULL means since ever, and until further notice."""

    def now(self, at=None):
        """True of the person on this day; what ended today is over."""
        day = at or timezone.localdate()
        return self.filter(
            Q(started_on=None) | Q(started_on__lte=day), Q(ended_on=None) | Q(ended_on__gt=day)
        )


def ends_after_start(name):
    """A constraint: nothing ends before it began."""
    return models.CheckConstraint(
        condition=Q(ended_on=None) | Q(started_on=None) | Q(ended_on__gte=F("started_on")), name=name
    )


class Dated(AgencyOwned):
    """Something that was true of a person from one day until another; changes are new rows (REQ-76)."""

    path = "client"

    started_on = models.DateField(_("from"), null=True, blank=True)
    ended_on = models.DateField(_("until"), null=True, blank=True)

    objects = DatedQuerySet.as_manager()

    class Meta:
        abstract = True
        base_manager_name = "objects"


class RelatedPerson(Dated):
    """Family, a friend, a landlord: how they belong to the person, and what they may be told (REQ-104)."""

    class Relation(models.TextChoices):
        PARTNER = "partner", _("Spouse or partner")
        PARENT = "parent", _("Parent")
        CHILD = "child", _("Child")
        SIBLING = "sibling", _("Brother or sister")
        RELATIVE = "relative", _("Other relative")
        FRIEND = "friend", _("Friend")
        NEIGHBOUR = "neighbour", _("Neighbor")
        LANDLORD = "landlord", _("Landlord")
        EMPLOYER = "employer", _("Employer")
        OTHER = "other", _("Somebody else")

    client = models.ForeignKey(Client, models.PROTECT, related_name="related_people")
    name = models.CharField(_("name"), max_length=150)
    relation = models.CharField(_("who they are to the person"), max_length=10, choices=Relation)
    phone = models.CharField(_("phone"), max_length=40, blank=True, validators=[phone_shape])
    email = models.EmailField(_("e-mail"), blank=True)
    lives_with = models.BooleanField(_("lives with them"), default=False)
    is_support = models.BooleanField(_("a support they count on"), default=False)
    is_emergency_contact = models.BooleanField(_("call in an emergency"), default=False)
    may_be_told = models.CharField(
        _("what they may be told"),
        max_length=200,
        blank=True,
        help_text=_("As the person says. Empty: nothing without a consent."),
    )
    note = models.CharField(_("note"), max_length=300, blank=True)
    same_as = models.ForeignKey(
        Client, models.PROTECT, null=True, blank=True, editable=False, related_name="related_to"
    )

    class Meta:
        verbose_name = _("related person")
        verbose_name_plural = _("related people")
        ordering = ["-is_emergency_contact", "-is_support", "name"]
        constraints = [ends_after_start("related_ends_after_start")]

    def __str__(self):
        return self.name


class RepresentativeQuerySet(DatedQuerySet):
    def now(self, at=None):
        """In force on this day; an authority holds through its last day."""
        day = at or timezone.localdate()
        return self.filter(
            Q(started_on=None) | Q(started_on__lte=day), Q(ended_on=None) | Q(ended_on__gte=day)
        )

    def may_sign(self, what, at=None):
        """Who may sign this kind of document on this day: in force, scope covers it, and the paper was seen (REQ-128).

        `what` is a key of LegalRepresentative.SIGNS.
        """
        scope = LegalRepresentative.SIGNS[what]
        return self.now(at).filter(
            Q(document_seen_on__isnull=False) | Q(kind=LegalRepresentative.Kind.PARENT), **{scope: True}
        )


class LegalRepresentative(Dated):
    """Who may decide for the person, about what, from when until when, and on which paper (PR-43)."""

    class Kind(models.TextChoices):
        GUARDIAN = "guardian", _("Guardian")
        HEALTH_AGENT = "health_agent", _("Health care agent or proxy")
        POA_PROPERTY = "poa_property", _("Power of attorney for property")
        CONSERVATOR = "conservator", _("Conservator or trustee")
        PAYEE = "payee", _("Representative payee")
        PARENT = "parent", _("Parent of a minor")
        SDM = "sdm", _("Substitute decision-maker")
        PERSONAL_CARE = "personal_care", _("Attorney for personal care")
        AUTHORITY = "authority", _("Child or adult protection authority")
        OTHER = "other", _("Other")

    # What a signature is put under, and the scope that it needs.
    SIGNS = {
        "service": "for_health",
        "plan": "for_health",
        "observer": "for_health",
        "research": "for_health",
        "disclosure": "for_information",
        "electronic": "for_information",
        "benefit": "for_money",
    }

    client = models.ForeignKey(Client, models.PROTECT, related_name="representatives")
    name = models.CharField(_("name"), max_length=150)
    kind = models.CharField(_("authority"), max_length=14, choices=Kind)
    for_health = models.BooleanField(_("decides about health and services"), default=False)
    for_information = models.BooleanField(_("decides about sharing information"), default=False)
    for_money = models.BooleanField(_("decides about money and property"), default=False)
    phone = models.CharField(_("phone"), max_length=40, blank=True, validators=[phone_shape])
    email = models.EmailField(_("e-mail"), blank=True)
    document = models.ForeignKey(
        Document, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("the paper")
    )
    document_seen_on = models.DateField(
        _("paper seen on"), null=True, blank=True, help_text=_("Without it they cannot sign here.")
    )
    note = models.CharField(_("note"), max_length=300, blank=True)

    objects = RepresentativeQuerySet.as_manager()

    class Meta:
        verbose_name = _("legal representative")
        verbose_name_plural = _("legal representatives")
        ordering = ["name"]
        constraints = [
            ends_after_start("representative_ends_after_start"),
            models.CheckConstraint(
                condition=Q(for_health=True) | Q(for_information=True) | Q(for_money=True),
                name="representative_has_a_scope",
            ),
        ]

    def __str__(self):
        return f"{self.name} ({self.get_kind_display()})"

    def why_not_sign(self, what, at=None):
        """Why they may not sign this on this day, in a sentence; empty when they may. `what` as in `may_sign`."""
        day = at or timezone.localdate()
        said = {"name": self.name, "kind": self.get_kind_display()}
        if self.ended_on and self.ended_on < day:
            said["day"] = date_format(self.ended_on, "j M Y")
            return _("%(name)s cannot sign: the authority (%(kind)s) ended on %(day)s.") % said
        if self.started_on and self.started_on > day:
            said["day"] = date_format(self.started_on, "j M Y")
            return _("%(name)s cannot sign yet: the authority (%(kind)s) begins on %(day)s.") % said
        if not getattr(self, self.SIGNS[what]):
            return _("%(name)s cannot sign this: the authority (%(kind)s) is about other things.") % said
        if self.document_seen_on is None and self.kind != self.Kind.PARENT:
            return _("%(name)s cannot sign: nobody has seen the paper of the authority (%(kind)s).") % said
        return ""


class OtherWorker(Dated):
    """Somebody of another service who works with the person, another case manager above all (PR-7, REQ-52)."""

    client = models.ForeignKey(Client, models.PROTECT, related_name="other_workers")
    name = models.CharField(_("name"), max_length=150, blank=True)
    organisation = models.CharField(_("organization"), max_length=150)
    discipline = models.CharField(_("what they do"), max_length=100, blank=True)
    is_case_manager = models.BooleanField(worded(_("works as {worker} there")), default=False)
    phone = models.CharField(_("phone"), max_length=40, blank=True, validators=[phone_shape])
    email = models.EmailField(_("e-mail"), blank=True)
    note = models.CharField(_("note"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("other worker involved")
        verbose_name_plural = _("other workers involved")
        ordering = ["organisation", "name"]
        constraints = [ends_after_start("other_worker_ends_after_start")]

    def __str__(self):
        return f"{self.name}, {self.organisation}" if self.name else self.organisation


class BenefitQuerySet(DatedQuerySet):
    def to_renew(self, until, at=None):
        """Still received, and due for renewal by this day; a NULL renew_on never is (REQ-36)."""
        return self.now(at).filter(status=Benefit.Status.ACTIVE, renew_on__lte=until)


class Benefit(Dated):
    """Income support, insurance or food help: how much, how it stands, and when it must be renewed (REQ-36)."""

    class Status(models.TextChoices):
        TO_APPLY = "to_apply", _("To apply for")
        APPLIED = "applied", _("Applied")
        ACTIVE = "active", _("Received")
        DENIED = "denied", _("Denied")
        APPEALED = "appealed", _("Appealed")

    client = models.ForeignKey(Client, models.PROTECT, related_name="benefits")
    name = models.CharField(_("benefit"), max_length=120, help_text=_("For example: SSI, food stamps."))
    status = models.CharField(_("how it stands"), max_length=10, choices=Status, default=Status.ACTIVE)
    monthly_cents = models.PositiveIntegerField(
        _("amount a month"), null=True, blank=True, validators=[MaxValueValidator(100_000_00)]
    )
    renew_on = models.DateField(_("renew by"), null=True, blank=True)
    note = models.CharField(_("note"), max_length=300, blank=True)

    objects = BenefitQuerySet.as_manager()

    class Meta:
        verbose_name = _("benefit")
        verbose_name_plural = _("benefits")
        ordering = ["name"]
        constraints = [ends_after_start("benefit_ends_after_start")]

    def __str__(self):
        return self.name


class LivingArrangement(Dated):
    """How and with whom the person lives; a move is a new row, so that the way they came stays readable (REQ-76)."""

    class Kind(models.TextChoices):
        OWN = "own", _("Own or rented home")
        SHARED = "shared", _("With family or friends")
        SUPPORTED = "supported", _("Supported housing")
        GROUP = "group", _("Group or boarding home")
        FACILITY = "facility", _("Hospital or care facility")
        SHELTER = "shelter", _("Shelter")
        HOTEL = "hotel", _("Hotel or motel")
        STREET = "street", _("Street, car or camp")
        JAIL = "jail", _("Jail or prison")
        OTHER = "other", _("Other")

    client = models.ForeignKey(Client, models.PROTECT, related_name="living_arrangements")
    kind = models.CharField(_("where they live"), max_length=10, choices=Kind)
    lives_with = models.CharField(_("with whom"), max_length=200, blank=True)
    note = models.CharField(_("note"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("living arrangement")
        verbose_name_plural = _("living arrangements")
        ordering = [F("started_on").desc(nulls_last=True), "-pk"]
        constraints = [ends_after_start("living_ends_after_start")]

    def __str__(self):
        return self.get_kind_display()
