"""What a paper about a person holds, part by part, as prepared rows; each part may go out without the others."""

from datetime import timedelta

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from assessments.models import Need, Response, Strength
from assessments.results import answers, in_short
from casemgmt.agencies.words import capital, worded
from clients import consents
from clients.banner import born
from clients.models import CaseAssignment, Document, Enrollment, SafetyPlan, Visit
from serviceplans.models import ServicePlan, ServiceReferral
from serviceplans.rows import goal_rows

SUMMARY, PLAN, ANSWERS, SERVICES = "summary", "plan", "answers", "services"
VISITS, SAFETY, PAPERS = "visits", "safety", "papers"
PARTS = (
    (SUMMARY, _("Summary: who, since when, needs and strengths")),
    (PLAN, capital("plan")),
    (ANSWERS, _("The last answers to each questionnaire, with scores")),
    (SERVICES, _("Services of others")),
    (VISITS, worded(_("Dates of {visits} of the last 90 days, without notes"))),
    (SAFETY, _("Safety plan")),
    (PAPERS, _("List of documents")),
)
LATELY = timedelta(days=90)


def names_of(parts):
    """The parts in words, as the account of disclosures keeps them."""
    return "; ".join(str(label) for key, label in PARTS if key in parts)


def paper(staff, client, parts, enrollments):
    """The prepared rows of these parts, of these enrollments; only what this colleague sees."""
    chosen = [e.pk for e in enrollments]
    rows = {
        "parts": set(parts),
        "notice": next(filter(None, map(consents.redisclosure_notice, enrollments)), ""),
    }
    for key, prepare in PREPARED.items():
        if key in parts:
            rows |= prepare(staff, client, chosen)
    return rows


def _summary(staff, client, chosen):
    rows = Enrollment.objects.visible_to(staff).filter(pk__in=chosen).select_related("program")
    needs = Need.objects.visible_to(staff).filter(enrollment__in=chosen).open().in_order()
    strengths = Strength.objects.visible_to(staff).filter(enrollment__in=chosen).current()
    team = CaseAssignment.objects.visible_to(staff).filter(enrollment__in=chosen).accountable().in_force()
    return {
        "born": born(client),
        # A protected address stands on no paper.
        "address": "" if client.address_protected else client.address,
        "served": list(rows.order_by("enrolled_on")),
        "needs": [{"label": n.get_domain_display(), "words": n.words} for n in needs],
        "strengths": [s.text for s in strengths],
        "team": [link.staff for link in team.select_related("staff")],
    }


def _plan(staff, client, chosen):
    plans = ServicePlan.objects.visible_to(staff).filter(enrollment__in=chosen).in_force()
    return {
        "plans": [
            {"plan": plan, "goals": goal_rows(staff, plan)}
            for plan in plans.select_related("by").order_by("pk")
        ]
    }


def last_answers(staff, client, chosen):
    """The last finished answers to each questionnaire, of these enrollments and of none."""
    rows = Response.objects.visible_to(staff).complete().filter(client=client)
    rows = rows.filter(Q(enrollment=None) | Q(enrollment__in=chosen)).exclude(signed_at=None)
    found = {}
    for row in rows.select_related("instrument_version__instrument").order_by("-held_on", "-pk"):
        found.setdefault(row.instrument_version.instrument_id, row)
    return sorted(found.values(), key=lambda row: str(row).casefold())


def _answers(staff, client, chosen):
    return {
        "answered": [
            {
                "title": str(row),
                "on": row.held_on,
                "scores": in_short(row)["scores"],
                "said": [line for part in answers(row) for line in part["rows"] if line["said"]],
            }
            for row in last_answers(staff, client, chosen)
        ]
    }


def _services(staff, client, chosen):
    return {"services": list(ServiceReferral.objects.visible_to(staff).filter(enrollment__in=chosen).open())}


def _visits(staff, client, chosen):
    since = timezone.now() - LATELY
    rows = Visit.objects.visible_to(staff).filter(enrollment__in=chosen, started_at__gte=since)
    return {"visits": list(rows.select_related("service_type").order_by("-started_at"))}


def _safety(staff, client, chosen):
    plan = SafetyPlan.objects.visible_to(staff).filter(client=client).current().first()
    said = []
    if plan is not None:
        said = [(plan._meta.get_field(name).verbose_name, getattr(plan, name)) for name in plan.SECTIONS]
    return {"safety": [(label, words) for label, words in said if words]}


def _papers(staff, client, chosen):
    rows = Document.objects.visible_to(staff).filter(client=client, removed_on=None)
    return {"papers": [row for row in rows if row.enrollment_id is None or row.enrollment_id in chosen]}


PREPARED = {
    SUMMARY: _summary,
    PLAN: _plan,
    ANSWERS: _answers,
    SERVICES: _services,
    VISITS: _visits,
    SAFETY: _safety,
    PAPERS: _papers,
}
