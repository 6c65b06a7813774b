"""What pages and papers say about how a plan is signed: who answered what, who is still wanted, and its digest."""

from django.utils.translation import gettext_lazy as _

from casemgmt.agencies.words import worded
from clients.models import Disclosure
from serviceplans.models import PlanSignature

Answer, Kind = PlanSignature.Answer, PlanSignature.Kind

LOOKS = {
    Answer.SIGNED: ("ok", "check"),
    Answer.AGREED: ("info", "check"),
    Answer.REFUSED: ("warn", "x-lg"),
    Answer.UNABLE: ("muted", "clock"),
}
SAID = {
    Answer.SIGNED: _("Signed"),
    Answer.AGREED: _("Agreed, without signing"),
    Answer.REFUSED: _("Did not sign"),
    Answer.UNABLE: _("Not asked yet"),
}


def wanted_names(plan):
    """Who has not answered yet, by name."""
    return [_called(plan, who) for who in plan.still_wanted()]


def _called(plan, who):
    said = {"client": plan.enrollment.client.name, "supervisor": worded(_("{supervisor}"))}
    return str(said[who] if isinstance(who, str) else who)


def standing(staff, plan):
    """How the text that stands now is signed. Seven queries, fewer for a draft."""
    seal = plan.seal()
    if seal is None and not plan.signed_at:
        return {
            "names": [],
            "wanted": [],
            "to_hear": False,
            "refused": False,
            "ask_again": False,
            "digest": "",
            "given_on": None,
        }
    rows = PlanSignature.objects.visible_to(staff).filter(plan=plan, seal=seal)
    rows = list(rows.select_related("staff", "representative").order_by("pk"))
    last = {(row.kind, row.representative_id): row for row in rows}
    wanted = list(plan.still_wanted()) if plan.is_waiting else []
    answers = [row for row in last.values() if row.kind in (Kind.CLIENT, Kind.REPRESENTATIVE)]
    return {
        "names": [_name(row) for row in rows],
        "wanted": [_called(plan, who) for who in wanted],
        # Whether the person, or who decides for them, is among them.
        "to_hear": any(who != "supervisor" for who in wanted),
        "refused": plan.is_waiting
        and any(row.representative_id and row.answer == Answer.REFUSED for row in answers),
        "ask_again": plan.ended_on is None
        and any(row.answer in (Answer.UNABLE, Answer.REFUSED) for row in answers),
        "digest": seal.digest[:16] if seal else "",
        "given_on": _given_on(staff, plan),
    }


def _name(row):
    kind, icon = LOOKS[row.answer]
    role = row.representative.get_kind_display() if row.representative else row.get_kind_display()
    return {
        "name": row.typed_name,
        "role": role,
        "said": SAID[row.answer],
        "kind": kind,
        "icon": icon,
        "view": row.view,
        "at": row.signed_at,
        # Whose device it was.
        "by": row.staff if row.kind in (Kind.CLIENT, Kind.REPRESENTATIVE) else None,
    }


def _given_on(staff, plan):
    """The day on which the person got their first copy of this version; None: not yet."""
    given = Disclosure.objects.visible_to(staff).filter(
        client=plan.enrollment.client_id,
        basis=Disclosure.Basis.PERSON,
        enrollments__holds=plan.enrollment_id,
        parts__holds="plan",
        at__gte=plan.presented_at or plan.signed_at,
    )
    if plan.ended_on:
        given = given.filter(at__date__lte=plan.ended_on)
    return given.order_by("at").values_list("at", flat=True).first()
