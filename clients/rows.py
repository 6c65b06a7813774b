"""What is around a person as lines to read: one shape for every kind of row, so that a page shows them alike."""

from dataclasses import dataclass, field
from datetime import timedelta

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from casemgmt.agencies.words import cap, term
from clients.models import (
    Alert,
    Benefit,
    Crisis,
    LegalRepresentative,
    LivingArrangement,
    OtherName,
    OtherWorker,
    RelatedPerson,
)


@dataclass
class Line:
    """A row in words; `is_over` lines stand last."""

    title: str
    meta: list
    url: str = ""
    phone: str = ""
    email: str = ""
    tags: list = field(default_factory=list)
    is_over: bool = False
    opens: str = ""


@dataclass
class Section:
    """A heading, where a line is added, and the lines."""

    key: str
    title: str
    add_url: str
    lines: list


def day(when):
    return date_format(when, "j M Y")


def dollars(cents):
    return f"${cents // 100:,}.{cents % 100:02}"


def tag(label, kind="muted", icon=None):
    return {"label": label, "kind": kind, "icon": icon}


def period(row):
    """From when to when, in words; empty when neither is known."""
    said = {"start": row.started_on and day(row.started_on), "end": row.ended_on and day(row.ended_on)}
    if row.started_on and row.ended_on:
        return _("%(start)s to %(end)s") % said
    if row.started_on:
        return _("since %(start)s") % said
    return _("until %(end)s") % said if row.ended_on else ""


def _line(row, client, at, kind, title, meta, tags=(), *, over="", last_day_counts=False):
    """The line of a row; where it is over, a tag says so in words."""
    ended = getattr(row, "ended_on", None)
    is_over = ended is not None and (ended < at if last_day_counts else ended <= at)
    when = period(row) if hasattr(row, "ended_on") else ""
    return Line(
        title=str(title),
        meta=[str(m) for m in (*meta, getattr(row, "note", ""), when) if m],
        url=reverse("clients:around-edit", kwargs={"pk": client.pk, "kind": kind, "row": row.pk}),
        phone=getattr(row, "phone", ""),
        email=getattr(row, "email", ""),
        tags=[tag(over or _("Past"), "muted", "clock-history")] if is_over else [t for t in tags if t],
        is_over=is_over,
    )


def _name(row, client, at):
    return _line(row, client, at, "name", row.name, [row.get_kind_display()])


def _alert(row, client, at):
    is_safety = row.kind == Alert.Kind.SAFETY
    late = row.review_on < at
    silent = _("No longer shown") if is_safety else _("To review")
    said = _("ends on %(day)s unless renewed") if is_safety else _("look again on %(day)s")
    meta = [f"{row.get_kind_display()}, {said % {'day': day(row.review_on)}}", row.basis]
    return _line(row, client, at, "alert", row.text, meta, [late and tag(silent, "warn")])


def _related(row, client, at):
    meta = [
        row.get_relation_display() + (_(", lives with them") if row.lives_with else ""),
        row.may_be_told and _("May be told: %(what)s") % {"what": row.may_be_told},
    ]
    tags = [
        row.is_emergency_contact and tag(_("Call in an emergency"), "danger", "telephone"),
        row.is_support and tag(_("Support"), "info", "heart"),
    ]
    return _line(row, client, at, "related", row.name, meta, tags)


def _representative(row, client, at):
    scopes = ("for_health", "for_information", "for_money")
    about = ", ".join(str(row._meta.get_field(n).verbose_name) for n in scopes if getattr(row, n))
    paper = row.document_seen_on and _("paper seen on %(day)s") % {"day": day(row.document_seen_on)}
    wants_paper = row.document_seen_on is None and row.kind != LegalRepresentative.Kind.PARENT
    tags = [wants_paper and tag(_("Paper not seen: cannot sign"), "warn")]
    return _line(
        row,
        client,
        at,
        "representative",
        row,
        [about, paper],
        tags,
        over=_("Ended: may not sign"),
        last_day_counts=True,
    )


def _worker(row, client, at):
    return _line(
        row,
        client,
        at,
        "worker",
        row,
        [row.discipline],
        [row.is_case_manager and tag(cap(term("worker")), "info", "people")],
    )


