"""Questionnaires that an agency has: what they are, their versions, and where they are used."""

import hashlib
import json

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models, transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from assessments.asking import names_of
from assessments.definition import Malformed, parse
from casemgmt.agencies.models import AgencyOwned, Credential, Program, ScopedQuerySet
from casemgmt.agencies.words import worded
from casemgmt.core.models import Refused, create_many


class InstrumentQuerySet(ScopedQuerySet):
    def offered(self, at=None):
        """In use on this day; a NULL ended_on means still offered."""
        return self.filter(Q(ended_on=None) | Q(ended_on__gt=at or timezone.localdate()))


class Instrument(AgencyOwned):
    """A questionnaire of the agency, whatever its versions say; what it asks stands in each version."""

    class Audience(models.TextChoices):
        CLIENT = "client", _("The people we serve")
        STAFF = "staff", _("Staff, about themselves")
        PAIR = "pair", worded(_("{Mentor} and {mentee}, about their work together"))
        PROGRAM = "program", _("A program, about itself")

    code = models.CharField(_("code"), max_length=60)
    title = models.CharField(_("title"), max_length=200)
    audience = models.CharField(_("who it is about"), max_length=7, choices=Audience, default=Audience.CLIENT)
    requires = models.CharField(
        _("finished only by somebody with"),
        max_length=100,
        blank=True,
        help_text=_("A licence, certificate or degree, such as “LCSW”. Anybody may fill it in."),
    )
    ended_on = models.DateField(_("no longer offered from"), null=True, blank=True)

    objects = InstrumentQuerySet.as_manager()

    class Meta:
        verbose_name = _("questionnaire")
        verbose_name_plural = _("questionnaires")
        ordering = ["title", "pk"]
        constraints = [models.UniqueConstraint(fields=["agency", "code"], name="instrument_code_once")]

    def __str__(self):
        return self.title

    @property
    def is_about_staff(self):
        """Staff answer these about themselves, and nobody else reads what they said (REQ-50)."""
        return self.audience in (self.Audience.STAFF, self.Audience.PAIR)

    def may_finish(self, staff, held=None):
        """Whether this person holds what the agency asks of whoever finishes it (REQ-38).

        `held` is `credentials_of(staff)`, for who asks of many.
        """
        wanted = _plain(self.requires)
        return not wanted or wanted in (credentials_of(staff) if held is None else held)


def credentials_of(staff, at=None):
    """What somebody holds on this day: credentials that have not expired, and the highest degree. One query."""
    day = at or timezone.localdate()
    held = Credential.objects.filter(staff=staff).exclude(expires_on__lt=day).values_list("kind", flat=True)
    return {_plain(kind) for kind in (*held, staff.highest_degree)} - {""}


def _plain(text):
    return " ".join(text.replace("’", "'").casefold().split())


class VersionQuerySet(ScopedQuerySet):
    def answered(self, at=None):
        """Published and not withdrawn, the newest first; a NULL published_on is a draft, a NULL withdrawn_on in use."""
        day = at or timezone.localdate()
        rows = self.filter(published_on__lte=day).filter(Q(withdrawn_on=None) | Q(withdrawn_on__gt=day))
        return rows.order_by("-published_on", "-pk")

    def one_each(self, language=""):
        """The version of each questionnaire to begin with somebody of this language, by its key. One query.

        `language` is a code or a name as people write it, such as “Spanish”; else the newest version of all.
        """
        wanted, found = language.strip().casefold(), {}
        for row in self.select_related("instrument"):
            before = found.get(row.instrument_id)
            if before is None or (
                wanted in names_of(row.language) and wanted not in names_of(before.language)
            ):
                found[row.instrument_id] = row
        return found


