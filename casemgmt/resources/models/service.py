"""The directory of community services: what is offered where, whom to ask for, and what colleagues found out."""

from datetime import timedelta
from urllib.parse import urlencode

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Case, Q, When
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from casemgmt.agencies.models import StaffMember
from casemgmt.agencies.models.agency import AgencyOwned, ScopedQuerySet, phone_shape
from casemgmt.core.folding import fold
from casemgmt.core.models import Refused
from casemgmt.resources.feed import FromFeed
from casemgmt.resources.models.word import ResourceWord
from casemgmt.resources.needs import Need, Population
from casemgmt.resources.words import key_of


class ResourceQuerySet(ScopedQuerySet):
    def open(self, at=None):
        """Offered on this day; a NULL closed_on means until further notice."""
        return self.filter(Q(closed_on=None) | Q(closed_on__gt=at or timezone.localdate()))

    def unverified(self, at=None):
        """Nobody said within the limit that the entry is right; a NULL verified_on means that nobody ever did."""
        limit = (at or timezone.localdate()) - timedelta(days=settings.RESOURCE_VERIFY_DAYS)
        return self.filter(Q(verified_on=None) | Q(verified_on__lt=limit))

    def with_words(self, *words_and_their_kin):
        """Services in which each of the words, or one of its kin, begins a word: [["food"], ["pantry", "pantries"]]."""
        found = self
        for kin in words_and_their_kin:
            found = found.filter(_any_of("search_key", kin))
        return found

    def at_place(self, *words_and_their_kin):
        found = self
        for kin in words_and_their_kin:
            found = found.filter(_any_of("place_key", kin))
        return found

    def made_for(self, code):
        """Services made for these people, and those for everybody."""
        return self.filter(Q(populations__holds=code) | Q(populations=[]))

    def holding(self, name, values):
        """Services whose list of this name holds one of the values; of no values, none."""
        wanted = Q(pk__in=[])
        for value in values:
            wanted |= Q(**{f"{name}__holds": value})
        return self.filter(wanted)

    def best_first(self, *words_and_their_kin):
        """Services whose own name says all the words first, then by name."""
        in_name = Q()
        for kin in words_and_their_kin:
            in_name &= _any_of("name_key", kin)
        if not in_name:
            return self.order_by("name_key", "pk")
        return self.order_by(Case(When(in_name, then=0), default=1), "name_key", "pk")


def _any_of(key, kin):
    wanted = Q()
    for word in kin:
        wanted |= Q(**{f"{key}__contains": f" {word}"})
    return wanted


