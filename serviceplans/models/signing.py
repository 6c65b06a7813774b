"""How a plan is signed: sealed word by word, answered by everybody who has a say, and only then in force."""

import json
from datetime import UTC, timedelta

from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from casemgmt.agencies.models import Addendum, AgencyFact, Signature, StaffMember
from casemgmt.agencies.words import worded
from casemgmt.core.models import Refused, Signed
from clients.models import Enrollment, LegalRepresentative
from clients.pipeline import Stage
from serviceplans import sealing


class SignedTogether(Signed):
    """A draft, then locked for those who have to sign, then in force: `signed_at` is when the last of them did."""

    # From then on its content is locked, and those who have to sign read it. NULL: it is being written.
    presented_at = models.DateTimeField(_("ready to be signed since"), null=True, editable=False)
    presented_by = models.ForeignKey(
        StaffMember,
        models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("presented by"),
    )
    returned_note = models.TextField(_("why it came back"), blank=True, editable=False)

    class Meta:
        abstract = True

    @property
    def is_locked(self):
        """Nobody changes what others have begun to sign."""
        return self.presented_at is not None or super().is_locked

    @property
    def is_waiting(self):
        """Ready, and somebody still has to sign."""
        return self.presented_at is not None and self.signed_at is None

    @transaction.atomic
    def present(self, *, by, typed_name="", answers=(), agreements=()):
        """Lock the content, seal it, and put the author's name under it; then hear the `answers` given with it.

        Each answer is what `hear` takes besides `by`; `agreements` are goals with what the person says to each. In
        force it is once everybody who has to has answered. Raises Refused with what is missing, or as `hear` does.
        """
        self.hold_draft(self.pk)
        if not self.enrollment.is_open:
            raise Refused(worded(_("Service has ended: there is nothing to plan in this {enrollment}.")))
        for goal, said in agreements:
            goal.agreement = said
            goal.save()
        lacks = list(self.missing())
        if lacks:
            raise Refused(*lacks)
        self.presented_at, self.presented_by, self.returned_note = timezone.now(), by, ""
        self.save()
        PlanSeal.put_on(self)
        self._put_name(kind=PlanSignature.Kind.AUTHOR, by=by, typed_name=typed_name or by.name)
        for answer in answers:
            self.hear(by=by, **answer)
        self._take_effect(by=by)

    @transaction.atomic
    def hear(self, *, by, answer, typed_name="", view="", representative=None):
        """Write down how the person, or who represents them, answers to the plan; `by` holds the device.

        Raises Refused before it was presented or once it is replaced, for an authority that does not hold today
        (REQ-128), a signature without a name, and a refusal or an absence without a word on it.
        """
        locked = type(self).objects.select_for_update(of=("self",)).get(pk=self.pk)
        said = PlanSignature.Answer(answer)
        problems = []
        if locked.presented_at is None or locked.ended_on is not None:
            problems.append(worded(_("This {plan} is not there to be signed.")))
        if representative is not None:
            foreign = representative.client_id != self.enrollment.client_id
            why_not = _("They represent somebody else.") if foreign else representative.why_not_sign("plan")
            problems.extend([why_not] if why_not else [])
        if said == PlanSignature.Answer.SIGNED and not typed_name.strip():
            problems.append(_("Type the name of who signs."))
        if said == PlanSignature.Answer.REFUSED and not view.strip():
            problems.append(_("Write down what they say about it."))
        if said == PlanSignature.Answer.UNABLE and not view.strip():
            problems.append(_("Say why they could not be asked."))
        if problems:
            raise Refused(*problems)
        client = self.enrollment.client
        self._put_name(
            kind=PlanSignature.Kind.REPRESENTATIVE if representative else PlanSignature.Kind.CLIENT,
            by=by,
            representative=representative,
            answer=said,
            typed_name=typed_name.strip() or (representative.name if representative else client.name),
            view=view.strip(),
        )
        self._take_effect(by=by)

    @transaction.atomic
    def cosign(self, *, by, typed_name=""):
        """A supervisor puts their name under it; raises Refused for one's own plan, and where it does not wait."""
        locked = type(self).objects.select_for_update(of=("self",)).get(pk=self.pk)
        if not locked.is_waiting or locked.cosigned_at is not None:
            raise Refused(worded(_("This {plan} does not wait for a second signature.")))
        if by.pk in (locked.by_id, locked.presented_by_id):
            raise Refused(worded(_("Nobody signs their own {plan} as the second person.")))
        self.cosigned_at = timezone.now()
        self.save()
        self._put_name(kind=PlanSignature.Kind.COSIGNER, by=by, typed_name=typed_name or by.name)
        self._take_effect(by=by)

    @transaction.atomic
    def send_back(self, *, by, note):
        """Open it again before it is in force, and say why; what was signed so far does not count for what follows."""
        locked = type(self).objects.select_for_update(of=("self",)).get(pk=self.pk)
        if not locked.is_waiting:
            raise Refused(worded(_("Only a {plan} that waits for signatures goes back.")))
        if not note.strip():
            raise Refused(_("Say what has to change."))
        self.presented_at = self.presented_by = self.cosigned_at = None
        self.returned_note = note.strip()
        self.save()

    def seal(self):
        """The seal on what is signed now, or None while it is written. One query."""
        return self.seals.order_by("-pk").first() if self.presented_at or self.signed_at else None

    def still_wanted(self):
        """Who has not answered yet: “client”, each representative who may sign today, “supervisor”. Four queries.

        The person may be asked later; without who decides for them nothing is in force.
        """
        seal = self.seal()
        names = list(self.signatures.filter(seal=seal)) if seal else []
        if not any(n.kind == PlanSignature.Kind.CLIENT for n in names):
            yield "client"
        answered = {n.representative_id for n in names if n.answer != PlanSignature.Answer.UNABLE}
        for row in LegalRepresentative.objects.filter(client=self.enrollment.client_id).may_sign("plan"):
            if row.pk not in answered:
                yield row
        if self.enrollment.program.cosigns_plans and self.cosigned_at is None:
            yield "supervisor"

    def _put_name(self, *, by, **said):
        row = PlanSignature(plan=self, seal=self.seal(), staff=by, signed_at=timezone.now(), **said)
        row.mark = row.marked()
        row.save()

    def _refused_by_right(self):
        """Whether somebody who decides for the person today has said no last."""
        deciding = LegalRepresentative.objects.filter(client=self.enrollment.client_id).may_sign("plan")
        last = {}
        for row in self.signatures.filter(seal=self.seal(), representative__in=deciding).order_by("pk"):
            last[row.representative_id] = row.answer
        return PlanSignature.Answer.REFUSED in last.values()

    def _take_effect(self, *, by):
        """In force once everybody has answered: replaces the plan before, makes the enrollment planned."""
        if self.signed_at is not None or any(self.still_wanted()) or self._refused_by_right():
            return
        # What waited while service ended is agreed, and no longer needed.
        if not Enrollment.objects.filter(pk=self.enrollment_id).open().exists():
            return
        for older in (
            type(self).objects.filter(enrollment=self.enrollment, ended_on=None).exclude(signed_at=None)
        ):
            older.ended_on = max(self.starts_on, older.starts_on)
            older.save()
        if self.review_on is None:
            self.review_on = self.starts_on + timedelta(days=self.enrollment.rhythm.review_every_days)
        self.signed_at = timezone.now()
        self.save()
        # A plan that starts later makes the enrollment planned on that day, by hand.
        if self.enrollment.stage == Stage.ASSESSED and self.is_in_force:
            self.enrollment.move_to(Stage.PLANNED, by=by)


