"""The people we serve, and with whom they live."""

from django.db import models, transaction
from django.db.models import Q
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from casemgmt.agencies.models import AgencyOwned, FromElsewhere, ScopedQuerySet
from casemgmt.agencies.models.agency import phone_shape
from casemgmt.agencies.words import worded
from casemgmt.core.acting import because
from casemgmt.core.models import Refused
from clients import names
from clients.models import access
from clients.models.finding import Finding


class ClientQuerySet(Finding):
    """Door 2: an assigned referral or intake, a visible enrollment, or live emergency access."""

    def _seen_by(self, staff):
        return self.reachable_by(staff).filter(
            Q(pk__in=access.clients_by_enrollment(staff))
            | access.clients_by_front_door(staff)
            | Q(pk__in=access.clients_in_emergency(staff))
        )

    def reachable_by(self, staff, at=None):
        """Whom this person could see at all: not restricted to others, no conflict of interest, not merged away."""
        return self.filter(agency_id=staff.agency_id, merged_into=None).exclude(
            access.hidden_from(staff, at=at)
        )

    def by_right(self, staff):
        """Of what is visible, what does not need emergency access."""
        return self.filter(access.by_right(staff))

    def to_recognise(self, staff):
        """Search before create: whom this person could see at all; for name, birth date and number only."""
        return self.reachable_by(staff).exclude(access.only_sealed(staff))

    def _explain_refusal(self, pk):
        if self.filter(pk=pk).exists():
            return
        kept = self._became(pk)
        if kept is not None and self.model.objects.visible_to(self._viewer).filter(pk=kept).exists():
            raise access.MergedInto(pk, kept)
        self.explain_outside(kept or pk)

    def _became(self, pk):
        """The key of the record that this one was merged into; None when it was not."""
        row = self.model.objects.filter(pk=pk, agency_id=self._viewer.agency_id)
        return row.values_list("merged_into", flat=True).first()

    def standing(self):
        """{key: key of the record that stands for it today}: its own, or that of the one it was merged into.

        For whoever finds people by a key from elsewhere, such as an import that is run again.
        """
        return {pk: kept or pk for pk, kept in self.values_list("pk", "merged_into")}

    def explain_outside(self, pk):
        """Raise OutsideCaseload where emergency access could open this record; else it is as if it were not there."""
        staff = self._viewer
        reachable = self.model.objects.reachable_by(staff).exclude(access.only_sealed(staff))
        if staff.may("emergency.use") and reachable.filter(pk=pk).exists():
            raise access.OutsideCaseload(pk)

    def outside(self, pk):
        """The record that emergency access may open for this person; Http404 when there is none for them."""
        others = self.model.objects.to_recognise(self._viewer)
        row = others.filter(pk=pk).first()
        if row is None:
            kept = self._became(pk)
            if kept is not None and others.filter(pk=kept).exists():
                raise access.MergedInto(pk, kept)
            raise Http404
        return row

    def after(self, name_key, pk):
        """What follows this row in the order of the list: keyset pages, so that page 400 is as quick as page 1."""
        return self.filter(Q(name_key__gt=name_key) | Q(name_key=name_key, pk__gt=pk))


