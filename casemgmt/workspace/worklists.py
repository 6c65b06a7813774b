"""What is due, what is late, whom to see: derived by query for the day that is passed in, never stored."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.conf import settings
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from assessments.due import assessment_due, questionnaires_due
from assessments.models import Concern, Response, credentials_of
from casemgmt.agencies.words import worded
from casemgmt.workspace.consulting.items import consult_items
from casemgmt.workspace.day.tasks import draft_plans, own_items
from casemgmt.workspace.notes.items import note_items
from casemgmt.workspace.reporting.items import report_items
from casemgmt.workspace.service_items import approval_items, service_items
from clients.models import (
    AftercareFollowUp,
    Alert,
    Benefit,
    CaseAssignment,
    Consent,
    EligibilityDecision,
    Enrollment,
    IncomingReferral,
    Intake,
    Milestone,
    OutreachContact,
    SafetyPlan,
    Snooze,
    Visit,
    VisitParticipant,
)
from serviceplans.models import PlanAction, ServicePlan
from serviceplans.progress import plan_due

SOON = timedelta(days=7)
NOTICE = timedelta(days=14)  # an assessment or review is announced this long before (REQ-117)


@dataclass
class Item:
    """One thing to do for one person by one day."""

    kind: str
    what: str
    who: str
    client: int | None  # None: about oneself
    url: str
    due_on: date
    icon: str
    worker: int | None = None
    done_url: str = ""  # one tap there, and it is done
    subject: str = ""  # what it is about, the same on every day: it rests by kind and subject
    is_over: bool = False  # it was due at an hour that has passed

    @property
    def key(self):
        return self.kind, str(self.subject)

    def is_late(self, at):
        return self.due_on < at or self.is_over

    def late_by(self, at):
        return max((at - self.due_on).days, 0)

    def said(self, at):
        """The day in words: late by how much, today, tomorrow, or the date."""
        days = (self.due_on - at).days
        if self.is_over and days == 0:
            return _("late")
        if days < 0:
            return ngettext("%(n)d day late", "%(n)d days late", -days) % {"n": -days}
        if days < 2:
            return (_("today"), _("tomorrow"))[days]
        return date_format(self.due_on, "D j M")


def own_enrollments(staff):
    """What this person is accountable for today, with program, client and last contact."""
    mine = CaseAssignment.objects.visible_to(staff).filter(staff=staff).accountable().in_force()
    return (
        Enrollment.objects.visible_to(staff)
        .filter(pk__in=mine.values("enrollment"))
        .select_related("client", "program")
        .with_last_contact()
    )


def items_of_enrollments(enrollments, at, *, viewer):
    """Contacts, assessments, plans and reviews of these open enrollments. Six queries, however many they are."""
    found = []

    def add(kind, what, row, due_on, url, icon, subject=None):
        worker = getattr(row, "worker_id", None)
        about = str(subject or row.pk)
        found.append(
            Item(kind, str(what), row.client.name, row.client_id, url, due_on, icon, worker, subject=about)
        )

    assessed, planned = assessment_due(enrollments, at=at), plan_due(enrollments, at=at)
    by_pk = {row.pk: row for row in enrollments}
    for row in enrollments:
        here = reverse("workspace:client", kwargs={"pk": row.client_id})
        add("contact", worded("{Visit}"), row, row.contact_due_on(), here, "calendar-event")
        if row.pk in assessed:
            url = reverse("assessments:administration-create", kwargs={"pk": row.pk})
            add("assessment", _("Assessment"), row, assessed[row.pk], url, "clipboard-check")
        if row.pk in planned:
            add("plan", worded("{Plan}"), row, planned[row.pk], here, "bullseye")
    for pk, asks in questionnaires_due(enrollments, at=at).items():
        soon = [ask for ask in asks if ask.due_on <= at + NOTICE]
        if soon:
            row = by_pk[pk]
            url = reverse("assessments:response-list", kwargs={"pk": row.client_id}) + f"?enrollment={pk}"
            titles = ", ".join(ask.instrument.code for ask in soon)
            add("ask", _("Ask: %(what)s") % {"what": titles}, row, soon[0].due_on, url, "clipboard-data")
    reviews = (
        ServicePlan.objects.visible_to(viewer)
        .filter(enrollment__in=by_pk)
        .in_force(at)
        .exclude(review_on=None)
    )
    for plan_pk, enrollment_pk, due_on in reviews.values_list("pk", "enrollment", "review_on"):
        url = reverse("serviceplans:plan-review", kwargs={"pk": plan_pk})
        add("review", _("Plan review"), by_pk[enrollment_pk], due_on, url, "arrow-repeat", plan_pk)
    return found


def items_of(staff, at=None, *, enrollments=None):
    """Everything one worker has to do, late or soon (benefits a month ahead), save what they put off.

    A fixed number of queries. `enrollments` are their own open ones, where the caller has them already.
    """
    at = at or timezone.localdate()
    rests = {(row.kind, row.subject) for row in Snooze.objects.visible_to(staff).of(staff).resting(at)}
    return [item for item in all_items_of(staff, at, enrollments=enrollments) if item.key not in rests]


def all_items_of(staff, at, *, enrollments=None):
    """The same with what rests."""
    horizon = at + NOTICE
    if enrollments is None:
        enrollments = list(own_enrollments(staff).open())
    found = items_of_enrollments(enrollments, at, viewer=staff)
    found += _answers(staff, enrollments, at)
    found += _notes(staff)
    found += _returned(staff, at)
    for follow in (
        AftercareFollowUp.objects.visible_to(staff)
        .open()
        .filter(assigned_to=staff, due_on__lte=horizon)
        .select_related("discharge__enrollment__client")
    ):
        client = follow.discharge.enrollment.client
        url = reverse("clients:follow-up", kwargs={"pk": follow.pk})
        found.append(
            Item(
                "aftercare",
                _("Aftercare"),
                client.name,
                client.pk,
                url,
                follow.due_on,
                "heart",
                subject=follow.pk,
            )
        )
    actions = (
        PlanAction.objects.visible_to(staff)
        .open()
        .awake()
        .filter(staff=staff, due_on__lte=horizon, objective__goal__plan__ended_on=None)
        .exclude(objective__goal__plan__signed_at=None)
        .select_related("objective__goal__plan__enrollment__client")
    )
    for action in actions:
        plan = action.objective.goal.plan
        client, url = plan.enrollment.client, reverse("serviceplans:plan-detail", kwargs={"pk": plan.pk})
        due_on = action.due_on
        found.append(
            Item(
                "action", action.text, client.name, client.pk, url, due_on, "check2-circle", subject=action.pk
            )
        )
    found += [_of(row) for row in service_items(staff, enrollments, horizon, at)]
    found += _milestones(staff, enrollments, horizon)
    found += _front_door(staff, at)
    found = [item for item in found if item.due_on <= horizon]
    people = {e.client_id: e.client for e in enrollments}
    found += _around(staff, people, at)
    found += _consents(staff, people, at)
    found += [_of(row) for row in approval_items(staff, enrollments, at)]
    found += [_of(row) for row in own_items(staff, at)]
    found += [_of(row) for row in report_items(staff, at)]
    found += [_of(row) for row in note_items(staff)]
    found += [_of(row) for row in consult_items(staff)]
    found = _with_drafts(found, draft_plans(staff, enrollments, at))
    return sorted(found, key=lambda i: (i.due_on, i.who))


def _of(row):
    kind, what, client, url, due_on, icon, subject, *over = row
    name, pk = (client.name, client.pk) if client else (_("You"), None)
    return Item(kind, what, name, pk, url, due_on, icon, subject=subject, is_over=any(over))


def _with_drafts(found, drafts):
    """Where a draft of a plan is there, the way leads to it, once."""
    drafts = {enrollment: _of(row) for enrollment, row in drafts.items()}
    begun = {str(pk) for pk in drafts}
    for item in found:
        if item.kind == "plan" and item.subject in begun:
            draft = drafts[int(item.subject)]
            draft.due_on = min(draft.due_on, item.due_on)
    returned = {item.url for item in found if item.kind == "returned"}
    found = [item for item in found if item.kind != "plan" or item.subject not in begun]
    return found + [draft for draft in drafts.values() if draft.url not in returned]


def _consents(staff, people, at):
    """Consents that run out soon, longer ahead than other things: they take a talk (REQ-132)."""
    soon = at + timedelta(days=settings.CONSENT_NOTICE_DAYS)
    for row in Consent.objects.visible_to(staff).filter(client__in=people).to_expire(soon, at):
        client = people[row.client_id]
        url = reverse("clients:consent-give", kwargs={"pk": client.pk}) + f"?renew={row.pk}"
        what = _("Consent runs out: %(kind)s") % {"kind": row.get_kind_display()}
        yield Item(
            "consent", what, client.name, client.pk, url, row.expires_on, "shield-lock", subject=row.pk
        )


def _milestones(staff, enrollments, horizon):
    """The dated steps of programs of a fixed length (REQ-78)."""
    people = {row.pk: row.client for row in enrollments}
    rows = Milestone.objects.visible_to(staff).open().filter(enrollment__in=people, due_on__lte=horizon)
    for row in rows:
        client = people[row.enrollment_id]
        url = reverse("workspace:client", kwargs={"pk": client.pk}) + f"?enrollment={row.enrollment_id}"
        done_url = reverse("clients:milestone-done", kwargs={"pk": row.pk})
        yield Item(
            "milestone",
            row.title,
            client.name,
            client.pk,
            url,
            row.due_on,
            "flag",
            done_url=done_url,
            subject=row.pk,
        )


def _answers(staff, enrollments, at):
    """Answers that must be acted upon, and questionnaires that people finished alone and nobody has signed.

    Of one's own people, and of whoever one asked oneself, at intake for example.
    """
    own = {row.client_id for row in enrollments}
    concerns = Concern.objects.visible_to(staff).open().tasks()
    concerns = concerns.filter(Q(response__client__in=own) | Q(response__by=staff))
    for row in concerns.select_related("response__client", "response__instrument_version__instrument"):
        client = row.response.client
        url = reverse("assessments:concern-handle", kwargs={"pk": row.pk})
        what = _("Act upon an answer: %(what)s") % {"what": row.response}
        day = timezone.localtime(row.raised_at).date()
        yield Item("concern", what, client.name, client.pk, url, day, "exclamation-triangle", subject=row.pk)
    waiting = Response.objects.visible_to(staff).to_finalise().filter(Q(client__in=own) | Q(by=staff))
    waiting = list(waiting.select_related("client", "instrument_version__instrument"))
    held = credentials_of(staff) if waiting else ()
    for row in waiting:
        if row.instrument_version.instrument.may_finish(staff, held):
            url = reverse("assessments:response-detail", kwargs={"pk": row.pk})
            what = _("Look at the answers: %(what)s") % {"what": row}
            yield Item(
                "answers",
                what,
                row.client.name,
                row.client_id,
                url,
                row.held_on,
                "clipboard-check",
                subject=row.pk,
            )


def _notes(staff):
    """Notes that this person led and has not signed, due by the program's time (REQ-150)."""
    led = VisitParticipant.objects.visible_to(staff).filter(staff=staff, role=VisitParticipant.Role.LEAD)
    drafts = Visit.objects.visible_to(staff).drafts().filter(pk__in=led.values("visit"))
    for visit in drafts.select_related("enrollment__client", "enrollment__program"):
        client = visit.enrollment.client
        due_on = timezone.localtime(visit.note_due_at).date()
        url = reverse("workspace:visit-edit", kwargs={"pk": visit.pk})
        yield Item("note", _("Note to sign"), client.name, client.pk, url, due_on, "pencil", subject=visit.pk)