class PlanSeal(AgencyFact):
    """What was there to be signed, word by word, with a keyed digest: nobody changes it afterwards unseen."""

    path = "plan__enrollment"

    plan = models.ForeignKey("serviceplans.ServicePlan", models.PROTECT, related_name="seals")
    content = models.TextField(_("content"))
    digest = models.CharField(_("digest"), max_length=64)
    before = models.CharField(_("digest of the version before"), max_length=64, blank=True)
    made_at = models.DateTimeField(_("sealed"), default=timezone.now)

    class Meta:
        verbose_name = _("seal of a plan")
        verbose_name_plural = _("seals of plans")
        ordering = ["pk"]

    def __str__(self):
        return self.digest[:12]

    @classmethod
    def put_on(cls, plan):
        """Seal the plan as it stands in the database now."""
        content = sealing.canonical(sealing.content_of(plan))
        last = cls.objects.filter(plan__enrollment=plan.enrollment_id).order_by("-pk").first()
        before = last.digest if last else ""
        return cls.objects.create(
            plan=plan, content=content, before=before, digest=sealing.digest(content, before)
        )

    def broken(self):
        """What no longer is as it was sealed, as paths such as `goals.0.title`; nothing means whole."""
        if sealing.digest(self.content, self.before) != self.digest:
            yield "digest"
        earlier = PlanSeal.objects.filter(plan__enrollment=self.plan.enrollment_id, pk__lt=self.pk).last()
        if self.before != (earlier.digest if earlier else ""):
            yield "before"
        if self.plan.signed_at is None and self.plan.history.exclude(signed_at=None).exists():
            yield "signed_at"
        names = list(self.signatures.all())
        wanted = {PlanSignature.Kind.AUTHOR}
        if self.plan.seal() == self:
            yield from sealing.differences(sealing.read(self.content), sealing.content_of(self.plan))
            wanted |= {PlanSignature.Kind.CLIENT} if self.plan.signed_at else set()
            wanted |= {PlanSignature.Kind.COSIGNER} if self.plan.cosigned_at else set()
        for kind in sorted(wanted - {name.kind for name in names}):
            yield f"signature.{kind}"
        for name in names:
            if name.mark != name.marked():
                yield f"signature.{name.pk}"


