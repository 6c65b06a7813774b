"""Services of others that we linked the person to."""

from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from assessments.models import Need
from casemgmt.agencies.models import AgencyOwned, ScopedQuerySet
from casemgmt.agencies.models.agency import phone_shape
from casemgmt.core.models import Refused
from clients.models import Disclosure, Enrollment


class AlreadyServed(Refused):
    """The person has this service already; whoever adds it again says so."""


class ServiceReferralQuerySet(ScopedQuerySet):
    def open(self):
        """Asked for or running; a NULL ended_on means so."""
        return self.filter(ended_on=None)

    def same_service(self, referral):
        """Open services of the same person with the same name, in any enrollment (REQ-112)."""
        return (
            self.open()
            .filter(
                enrollment__client=referral.enrollment.client_id, service__iexact=referral.service.strip()
            )
            .exclude(pk=referral.pk)
        )


class ServiceReferral(AgencyOwned):
    """A service of somebody else that we linked the person to: provider, contact, status, next date (REQ-30)."""

    class Status(models.TextChoices):
        ASKED = "asked", _("Asked for")
        WAITING = "waiting", _("On their waitlist")
        RUNNING = "running", _("Receiving it")
        DONE = "done", _("Completed")
        FAILED = "failed", _("Did not work out")

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
        return self.status in (self.Status.DONE, self.Status.FAILED)

    @transaction.atomic
    def put(self, *, by, all_the_same=False, consent=None, heeded=False):
        """Write it; with a consent the provider is told of the person, through the gate, else nothing is shared.

        Raises AlreadyServed for a second open service of the same name that `by` may know of, and whatever the gate
        refuses with.
        """
        self.service = self.service.strip()
        if self.is_over and self.ended_on is None:
            self.ended_on = timezone.localdate()
        if self.ended_on and not self.is_over:
            raise Refused(_("It has an end: say whether it was completed or did not work out."))
        if self.ended_on and self.ended_on < self.asked_on:
            raise Refused(_("It cannot end before it was asked for."))
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