def _returned(staff, at):
    """Plans of this person that came back before they were in force."""
    rows = ServicePlan.objects.visible_to(staff).returned_to(staff).select_related("enrollment__client")
    for plan in rows:
        client, url = plan.enrollment.client, reverse("serviceplans:plan-detail", kwargs={"pk": plan.pk})
        yield Item(
            "returned",
            worded(_("{Plan} came back")),
            client.name,
            client.pk,
            url,
            at,
            "pencil",
            subject=plan.pk,
        )


def _around(staff, clients, at):
    """Benefits that must be renewed, a month ahead (REQ-36), and safety plans and alerts to look at again."""
    until = at + timedelta(days=settings.BENEFIT_NOTICE_DAYS)
    for row in Benefit.objects.visible_to(staff).filter(client__in=clients).to_renew(until, at):
        yield _of_person(clients[row.client_id], "benefit", _("Renew: %(what)s"), row.name, row, row.renew_on)
    until = at + SOON
    for row in SafetyPlan.objects.visible_to(staff).filter(client__in=clients).to_look_at(until):
        url = reverse("clients:safety", kwargs={"pk": row.client_id})
        name = clients[row.client_id].name
        yield Item(
            "safety",
            _("Safety plan to look at"),
            name,
            row.client_id,
            url,
            row.review_on,
            "shield-lock",
            subject=row.pk,
        )
    for row in Alert.objects.visible_to(staff).filter(client__in=clients).to_review(at, until=until):
        yield _of_person(
            clients[row.client_id], "alert", _("Alert to review: %(what)s"), row.text, row, row.review_on
        )


