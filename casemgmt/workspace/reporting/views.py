"""Incidents and mandated reports: written down in minutes, with the time that is left, and seen only by who must."""

from dataclasses import dataclass
from datetime import timedelta

from django.db import models
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from casemgmt.agencies.words import worded
from casemgmt.core.models import Refused
from casemgmt.core.views import check_version, done, form_page, page, show
from casemgmt.workspace import changes
from casemgmt.workspace.reporting import countdown
from casemgmt.workspace.reporting.forms import (
    DebriefForm,
    IncidentForm,
    LearnedForm,
    LeaveForm,
    MandatedForm,
    SendForm,
)
from casemgmt.workspace.reporting.verbs import report
from clients.banner import banner
from clients.models import (
    Client,
    IncidentReport,
    IncidentSubmitted,
    MandatedReport,
    MandatedSubmitted,
)

READ = ("GET", "HEAD")
CLOSED = 50  # of those that are done with, as many as anybody looks through
NEVER_DECIDES = gettext_lazy("casemgmt counts the time and reminds. Whether to report is your decision.")


@dataclass(frozen=True)
class Kind:
    """What the two kinds differ in."""

    name: str
    model: type[models.Model]
    sent: type[models.Model]
    form: type
    new: str
    change: str
    saved: str


KINDS = {
    "incident": Kind(
        "incident",
        IncidentReport,
        IncidentSubmitted,
        IncidentForm,
        gettext_lazy("Report an incident"),
        gettext_lazy("Change the incident"),
        gettext_lazy("Written down. Whoever stands behind you has been told."),
    ),
    "mandated": Kind(
        "mandated",
        MandatedReport,
        MandatedSubmitted,
        MandatedForm,
        gettext_lazy("Write down a suspicion"),
        gettext_lazy("Change the suspicion"),
        gettext_lazy("Written down. Whoever stands behind you has been told."),
    ),
}


def _url(verb, row):
    name = "incident" if isinstance(row, IncidentReport) else "mandated"
    return reverse(f"workspace:{name}-{verb}", kwargs={"pk": row.pk})


def _fetch(request, kind, pk):
    """The row, locked where something is written; whoever need not see it is told that there is none."""
    rows = KINDS[kind].model.objects.visible_to(request.staff)
    if request.method == "POST":
        rows = rows.select_for_update(of=("self",))
    return rows.select_related("client", "enrollment", "category", "program", "by").fetch(pk)


def _strip(request, row):
    """The person's banner where it is about one; the page is logged as theirs then."""
    if row.client_id is None:
        show(request, [])
        return None
    return banner(request, row.client, row.enrollment)


@page("incident.view", records=True, methods=READ)
def incident_list(request, pk=None):
    """What this person must see: what is open first, the latest deadline on top, then what is done with."""
    staff, now = request.staff, timezone.now()
    client = Client.objects.visible_to(staff).fetch(pk) if pk is not None else None
    rows = []
    for kind in KINDS.values():
        found = kind.model.objects.visible_to(staff).select_related("client", "category", "by")
        if client is not None:
            found = found.filter(client=client)
        rows += found.open()
        rows += found.exclude(closed_at=None)[:CLOSED]
    for row in rows:
        row.url, row.is_incident = _url("detail", row), isinstance(row, IncidentReport)
        row.late = row.is_late(now)
        row.waits = [line for line in countdown.lines(row, now) if line["sent"] is None]
    far = now + timedelta(days=36500)
    waiting = sorted((r for r in rows if r.closed_at is None), key=lambda r: (r.due_at() or far, r.known_at))
    over = sorted((r for r in rows if r.closed_at), key=lambda r: r.closed_at, reverse=True)[:CLOSED]
    show(request, {row.client_id for row in rows if row.client_id})
    context = {
        "client": client,
        "banner": banner(request, client) if client is not None else None,
        "waiting": waiting,
        "over": over,
        "late": sum(row.late for row in waiting),
        "never_decides": NEVER_DECIDES,
    }
    return render(request, "workspace/incident_list.html", context)


@page("incident.write", records=True)
def report_create(request, kind, pk=None):
    """Write it down, about somebody (`pk`) or about nobody that we serve."""
    kind = KINDS[kind]
    client = Client.objects.visible_to(request.staff).fetch(pk) if pk is not None else None
    row = kind.model(client=client)
    strip = _strip(request, row)
    form = kind.form(request.POST or None, instance=row, client=client, staff=request.staff)
    if form.is_bound and form.is_valid():
        sent = form.sent() if kind.name == "mandated" else None
        try:
            report(form.save(commit=False), by=request.staff, sent=sent)
        except Refused as refused:
            form.refuse(refused)
        else:
            return done(request, _url("detail", row), message=kind.saved)
    back = (
        reverse("workspace:incident-of", kwargs={"pk": pk}) if client else reverse("workspace:incident-list")
    )
    intro = _("Who must see it does, and nobody else: not in the record, not in the timeline.")
    if kind.name == "mandated":
        intro = f"{NEVER_DECIDES} {_('In danger, call 911 first.')}"
    return form_page(request, form, banner=strip, title=kind.new, intro=intro, cancel_url=back)