def _benefit(row, client, at):
    amount = row.monthly_cents is not None and _("%(amount)s a month") % {
        "amount": dollars(row.monthly_cents)
    }
    renew = row.renew_on and _("renew by %(day)s") % {"day": day(row.renew_on)}
    soon = at + timedelta(days=settings.BENEFIT_NOTICE_DAYS)
    is_due = row.status == Benefit.Status.ACTIVE and row.renew_on and row.renew_on <= soon
    said = [part for part in (row.get_status_display(), amount) if part]
    return _line(
        row,
        client,
        at,
        "benefit",
        row.name,
        [", ".join(said), renew],
        [is_due and tag(_("Renew soon"), "warn")],
    )


def _living(row, client, at):
    whom = row.lives_with and _("with %(whom)s") % {"whom": row.lives_with}
    return _line(row, client, at, "living", row.get_kind_display(), [whom])


# Model: kind in the address, anchor on the page, how to say a row, heading.
KINDS = {
    Alert: ("alert", "alerts", _alert, lambda: _("Alerts")),
    RelatedPerson: ("related", "people", _related, lambda: _("People around them")),
    LegalRepresentative: (
        "representative",
        "representatives",
        _representative,
        lambda: _("Legal representatives"),
    ),
    OtherWorker: ("worker", "workers", _worker, lambda: _("Other workers involved")),
    OtherName: ("name", "names", _name, lambda: _("Other names")),
    LivingArrangement: ("living", "living", _living, lambda: _("Where they live")),
    Benefit: ("benefit", "benefits", _benefit, lambda: _("Benefits")),
}


def section(model, staff, client, at):
    """All rows of a kind: what is true on this day first, then what is over."""
    kind, key, said, title = KINDS[model]
    lines = [said(row, client, at) for row in model.objects.visible_to(staff).filter(client=client)]
    return Section(
        key,
        title(),
        reverse("clients:around-add", kwargs={"pk": client.pk, "kind": kind}),
        sorted(lines, key=lambda line: line.is_over),
    )


def household(homes, together, client, at):
    """The households of a person and who else of those one sees is in them."""
    lines = []
    for home in homes:
        own = _line(home, client, at, "member", client.name, [home.get_relation_display()])
        lines.append(own)
        for row in together:
            if row.household_id == home.household_id:
                line = _line(row, client, at, "member", row.client.name, [row.get_relation_display()])
                line.url, line.opens = "", reverse("clients:client-about", kwargs={"pk": row.client_id})
                lines.append(line)
    url = reverse("clients:household-join", kwargs={"pk": client.pk})
    return Section(
        "household",
        _("Household"),
        url,
        sorted(lines, key=lambda line: line.is_over),
    )


def glance(staff, client, at):
    """The few lines that a person's own page shows of all this: (label, words) in the order of use. Four queries."""
    mine = lambda model: model.objects.visible_to(staff).filter(client=client).now(at)  # noqa: E731 (said four times below)
    living = list(mine(LivingArrangement)[:1])
    people = [p for p in mine(RelatedPerson) if p.is_support or p.is_emergency_contact]
    representatives = list(mine(LegalRepresentative))
    benefits = [b for b in mine(Benefit) if b.renew_on and b.status == Benefit.Status.ACTIVE]
    if living:
        yield (
            _("Lives"),
            living[0].get_kind_display() + (f", {living[0].lives_with}" if living[0].lives_with else ""),
        )
    if people:
        yield _("Supports"), ", ".join(f"{p.name} ({p.get_relation_display()})" for p in people[:3])
    if representatives:
        yield _("Represented by"), ", ".join(str(row) for row in representatives[:2])
    if benefits:
        first = min(benefits, key=lambda b: b.renew_on)
        yield (
            _("Next renewal"),
            _("%(benefit)s by %(day)s") % {"benefit": first.name, "day": day(first.renew_on)},
        )


def crises_now(staff, client):
    """The same for everything that goes on with a person, on the page about their safety. One query."""
    rows = Crisis.objects.visible_to(staff).filter(enrollment__client=client).now()
    may = staff.may("visit.log")
    soon = timezone.now() - timedelta(minutes=settings.CRISIS_UNDO_MINUTES)
    return [
        {
            "crisis": row,
            "may_end": may,
            "debrief": "",
            "may_undo": may and row.by_id == staff.pk and row.started_at >= soon,
        }
        for row in rows.select_related("by", "enrollment")
    ]


def crisis_now(staff, enrollment):
    """What the strip says while a crisis goes on, else None. One query."""
    row = Crisis.objects.visible_to(staff).filter(enrollment=enrollment).now().select_related("by").first()
    if row is None:
        return None
    row.enrollment = enrollment
    return {"crisis": row, "may_end": staff.may("visit.log"), "debrief": ""}