class Client(AgencyOwned, FromElsewhere):
    """A person receiving or seeking service, under the names they use."""

    class BirthPrecision(models.TextChoices):
        EXACT = "exact", _("Exact")
        APPROXIMATE = "approximate", _("Approximate")
        YEAR = "year", _("Year only")

    class ContactWay(models.TextChoices):
        CALL = "call", _("Call")
        TEXT = "text", _("Text message")
        EMAIL = "email", _("E-mail")
        THROUGH = "through", _("Through somebody else")
        IN_PERSON = "in_person", _("In person only")

    class NameQuality(models.TextChoices):
        FULL = "full", _("As the person gave it")
        PARTIAL = "partial", _("Partial, or a street name")
        HASHED = "hashed", _("Hidden by the system it came from")

    is_door = True

    number = models.CharField(_("number"), max_length=30, blank=True, editable=False)
    given_name = models.CharField(_("first name"), max_length=100, blank=True)
    middle_name = models.CharField(_("middle name"), max_length=100, blank=True)
    family_name = models.CharField(_("last name"), max_length=100, blank=True)
    name_suffix = models.CharField(_("suffix"), max_length=50, blank=True)
    chosen_name = models.CharField(
        _("name they go by"), max_length=100, blank=True, help_text=_("If it differs from the legal name.")
    )
    pronouns = models.CharField(_("pronouns"), max_length=40, blank=True)
    born_on = models.DateField(_("date of birth"), null=True, blank=True)
    born_precision = models.CharField(
        _("how sure is the date"), max_length=12, choices=BirthPrecision, default=BirthPrecision.EXACT
    )
    phone = models.CharField(_("phone"), max_length=40, blank=True, validators=[phone_shape])
    contact_way = models.CharField(_("best way to reach them"), max_length=12, choices=ContactWay, blank=True)
    contact_note = models.CharField(
        _("safe to contact?"),
        max_length=200,
        blank=True,
        help_text=_("For example: no voicemail, mornings only, ask for Jo."),
    )
    no_voicemail = models.BooleanField(_("leave no voicemail"), default=False)
    email = models.EmailField(_("e-mail"), blank=True)
    address = models.CharField(_("address or where to find them"), max_length=300, blank=True)
    address_protected = models.BooleanField(
        _("keep the address secret"),
        default=False,
        help_text=_("It stands in no list, print or file, and only who works with them sees it."),
    )
    language = models.CharField(_("preferred language"), max_length=60, blank=True)
    needs_interpreter = models.BooleanField(_("needs an interpreter"), default=False)
    helps = models.CharField(_("what helps when we work together"), max_length=300, blank=True)
    avoids = models.CharField(_("what to avoid"), max_length=300, blank=True)
    culture = models.CharField(_("culture and faith, in their words"), max_length=200, blank=True)
    wishes = models.CharField(
        worded(_("wishes for the {worker}, time and place")), max_length=300, blank=True
    )
    name_quality = models.CharField(
        _("how sure is the name"), max_length=8, choices=NameQuality, default=NameQuality.FULL
    )
    merged_into = models.ForeignKey(
        "self", models.PROTECT, null=True, editable=False, related_name="merged_from"
    )
    restricted_on = models.DateField(
        _("restricted since"),
        null=True,
        editable=False,
        help_text=_("From then on only named colleagues see it."),
    )
    name_key = models.CharField(max_length=400, editable=False, db_index=True)
    sound_key = models.CharField(max_length=100, editable=False, db_index=True)
    phone_key = models.CharField(max_length=40, editable=False, blank=True, db_index=True)

    objects = ClientQuerySet.as_manager()

    class Meta(FromElsewhere.Meta):
        verbose_name = worded("{client}")
        verbose_name_plural = worded("{clients}")
        constraints = [
            *FromElsewhere.Meta.constraints,
            models.CheckConstraint(
                condition=~Q(given_name="") | ~Q(family_name="") | ~Q(chosen_name=""),
                name="client_has_a_name",
            ),
            models.CheckConstraint(
                condition=Q(born_on=None) | Q(born_on__gte="1900-01-01"), name="client_born_after_1900"
            ),
            models.UniqueConstraint(
                fields=["agency", "number"], condition=~Q(number=""), name="client_number_once"
            ),
        ]
        indexes = [models.Index(fields=["agency", "name_key", "id"], name="client_by_name")]

    def __str__(self):
        return self.name

    def fill_keys(self):
        """Derive what the search reads; bulk writers call it themselves."""
        self.name_key = names.fold(
            f"{self.given_name} {self.middle_name} {self.family_name} {self.chosen_name}"
        )[:400]
        self.sound_key = names.sound(f"{self.chosen_name or self.given_name} {self.family_name}")[:100]
        if self.name_quality == self.NameQuality.HASHED:
            self.sound_key = ""  # a hashed name is like no other, and like every other
        self.phone_key = names.digits(self.phone)

    def save(self, *args, **kwargs):
        self.fill_keys()
        super().save(*args, **kwargs)

    @property
    def legal_name(self):
        parts = (self.given_name, self.middle_name, self.family_name, self.name_suffix)
        return " ".join(p for p in parts if p)

    @property
    def name(self):
        """As the person goes by: the chosen name and the family name."""
        if self.chosen_name:
            return f"{self.chosen_name} {self.family_name}".strip()
        return " ".join(p for p in (self.given_name, self.family_name, self.name_suffix) if p)

    @property
    def no(self):
        """The number by which people speak of the record."""
        return self.number or self.pk

    def all_keys(self):
        """Our keys for this person: their own, and those of the records that were merged into it."""
        return [self.pk, *type(self).objects.filter(merged_into=self).values_list("pk", flat=True)]

    def age(self, at=None):
        """Full years on this day; None when the birth date is not known."""
        if self.born_on is None:
            return None
        day = at or timezone.localdate()
        return day.year - self.born_on.year - ((day.month, day.day) < (self.born_on.month, self.born_on.day))

    def shows_address_to(self, staff, *, in_emergency=False):
        """Whether this colleague may read the address; one kept secret is for who works with the person (REQ-101)."""
        return not self.address_protected or (staff.may("client.protected") and not in_emergency)

    @transaction.atomic
    def restrict(self, colleagues, *, by, because_of=None, reason=""):
        """From now on only these colleagues see the record, and with them `by` and who is accountable.

        `because_of` is the colleague from whom it is hidden: they are left out whoever they are. Raises Refused when
        nobody would be left who may lift the restriction again.
        """
        type(self).objects.select_for_update(of=("self",)).get(pk=self.pk)
        staff = {row.pk: row for row in [*colleagues, by, *access.accountable_for(self)]}
        if because_of is not None:
            staff.pop(because_of.pk, None)
        if not any(row.may("record.restrict") for row in staff.values()):
            raise Refused(
                worded(_("Name a {supervisor} or director who sees it, or nobody could lift it again."))
            )
        with because(reason):
            named = {row.staff_id: row for row in self.restricted_to.all()}
            for pk in named.keys() - staff.keys():
                named[pk].delete()
            for pk in staff.keys() - named.keys():
                access.RestrictedTo.objects.create(client=self, staff=staff[pk])
            self.restricted_on = self.restricted_on or timezone.localdate()
            self.save()

    @transaction.atomic
    def lift_restriction(self, *, reason=""):
        """The record is seen as any other again."""
        type(self).objects.select_for_update(of=("self",)).get(pk=self.pk)
        with because(reason):
            for row in self.restricted_to.all():
                row.delete()
            self.restricted_on = None
            self.save()