@page("incident.write", records=True)
def report_edit(request, kind, pk):
    """Put right what was written in a hurry; the deadlines are counted anew."""
    row = _fetch(request, kind, pk)
    kind = KINDS[kind]
    strip = _strip(request, row)
    form = kind.form(request.POST or None, instance=row, client=row.client, staff=request.staff)
    if form.is_bound:
        check_version(form, row)
        if form.is_valid():
            try:
                form.save(commit=False).put(by=request.staff)
            except Refused as refused:
                form.refuse(refused)
            else:
                return done(request, _url("detail", row), message=_("Saved."))
    return form_page(request, form, banner=strip, title=kind.change, cancel_url=_url("detail", row))


@page("incident.view", records=True, methods=READ)
def report_detail(request, kind, pk):
    """The time that is left, what was sent, what happened, and what was learned."""
    row = _fetch(request, kind, pk)
    sent = KINDS[kind].sent.objects.visible_to(request.staff).filter(of=row).select_related("by", "document")
    may = request.staff.may("incident.write") and row.closed_at is None
    waits = [line for line in countdown.lines(row) if line["sent"] is None]
    context = {
        "banner": _strip(request, row),
        "row": row,
        "is_incident": kind == "incident",
        "lines": countdown.lines(row),
        "waits": waits,
        "sent": list(sent),
        "lacks": row.lacks(),
        "may": may,
        "urls": {verb: _url(verb, row) for verb in ("edit", "send", "close", "learned", "debrief")}
        if kind == "incident"
        else {verb: _url(verb, row) for verb in ("edit", "send", "close", "leave")},
        "history": changes.of_row(request.staff, row),
        "never_decides": NEVER_DECIDES,
    }
    return render(request, "workspace/incident_detail.html", context)


@page("incident.write", records=True)
def report_send(request, kind, pk):
    """Write down that it was reported, with what proves it."""
    row = _fetch(request, kind, pk)
    strip = _strip(request, row)
    waits = [line["how"] for line in countdown.lines(row) if line["sent"] is None]
    form = SendForm(request.POST or None, row=row, how=waits[0] if waits else None, staff=request.staff)
    if form.is_bound and form.is_valid():
        said = {name: form.cleaned_data.get(name) for name in ("how", "at", "to", "reference", "note")}
        try:
            row.send(by=request.staff, document=form.cleaned_data.get("document"), **said)
        except Refused as refused:
            form.refuse(refused)
        else:
            return done(request, _url("detail", row), message=_("Written down: it was reported."))
    return form_page(
        request,
        form,
        banner=strip,
        title=_("It was reported"),
        intro=str(row.category),
        cancel_url=_url("detail", row),
    )


@page("incident.write", records=True)
def incident_learned(request, pk):
    """Why it happened, and what changes because of it."""
    row = _fetch(request, "incident", pk)
    strip = _strip(request, row)
    form = LearnedForm(request.POST or None, instance=row, staff=request.staff)
    if form.is_bound:
        check_version(form, row)
        if form.is_valid():
            try:
                form.save(commit=False).put(by=request.staff)
            except Refused as refused:
                form.refuse(refused)
            else:
                return done(request, _url("detail", row), message=_("Saved."))
    return form_page(request, form, banner=strip, title=_("What we learned"), cancel_url=_url("detail", row))


@page("incident.write", records=True)
def incident_debrief(request, pk):
    """Somebody talked it through with the colleague."""
    row = _fetch(request, "incident", pk)
    strip = _strip(request, row)
    form = DebriefForm(request.POST or None, staff=request.staff)
    if form.is_bound and form.is_valid():
        try:
            row.debrief(form.cleaned_data["on"], by=request.staff)
        except Refused as refused:
            form.refuse(refused)
        else:
            return done(request, _url("detail", row), message=_("Saved."))
    return form_page(
        request,
        form,
        banner=strip,
        title=_("Talked through with %(name)s") % {"name": row.by.name},
        intro=_("What was said stays between you."),
        cancel_url=_url("detail", row),
    )


@page("incident.write", records=True)
def mandated_leave(request, pk):
    """A decision not to report, made together with the supervisor."""
    row = _fetch(request, "mandated", pk)
    strip = _strip(request, row)
    form = LeaveForm(request.POST or None, staff=request.staff)
    if form.is_bound and form.is_valid():
        try:
            row.leave(form.cleaned_data["why"], told_at=form.cleaned_data["told_at"], by=request.staff)
        except Refused as refused:
            form.refuse(refused)
        else:
            return done(request, _url("detail", row), message=_("Saved."))
    return form_page(
        request,
        form,
        banner=strip,
        title=_("Not reported, because"),
        intro=worded(_("You decide this together with your {supervisor}. The law may not let you leave it.")),
        cancel_url=_url("detail", row),
    )


@page("incident.write", records=True, methods=("POST",))
def report_close(request, kind, pk):
    """Done with it, once nothing is missing."""
    row = _fetch(request, kind, pk)
    _strip(request, row)
    row.close(by=request.staff)
    return done(request, _url("detail", row), message=_("Closed."))
