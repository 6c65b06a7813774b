"""Services of others that we linked the person to."""

from datetime import timedelta

from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from assessments.models import Need
from casemgmt.agencies.models import AgencyFact, AgencyOwned, PickItem, ScopedQuerySet, StaffMember
from casemgmt.agencies.models.agency import phone_shape
from casemgmt.agencies.words import worded
from casemgmt.core.models import Refused
from casemgmt.resources.models import Resource
from clients.models import Disclosure, Enrollment


class AlreadyServed(Refused):
    """The person has this service already; whoever adds it again says so."""


class StepLacks(Refused):
    """What a step leaves open, each by the field in which it is said; "" is the step as a whole."""

    def __init__(self, by_field):
        self.by_field = by_field
        super().__init__(*by_field.values())


class ServiceReferralQuerySet(ScopedQuerySet):
    def open(self):
        """Asked for or running; a NULL ended_on means so."""
        return self.filter(ended_on=None)

    def unconfirmed(self):
        """Asked for, and nobody has said yet that anything was received."""
        return self.open().filter(status__in=ServiceReferral.UNCONFIRMED)

    def same_service(self, referral):
        """Open services of the same person with the same name or entry, in any enrollment (REQ-112)."""
        same = Q(service__iexact=referral.service.strip())
        if referral.resource_id is not None:
            same |= Q(resource=referral.resource_id)
        return (
            self.open().filter(same, enrollment__client=referral.enrollment.client_id).exclude(pk=referral.pk)
        )