class InstrumentVersion(AgencyOwned):
    """What a questionnaire asks and how it is scored, in one language; once published it never changes.

    `definition` is our own exchange format (docs/instruments.md); a draft may still be faulty.
    """

    parent = "instrument"

    instrument = models.ForeignKey(
        Instrument, models.PROTECT, related_name="versions", verbose_name=_("questionnaire")
    )
    edition = models.CharField(_("version"), max_length=40, default="1")
    language = models.CharField(_("language"), max_length=20, default="en")
    definition = models.JSONField(_("what it asks"), default=dict)
    published_on = models.DateField(_("published"), null=True, editable=False)
    withdrawn_on = models.DateField(_("withdrawn"), null=True, editable=False)
    digest = models.CharField(max_length=64, editable=False)  # of what was published; "" in a draft

    objects = VersionQuerySet.as_manager()

    class Meta:
        verbose_name = _("version of a questionnaire")
        verbose_name_plural = _("versions of questionnaires")
        ordering = ["instrument", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["instrument", "edition", "language"], name="instrument_edition_once"
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_on=None) | Q(withdrawn_on__gte=F("published_on")),
                name="version_withdrawn_after_publishing",
            ),
        ]

    def __str__(self):
        return f"{self.instrument} {self.edition}, {self.language}"

    def save(self, *args, **kwargs):
        """Raises Refused when what was published would change: answers are bound to it (DOMAIN 3.1)."""
        if self.digest and self.digest != self._digest():
            raise Refused(_("This version is published and never changes. Make a new version of it."))
        super().save(*args, **kwargs)

    def _digest(self):
        said = json.dumps([self.edition, self.language, self.definition], sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(said.encode()).hexdigest()

    @property
    def parsed(self):
        """The definition, read once for each row. Raises Malformed while a draft is faulty."""
        said = json.dumps(self.definition, sort_keys=True)
        if getattr(self, "_parsed", (None,))[0] != said:
            self._parsed = (said, parse(self.definition))
        return self._parsed[1]

    @property
    def faults(self):
        """What keeps a draft from being published: (where, sentence); nothing when it could be."""
        try:
            self.parsed  # noqa: B018 (asked for its refusal)
        except Malformed as malformed:
            return malformed.faults
        return []

    @property
    def is_draft(self):
        return self.published_on is None

    @property
    def is_withdrawn(self):
        return self.withdrawn_on is not None and self.withdrawn_on <= timezone.localdate()

    @transaction.atomic
    def publish(self):
        """From today on this version is answered, and never changes. Raises Refused while it is faulty."""
        if not self.is_draft:
            raise Refused(_("This version is published already."))
        if self.faults:
            raise Refused(*(f"{where}: {what}" for where, what in self.faults))
        self.published_on, self.digest = timezone.localdate(), self._digest()
        self.save()

    @transaction.atomic
    def withdraw(self):
        """Nobody begins this version any more; whoever is half way through may finish."""
        if self.is_draft or self.withdrawn_on:
            raise Refused(_("Only a published version can be withdrawn."))
        self.withdrawn_on = timezone.localdate()
        self.save()

    @classmethod
    @transaction.atomic
    def take_in(cls, agency, raw):
        """The version that this definition says, new or found again; raises Malformed, or Refused for another text.

        The instrument is made where the agency has none of that code.
        """
        told = parse(raw)
        instrument, _is_new = Instrument.objects.get_or_create(
            agency=agency,
            code=told.code,
            defaults={"title": told.title, "audience": told.audience, "requires": told.requires},
        )
        row = cls.objects.filter(instrument=instrument, edition=told.version, language=told.language).first()
        if row is None:
            row = cls(instrument=instrument, edition=told.version, language=told.language)
        elif not row.is_draft and row.definition != raw:
            raise Refused(
                _(
                    "Version %(edition)s of %(code)s is published and says something else. Give it a new number."
                )
                % {"edition": told.version, "code": told.code}
            )
        if row._state.adding or row.definition != raw:
            row.definition = raw
            row.save()
        return row

    @classmethod
    @transaction.atomic
    def take_published(cls, agency, raws):
        """The versions that these definitions say, answered from today on; one that is there stays as it is."""
        told = [(raw, parse(raw)) for raw in raws]
        known = {row.code: row for row in Instrument.objects.filter(agency=agency)}
        fresh = {t.code: t for _raw, t in told if t.code not in known}
        new = [
            Instrument(agency=agency, code=code, title=t.title, audience=t.audience, requires=t.requires)
            for code, t in fresh.items()
        ]
        instruments = known | {row.code: row for row in create_many(Instrument, new)}
        rows = cls.objects.filter(agency=agency).select_related("instrument")
        have = {(row.instrument.code, row.edition, row.language): row for row in rows}
        made = [
            cls(
                agency=agency,
                instrument=instruments[t.code],
                edition=t.version,
                language=t.language,
                definition=raw,
                published_on=timezone.localdate(),
            )
            for raw, t in told
            if (t.code, t.version, t.language) not in have
        ]
        for row in made:
            row.digest = row._digest()
        have |= {(r.instrument.code, r.edition, r.language): r for r in create_many(cls, made)}
        return [have[t.code, t.version, t.language] for _raw, t in told]


class ProgramInstrument(AgencyOwned):
    """A questionnaire that a program uses: when it is first due, how often again, and whether it is reviewed."""

    parent = "program"

    program = models.ForeignKey(Program, models.PROTECT, related_name="+", verbose_name=_("program"))
    instrument = models.ForeignKey(
        Instrument, models.PROTECT, related_name="uses", verbose_name=_("questionnaire")
    )
    within_days = models.PositiveSmallIntegerField(
        _("days from enrolling to the first"),
        null=True,
        blank=True,
        validators=[MaxValueValidator(3650)],
        help_text=_("Empty: never due by itself."),
    )
    every_days = models.PositiveSmallIntegerField(
        _("days until the next"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(3650)],
        help_text=_("Empty: once is enough."),
    )
    needs_review = models.BooleanField(worded(_("a {supervisor} looks at each")), default=False)
    ended_on = models.DateField(_("no longer used from"), null=True, blank=True)

    objects = InstrumentQuerySet.as_manager()

    class Meta:
        verbose_name = _("use in a program")
        verbose_name_plural = _("use in programs")
        ordering = ["program", "instrument"]
        constraints = [
            models.UniqueConstraint(
                fields=["program", "instrument"], condition=Q(ended_on=None), name="instrument_used_once"
            )
        ]

    def __str__(self):
        return f"{self.instrument}: {self.program}"