class PlanSignature(Signature):
    """Somebody's answer to a plan: the author's and the co-signer's name, the person's and who represents them."""

    class Kind(models.TextChoices):
        AUTHOR = "author", _("Author")
        COSIGNER = "cosigner", _("Second signature")
        CLIENT = "client", worded("{Client}")
        REPRESENTATIVE = "represent", _("Legal representative")

    class Answer(models.TextChoices):
        SIGNED = "signed", _("Signs")
        AGREED = "agreed", _("Agrees, without signing")
        REFUSED = "refused", _("Does not sign")
        UNABLE = "unable", _("Could not be asked yet")

    path = "plan__enrollment"
    plan = models.ForeignKey("serviceplans.ServicePlan", models.PROTECT, related_name="signatures")
    kind = models.CharField(_("as"), max_length=10, choices=Kind, default=Kind.AUTHOR)
    # NULL: signed before there were seals.
    seal = models.ForeignKey(PlanSeal, models.PROTECT, null=True, related_name="signatures")
    representative = models.ForeignKey(LegalRepresentative, models.PROTECT, null=True, related_name="+")
    answer = models.CharField(_("answer"), max_length=8, choices=Answer, default=Answer.SIGNED)
    view = models.TextField(_("in their words"), blank=True)
    mark = models.CharField(_("mark"), max_length=64, blank=True)

    def marked(self):
        """The keyed digest that its mark has to be."""
        seal = self.seal.digest if self.seal else ""
        when = self.signed_at.astimezone(UTC).isoformat()
        said = (
            self.kind,
            self.answer,
            self.typed_name,
            self.view,
            self.representative_id,
            self.staff_id,
            when,
        )
        return sealing.digest(json.dumps(said), seal)


class PlanAddendum(Addendum):
    """What was added to a plan after it was signed; more than a remark takes a new version."""

    path = "plan__enrollment"
    plan = models.ForeignKey("serviceplans.ServicePlan", models.PROTECT, related_name="addenda")

    def put(self):
        """Write it. Raises Refused before the plan was signed, when it can be changed itself."""
        if self.plan.signed_at is None:
            raise Refused(worded(_("This {plan} is not signed yet: change it itself.")))
        self.save()