class Household(AgencyOwned, FromElsewhere):
    """People who live together, as they say."""

    class Meta(FromElsewhere.Meta):
        verbose_name = _("household")
        verbose_name_plural = _("households")

    def __str__(self):
        return f"{self._meta.verbose_name} {self.pk}"


class MemberQuerySet(ScopedQuerySet):
    def now(self, at=None):
        """Living there on this day; a NULL date means since ever, or until further notice."""
        day = at or timezone.localdate()
        return self.filter(
            Q(started_on=None) | Q(started_on__lte=day), Q(ended_on=None) | Q(ended_on__gt=day)
        )


class HouseholdMember(AgencyOwned):
    """Somebody's place in a household, with dates; each member's own record keeps its own door."""

    class Relation(models.TextChoices):
        HEAD = "head", _("Head of household")
        CHILD = "child", _("Child")
        PARTNER = "partner", _("Spouse or partner")
        RELATIVE = "relative", _("Other relative")
        OTHER = "other", _("Not related")
        UNKNOWN = "unknown", _("Not known")

    path = "client"

    household = models.ForeignKey(Household, models.PROTECT, related_name="members")
    client = models.ForeignKey(Client, models.PROTECT, related_name="households")
    relation = models.CharField(
        _("relation to the head"), max_length=10, choices=Relation, default=Relation.UNKNOWN
    )
    started_on = models.DateField(_("from"), null=True, blank=True)
    ended_on = models.DateField(_("until"), null=True, blank=True)

    objects = MemberQuerySet.as_manager()

    class Meta:
        verbose_name = _("household member")
        constraints = [models.UniqueConstraint(fields=["household", "client"], name="once_in_a_household")]

    def __str__(self):
        return f"{self.client_id} · {self.get_relation_display()}"

    @classmethod
    @transaction.atomic
    def live_together(cls, client, other, *, relation, on=None):
        """The person lives with `other` from this day: in the household of `other`, else in their own, else a new one.

        `relation` is the person's to the head. Raises Refused when they live together already.
        """
        if client.pk == other.pk:
            raise Refused(_("Choose somebody else."))
        list(Client.objects.select_for_update(of=("self",)).filter(pk__in=[client.pk, other.pk]))
        mine, theirs = (
            cls.objects.filter(client=one).now(on).order_by("-pk").first() for one in (client, other)
        )
        if mine and theirs and mine.household_id == theirs.household_id:
            raise Refused(_("They are in one household already."))
        home = (
            (theirs or mine).household
            if theirs or mine
            else Household.objects.create(agency_id=client.agency_id)
        )
        if theirs is None:
            is_head = mine is None and relation != cls.Relation.HEAD
            cls._place(home, other, cls.Relation.HEAD if is_head else cls.Relation.UNKNOWN, on)
        elif mine is not None:
            mine.ended_on = max(on or timezone.localdate(), mine.started_on or timezone.localdate())
            mine.save()
        return cls._place(home, client, relation, on)

    @classmethod
    def _place(cls, home, client, relation, on):
        """Somebody who comes back to a household has their place again; the history keeps when they were away."""
        row = cls.objects.filter(household=home, client=client).first()
        if row is None:
            return cls.objects.create(household=home, client=client, relation=relation, started_on=on)
        if row.ended_on is not None:
            row.started_on, row.ended_on = on, None
        row.relation = relation
        row.save()
        return row
