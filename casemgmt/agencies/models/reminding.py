"""How somebody is reminded: their calendar feed, and the one e-mail a day."""

import hashlib
import secrets
from contextlib import contextmanager

from django.conf import settings
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from casemgmt.agencies.models.agency import Agency, AgencyFact, AgencyOwned, FactQuerySet, ScopedQuerySet
from casemgmt.agencies.models.people import StaffMember, acting_as


class FeedQuerySet(ScopedQuerySet):
    def _seen_by(self, staff):
        return self.filter(staff=staff)

    def live(self):
        """A NULL ended_at means that it still answers."""
        return self.filter(ended_at=None)


class CalendarFeed(AgencyOwned):
    """A secret address under which a calendar fetches somebody's own dates, without names; only its digest is kept."""

    parent = "staff"

    staff = models.ForeignKey(settings.AUDIT_PERSON_MODEL, models.PROTECT, related_name="feeds")
    digest = models.CharField(max_length=64, unique=True, editable=False)
    started_at = models.DateTimeField(default=timezone.now, editable=False)
    ended_at = models.DateTimeField(null=True, editable=False)

    objects = FeedQuerySet.as_manager()

    class Meta:
        verbose_name = _("calendar feed")
        verbose_name_plural = _("calendar feeds")

    def __str__(self):
        return f"{self.staff} {self.started_at:%Y-%m-%d}"

    @staticmethod
    def digest_of(token):
        return hashlib.sha256(token.encode(errors="replace")).hexdigest()

    @classmethod
    @transaction.atomic
    def open(cls, staff):
        """A new secret address; the one before stops answering. Returns the secret, which nobody can look up again.

        It begins with the agency, because nothing of an agency can be looked up without knowing which.
        """
        for row in cls.objects.filter(staff=staff).live():
            row.end()
        token = f"{staff.agency_id}.{secrets.token_urlsafe(32)}"
        cls.objects.create(staff=staff, digest=cls.digest_of(token))
        return token

    @classmethod
    @contextmanager
    def whose(cls, token):
        """Who fetches with this secret, inside their agency's walls; None where it ended, or they left."""
        number = token.partition(".")[0]
        known = number.isascii() and number.isdecimal() and len(number) < 19
        agency = Agency.objects.filter(pk=int(number)).first() if known else None
        if agency is None:
            yield None
            return
        with acting_as(agency, by=None):
            feed = cls.objects.filter(agency=agency, digest=cls.digest_of(token)).live().first()
            staff = feed and StaffMember.objects.filter(pk=feed.staff_id).working().first()
            yield staff if staff and staff.user_id and staff.user.is_active else None

    def end(self):
        self.ended_at = timezone.now()
        self.save()


class MailQuerySet(FactQuerySet):
    def _seen_by(self, staff):
        return self.filter(staff=staff)


class DailyMail(AgencyFact):
    """That somebody got their e-mail of a day, so that a job that runs twice does not send it twice."""

    parent = "staff"

    staff = models.ForeignKey(settings.AUDIT_PERSON_MODEL, models.PROTECT, related_name="+")
    on = models.DateField()
    items = models.PositiveIntegerField(default=0)
    sent_at = models.DateTimeField(default=timezone.now)

    objects = MailQuerySet.as_manager()

    class Meta:
        verbose_name = _("daily e-mail")
        verbose_name_plural = _("daily e-mails")
        constraints = [models.UniqueConstraint(fields=["staff", "on"], name="one_mail_a_day")]

    def __str__(self):
        return f"{self.staff} {self.on}"