def _of_person(client, kind, says, what, row, due_on):
    url = reverse("clients:around-edit", kwargs={"pk": client.pk, "kind": kind, "row": row.pk})
    icon = "exclamation-triangle" if kind == "alert" else "arrow-repeat"
    return Item(kind, says % {"what": what}, client.name, client.pk, url, due_on, icon, subject=row.pk)


def _front_door(staff, at):
    """Referrals nobody has met, intakes without a decision, and referrals out to ask about."""
    days = {IncomingReferral.Urgency.URGENT: 0, IncomingReferral.Urgency.SOON: 2}
    waiting = list(
        IncomingReferral.objects.visible_to(staff)
        .open()
        .filter(assigned_to=staff, intake=None)
        .select_related("client")
    )
    tries = OutreachContact.objects.visible_to(staff).filter(referral__in=[row.pk for row in waiting])
    again = dict(tries.order_by("tried_at", "pk").values_list("referral", "next_on"))
    for row in waiting:
        due_on = again.get(row.pk) or row.received_on + timedelta(days=days.get(row.urgency, 7))
        what = _("Try again to reach them") if again.get(row.pk) else _("Referral to meet")
        url = reverse("clients:referral-detail", kwargs={"pk": row.pk})
        yield Item("referral", what, row.client.name, row.client_id, url, due_on, "door-open", subject=row.pk)
    undecided = Intake.objects.visible_to(staff).open().filter(assigned_to=staff, decisions=None)
    for row in undecided.select_related("client"):
        url = reverse("clients:intake-detail", kwargs={"pk": row.pk})
        due_on, what = row.started_on + timedelta(days=7), _("Intake to decide")
        if missing := [str(words) for words in row.lacks()]:
            url = reverse("clients:intake-edit", kwargs={"pk": row.pk})
            due_on, what = row.started_on, _("Intake to finish: %(what)s") % {"what": ", ".join(missing)}
        yield Item("intake", what, row.client.name, row.client_id, url, due_on, "door-open", subject=row.pk)
    asked = EligibilityDecision.objects.visible_to(staff).to_follow_up().filter(decided_by=staff)
    for row in asked.filter(follow_up_on__lte=at + NOTICE).select_related("intake__client"):
        client, url = row.intake.client, reverse("clients:decision-followed-up", kwargs={"pk": row.pk})
        found_on = row.follow_up_on
        yield Item(
            "refer_out",
            _("Ask how the referral went"),
            client.name,
            client.pk,
            url,
            found_on,
            "telephone",
            subject=row.pk,
        )