class ServiceReferral(AgencyOwned):
    """A service of somebody else that we linked the person to: provider, contact, status, next date (REQ-30)."""

    class Status(models.TextChoices):
        ASKED = "asked", _("Asked for")
        ACCEPTED = "accepted", _("Accepted")
        WAITING = "waiting", _("On their waitlist")
        BOOKED = "booked", _("Appointment made")
        ATTENDED = "attended", _("Went there")
        RUNNING = "running", _("Receiving it")
        DONE = "done", _("Completed")
        DECLINED = "declined", _("Provider said no")
        FAILED = "failed", _("Did not work out")

    class Source(models.TextChoices):
        CLIENT = "client", worded("{Client}")
        PROVIDER = "provider", _("Provider")
        WORKER = "worker", _("I was there")
        PAPER = "paper", _("A paper or message")

    # Nothing has been received yet: somebody has to ask (REQ-32).
    UNCONFIRMED = ("asked", "accepted", "waiting", "booked", "attended")
    OVER = ("done", "declined", "failed")
    # What somebody has to vouch for, and what did not come about.
    VOUCHED = ("attended", "running", "done")
    UNMET = ("declined", "failed")

    path = "enrollment"

    enrollment = models.ForeignKey(Enrollment, models.PROTECT, related_name="service_referrals")
    service = models.CharField(
        _("service"), max_length=150, help_text=_("For example: food bank, psychiatrist.")
    )
    provider = models.CharField(_("provider"), max_length=150)
    contact = models.CharField(_("contact person"), max_length=150, blank=True)
    phone = models.CharField(_("phone"), max_length=40, blank=True, validators=[phone_shape])
    need = models.ForeignKey(
        Need, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("for need")
    )
    status = models.CharField(_("status"), max_length=8, choices=Status, default=Status.ASKED)
    asked_on = models.DateField(_("asked on"), default=timezone.localdate)
    next_on = models.DateField(_("next date"), null=True, blank=True)
    ended_on = models.DateField(_("ended on"), null=True, blank=True)
    note = models.CharField(_("note"), max_length=300, blank=True)
    # NULL: named by hand, because the directory does not have it.
    resource = models.ForeignKey(
        Resource, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("in the directory")
    )
    appointment_at = models.DateTimeField(_("appointment"), null=True, blank=True)
    received_on = models.DateField(_("received since"), null=True, blank=True, editable=False)
    confirmed_by = models.CharField(_("known from"), max_length=8, choices=Source, blank=True, editable=False)
    gap = models.ForeignKey(
        PickItem,
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name=_("why it was not to be had"),
    )
    disclosure = models.ForeignKey(
        Disclosure,
        models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("what the provider was told"),
        help_text=_("Nothing where the person goes themselves."),
    )

    objects = ServiceReferralQuerySet.as_manager()

    class Meta:
        verbose_name = _("service of others")
        verbose_name_plural = _("services of others")
        ordering = ["ended_on", "service", "pk"]

    def __str__(self):
        return f"{self.service}, {self.provider}"

    @property
    def is_over(self):
        return self.status in self.OVER

    def ask_on(self):
        """When to ask how it stands: the day that was noted, else the program's days after it was asked for."""
        if self.next_on is not None:
            return self.next_on
        return self.asked_on + timedelta(days=self.enrollment.program.confirm_referral_days)

    @transaction.atomic
    def put(self, *, by, all_the_same=False, consent=None, heeded=False):
        """Write it; with a consent the provider is told of the person, through the gate, else nothing is shared.

        Raises AlreadyServed for a second open service of the same name that `by` may know of, Refused for one that is
        received from the beginning without who says so, and whatever the gate refuses with.
        """
        self.service = self.service.strip()
        if self._state.adding and self.status in self.VOUCHED and not self.confirmed_by:
            raise Refused(_("Say from whom you know."))
        if self.is_over and self.ended_on is None:
            self.ended_on = timezone.localdate()
        if self.ended_on and not self.is_over:
            raise Refused(_("It has an end: say whether it was completed or did not work out."))
        if self.ended_on and self.ended_on < self.asked_on:
            raise Refused(_("It cannot end before it was asked for."))
        if self._state.adding and self.status == self.Status.RUNNING and self.received_on is None:
            self.received_on = self.asked_on
        moved = self._state.adding or type(self).objects.get(pk=self.pk).status != self.status
        if self._state.adding and not self.ended_on and not all_the_same:
            # Only what `by` sees: a service in a sealed program must not show through the warning.
            again = [str(r) for r in ServiceReferral.objects.visible_to(by).same_service(self)]
            if again:
                raise AlreadyServed(_("There is one already: %(services)s.") % {"services": "; ".join(again)})
        if consent is not None:
            self.disclosure = Disclosure.make(
                self.enrollment.client,
                by=by,
                basis=Disclosure.Basis.CONSENT,
                consent=consent,
                recipient=self.provider,
                information=_("Name, phone and the need: %(service)s") % {"service": self.service},
                enrollments=[self.enrollment],
                way=_("with the referral"),
                heeded=heeded,
            )
        self.save()
        if moved:
            on = self.asked_on if self.status == self.Status.ASKED else None
            self._keep_step(by=by, on=on, confirmed_by=self.confirmed_by)

    @transaction.atomic
    def step(
        self, status, *, by, on=None, confirmed_by="", note="", gap=None, appointment_at=None, next_on=None
    ):
        """Go one step on the way from asking to receiving, and keep it (REQ-32).

        Where nothing was received yet and no day was said, somebody asks again after the program's days.
        Raises StepLacks when it is over, for a day in the future or before it was asked for, without who says so where
        something was received, and without a reason where nothing came of it.
        """
        locked = type(self).objects.select_for_update(of=("self",)).get(pk=self.pk)
        day, status = on or timezone.localdate(), self.Status(status)
        lacks = {}
        if locked.ended_on is not None:
            lacks[""] = _("This referral is closed.")
        if day > timezone.localdate():
            lacks["on"] = _("A step is written down once it has happened.")
        if day < locked.asked_on:
            lacks["on"] = _("That was before it was asked for.")
        if status in self.VOUCHED and not confirmed_by:
            lacks["confirmed_by"] = _("Say from whom you know.")
        if status in self.UNMET and gap is None:
            lacks["gap"] = _("Say why it was not to be had.")
        if status == self.Status.BOOKED and appointment_at is None:
            lacks["appointment_on"] = _("Say when the appointment is.")
        if lacks:
            raise StepLacks(lacks)
        self.status, self.next_on = status, next_on
        if appointment_at is not None:
            self.appointment_at = appointment_at
            self.next_on = next_on or timezone.localtime(appointment_at).date()
        if self.next_on is None and status in self.UNCONFIRMED:
            self.next_on = day + timedelta(days=self.enrollment.program.confirm_referral_days)
        if status in (self.Status.RUNNING, self.Status.DONE) and self.received_on is None:
            self.received_on = day
        if confirmed_by:
            self.confirmed_by = confirmed_by
        if status in self.OVER:
            self.ended_on, self.gap = day, gap
        self.save()
        self._keep_step(by=by, on=day, confirmed_by=confirmed_by, note=note)

    def _keep_step(self, *, by, on=None, confirmed_by="", note=""):
        ReferralStep.objects.create(
            referral=self,
            status=self.status,
            on=on or timezone.localdate(),
            confirmed_by=confirmed_by,
            note=note,
            by=by,
        )


class ReferralStep(AgencyFact):
    """One step of a referral on a day: from asking to receiving, and who vouches for it."""

    path = "referral__enrollment"

    referral = models.ForeignKey(ServiceReferral, models.PROTECT, related_name="steps")
    status = models.CharField(_("step"), max_length=8, choices=ServiceReferral.Status)
    on = models.DateField(_("on"))
    confirmed_by = models.CharField(_("known from"), max_length=8, choices=ServiceReferral.Source, blank=True)
    note = models.CharField(_("note"), max_length=300, blank=True)
    by = models.ForeignKey(StaffMember, models.PROTECT, related_name="+", verbose_name=_("noted by"))

    class Meta:
        verbose_name = _("step of a referral")
        verbose_name_plural = _("steps of a referral")
        ordering = ["on", "pk"]

    def __str__(self):
        return f"{self.get_status_display()} {self.on}"