class Resource(AgencyOwned, FromFeed):
    """One service that somebody offers in the community, as this agency's directory describes it."""

    name = models.CharField(_("name of the service"), max_length=300)
    organization = models.CharField(_("offered by"), max_length=300, blank=True)
    description = models.TextField(_("what it offers"), blank=True)
    how_to_apply = models.TextField(_("how to apply"), blank=True)
    eligibility = models.TextField(_("who can get it"), blank=True)
    documents = models.TextField(_("papers to bring"), blank=True)
    fees = models.TextField(_("what it costs"), blank=True)
    hours = models.TextField(_("hours"), blank=True)
    area = models.TextField(_("area it serves"), blank=True)
    capacity = models.CharField(
        _("room and waiting list"), max_length=300, blank=True, help_text=_("Such as “waits two weeks”.")
    )
    phones = models.JSONField(_("phones"), default=list, blank=True)  # [{"number": …, "about": …}]
    email = models.EmailField(_("e-mail"), blank=True)
    website = models.CharField(_("website"), max_length=500, blank=True)
    needs = models.JSONField(_("helps with"), default=list, blank=True)  # codes of Need
    populations = models.JSONField(_("made for"), default=list, blank=True)  # codes of Population
    categories = models.JSONField(_("categories"), default=list, blank=True)
    languages = models.JSONField(_("languages"), default=list, blank=True)
    is_confidential = models.BooleanField(
        _("the address is confidential"),
        default=False,
        help_text=_("Only those who lead see it, as for a shelter from violence."),
    )
    verified_on = models.DateField(_("last verified"), null=True, blank=True, editable=False)
    verified_by = models.ForeignKey(
        StaffMember,
        models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("verified by"),
    )
    closed_on = models.DateField(_("no longer offered from"), null=True, blank=True)
    name_key = models.CharField(max_length=620, editable=False)
    search_key = models.TextField(editable=False)
    place_key = models.TextField(editable=False)

    objects = ResourceQuerySet.as_manager()

    class Meta(FromFeed.Meta):
        verbose_name = _("community service")
        verbose_name_plural = _("community services")
        ordering = ["name_key", "pk"]
        indexes = [models.Index(fields=["agency", "name_key", "id"], name="resource_by_name")]
        constraints = [
            *FromFeed.Meta.constraints,
            models.CheckConstraint(condition=~Q(name=""), name="resource_has_a_name"),
        ]

    def __str__(self):
        return self.name

    def save(self, *args, **kwargs):
        self.fill_keys(None)
        super().save(*args, **kwargs)
        ResourceWord.learn(self.agency_id, [self])

    def fill_keys(self, places):
        """What the search reads; `places` are the rows of where it is, None to look them up.

        Of a confidential address only the town can be searched for.
        """
        if places is None:
            places = self.places.in_use() if self.pk else []
        towns = [f"{p.city} {p.region}" for p in places]
        if not self.is_confidential:
            towns += [p.postcode for p in places]
        self.name_key = f" {fold(self.name)[:600]} "
        self.place_key = key_of(self.area, *towns)
        self.search_key = key_of(
            self.name,
            self.organization,
            *(str(Need(code).label) for code in self.needs if code in Need.values),
            *(str(Population(code).label) for code in self.populations if code in Population.values),
            *self.categories,
            *self.languages,
            self.eligibility,
            self.description,
            *towns,
        )

    @property
    def is_unverified(self):
        limit = timezone.localdate() - timedelta(days=settings.RESOURCE_VERIFY_DAYS)
        return self.verified_on is None or self.verified_on < limit

    @property
    def is_open(self):
        return self.closed_on is None or self.closed_on > timezone.localdate()

    @property
    def link(self):
        """The website as a link; empty where it is none that a browser may open."""
        if not self.website or any(c.isspace() for c in self.website):
            return ""
        if self.website.startswith(("http://", "https://")):
            return self.website
        return "" if ":" in self.website.split("/")[0] else f"https://{self.website}"

    def confirm(self, *, by, on=None):
        """Somebody found that the entry is still right (REQ-165)."""
        if not self.is_open:
            raise Refused(_("This service is no longer offered. Open it again first, if it is."))
        self.verified_on, self.verified_by = on or timezone.localdate(), by
        self.save()


class PartQuerySet(ScopedQuerySet):
    """What hangs on a service and may end before it does."""

    def in_use(self, at=None):
        """A NULL ended_on means until further notice."""
        return self.filter(Q(ended_on=None) | Q(ended_on__gt=at or timezone.localdate()))


class PlaceQuerySet(PartQuerySet):
    def _seen_by(self, staff):
        """A confidential address is for those alone who may see it (REQ-101)."""
        if staff.may("resource.confidential"):
            return self
        return self.filter(resource__is_confidential=False)


