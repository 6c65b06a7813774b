"""Notes on paper for the person they are about: chosen, looked at, written down as given, then printed (PR-27)."""

from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from casemgmt.agencies.words import worded
from casemgmt.core import pdf
from casemgmt.core.forms import ConfirmForm
from casemgmt.core.models import Refused
from casemgmt.core.views import done, page, show
from casemgmt.workspace.log.parts import said_in
from clients.banner import banner
from clients.consents import redisclosure_notice
from clients.models import Disclosure, Enrollment, Visit, VisitAddendum, VisitSignature
from serviceplans.views.printing import language_of

READ = ("GET", "HEAD")
NOTES = "notes"  # first among the parts of such a disclosure; the keys of its visits follow
MOST = 100


def _enrollment(request, pk):
    rows = Enrollment.objects.visible_to(request.staff).select_related("client", "program")
    return rows.fetch(pk)


def _signed(staff, enrollment):
    """Only what is signed is a note; the latest first."""
    rows = Visit.objects.visible_to(staff).of_care(staff).filter(enrollment=enrollment)
    rows = rows.exclude(signed_at=None).select_related("enrollment__program", "service_type")
    return rows.order_by("-started_at", "-pk")


def _keys(said):
    """Keys as an address or a form names them."""
    return [int(key) for key in said[:MOST] if key.isascii() and key.isdecimal() and len(key) < 19]


@page("client.view", records=True, methods=READ)
def notes_choose(request, pk):
    """Which notes the person gets."""
    return _choice(request, _enrollment(request, pk))


def _choice(request, enrollment):
    context = {
        "banner": banner(request, enrollment.client, enrollment),
        "enrollment": enrollment,
        "visits": list(_signed(request.staff, enrollment)[:MOST]),
        "chosen": set(_keys(request.GET.getlist("visit"))),
    }
    return render(request, "workspace/notes_choose.html", context)


@page("client.view", records=True, methods=READ)
def notes_print(request, pk):
    """The page that prints, in large type: a preview until a copy is given; with ?format=pdf its PDF."""
    staff, enrollment = request.staff, _enrollment(request, pk)
    made = _given(request, enrollment)
    keys = made.parts[1:] if made else _keys(request.GET.getlist("visit"))
    visits = sorted(_signed(staff, enrollment).filter(pk__in=keys), key=lambda row: (row.started_at, row.pk))
    if not visits:
        return _choice(request, enrollment)
    context = {
        "person": banner(request, enrollment.client, enrollment),
        "enrollment": enrollment,
        "agency": staff.agency,
        "visits": _told(staff, visits),
        "given": made is not None,
        "may_give": staff.may("disclosure.make"),
        "notice": redisclosure_notice(enrollment),
        "paper_language": language_of(enrollment.client),
        "no_pdf": pdf.why_not(),
    }
    if made and request.GET.get("format") == "pdf" and pdf.available():
        html = render_to_string("workspace/notes_print_file.html", context, request)
        return pdf.pdf_response(html, f"{slugify(enrollment.client.name)}.pdf")
    return render(request, "workspace/notes_print.html", context)


@page("disclosure.make", records=True, methods=("POST",))
def notes_give(request, pk):
    """Write down that the person gets these notes; then they print."""
    enrollment = _enrollment(request, pk)
    client = enrollment.client
    show(request, [client])
    form = ConfirmForm(request.POST, staff=request.staff)
    chosen = _signed(request.staff, enrollment).filter(pk__in=_keys(request.POST.getlist("visit")))
    keys = sorted(chosen.values_list("pk", flat=True))
    if not (form.is_valid() and keys):
        return redirect("workspace:notes-choose", pk=pk)
    said = ngettext("Note of %(n)d {visit}", "Notes of %(n)d {visits}", len(keys))
    made = Disclosure.make(
        client,
        by=request.staff,
        basis=Disclosure.Basis.PERSON,
        recipient=client.name,
        information=worded(said % {"n": len(keys)}),
        enrollments=[enrollment],
        parts=[NOTES, *keys],
        way=_("on paper"),
    )
    url = reverse("workspace:notes-print", kwargs={"pk": pk}, query={"copy": made.pk})
    return done(request, url, message=_("Written down as given. Now print it."))


def _given(request, enrollment):
    """The copy that the address names, where it was made today by who prints it; else None."""
    keys = _keys([request.GET.get("copy", "")])
    rows = Disclosure.objects.visible_to(request.staff).filter(
        pk__in=keys, client=enrollment.client_id, enrollments__holds=enrollment.pk, parts__holds=NOTES
    )
    made = rows.first()
    try:
        if made is not None:
            made.require_printable(by=request.staff)
    except Refused:
        return None
    return made


def _told(staff, visits):
    """Each with its words, who signed it and what was added later. Two queries."""
    signed, added = {}, {}
    for row in VisitSignature.objects.visible_to(staff).filter(visit__in=visits).order_by("pk"):
        signed.setdefault(row.visit_id, []).append(row.typed_name)
    for row in VisitAddendum.objects.visible_to(staff).filter(visit__in=visits).order_by("pk"):
        added.setdefault(row.visit_id, []).append(row)
    for visit in visits:
        visit.told = said_in(visit)
        visit.signed, visit.added = signed.get(visit.pk, []), added.get(visit.pk, [])
    return visits