class ResourcePlace(AgencyOwned, FromFeed):
    """Where a service is offered, and when."""

    parent = "resource"

    resource = models.ForeignKey(
        Resource, models.PROTECT, related_name="places", verbose_name=_("community service")
    )
    name = models.CharField(_("name of the place"), max_length=300, blank=True)
    address = models.CharField(_("street and number"), max_length=400, blank=True)
    city = models.CharField(_("town"), max_length=120, blank=True)
    region = models.CharField(_("state"), max_length=80, blank=True)
    postcode = models.CharField(_("ZIP code"), max_length=20, blank=True)
    latitude = models.DecimalField(
        _("latitude"),
        max_digits=9,
        decimal_places=6,
        null=True,
        blank=True,
        validators=[MinValueValidator(-90), MaxValueValidator(90)],
    )
    longitude = models.DecimalField(
        _("longitude"),
        max_digits=9,
        decimal_places=6,
        null=True,
        blank=True,
        validators=[MinValueValidator(-180), MaxValueValidator(180)],
    )
    hours = models.TextField(_("hours"), blank=True)
    access = models.CharField(_("getting there and in"), max_length=600, blank=True)
    ended_on = models.DateField(_("no longer there from"), null=True, blank=True)

    objects = PlaceQuerySet.as_manager()

    class Meta(FromFeed.Meta):
        verbose_name = _("place")
        verbose_name_plural = _("places")
        ordering = ["pk"]
        constraints = [
            *FromFeed.Meta.constraints,
            models.CheckConstraint(
                condition=Q(latitude=None) | Q(latitude__gte=-90, latitude__lte=90), name="place_latitude"
            ),
            models.CheckConstraint(
                condition=Q(longitude=None) | Q(longitude__gte=-180, longitude__lte=180),
                name="place_longitude",
            ),
        ]

    def __str__(self):
        return self.on_one_line or self.name or str(self.resource)

    def save(self, *args, **kwargs):
        super().save(*args, **kwargs)
        before = self.resource.place_key
        self.resource.fill_keys(None)
        if self.resource.place_key != before:
            self.resource.save()  # it is found by its towns

    @property
    def map_link(self):
        """This place on a map; empty where it has no address."""
        if self.latitude is not None and self.longitude is not None:
            return f"https://www.openstreetmap.org/?mlat={self.latitude}&mlon={self.longitude}&zoom=17"
        where = self.on_one_line
        return f"https://www.openstreetmap.org/search?{urlencode({'query': where})}" if self.address else ""

    @property
    def on_one_line(self):
        town = " ".join(filter(None, (self.region, self.postcode)))
        return ", ".join(filter(None, (self.address, self.city, town)))


class ResourceContact(AgencyOwned, FromFeed):
    """A person to ask for (REQ-165)."""

    parent = "resource"

    resource = models.ForeignKey(
        Resource, models.PROTECT, related_name="contacts", verbose_name=_("community service")
    )
    name = models.CharField(_("name"), max_length=200)
    role = models.CharField(_("role"), max_length=200, blank=True)
    phone = models.CharField(_("phone"), max_length=40, blank=True, validators=[phone_shape])
    email = models.EmailField(_("e-mail"), blank=True)
    ended_on = models.DateField(_("no longer there from"), null=True, blank=True)

    objects = PartQuerySet.as_manager()

    class Meta(FromFeed.Meta):
        verbose_name = _("contact")
        verbose_name_plural = _("contacts")
        ordering = ["name", "pk"]

    def __str__(self):
        return f"{self.name}, {self.role}" if self.role else self.name


class ResourceTip(AgencyOwned):
    """What a colleague found out: the side door, the day with the short queue. Never about a person served."""

    parent = "resource"

    resource = models.ForeignKey(
        Resource, models.PROTECT, related_name="tips", verbose_name=_("community service")
    )
    text = models.TextField(_("tip"), max_length=1000)
    by = models.ForeignKey(
        StaffMember, models.PROTECT, related_name="+", editable=False, verbose_name=_("written by")
    )
    written_on = models.DateField(_("written on"), default=timezone.localdate, editable=False)
    ended_on = models.DateField(_("no longer true from"), null=True, blank=True, editable=False)

    objects = PartQuerySet.as_manager()

    class Meta:
        verbose_name = _("tip")
        verbose_name_plural = _("tips")
        ordering = ["-written_on", "-pk"]

    def __str__(self):
        return self.text[:60]

    def end(self):
        """It is no longer true; the tip stays in the history."""
        if self.ended_on:
            raise Refused(_("This tip has been taken away already."))
        self.ended_on = timezone.localdate()
        self.save()
