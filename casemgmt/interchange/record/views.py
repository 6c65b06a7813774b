"""Right of access: one action gives a person their whole record."""

import tempfile

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _

from casemgmt.core.models import Refused
from casemgmt.core.views import form_page, page, show
from casemgmt.interchange.record.contents import hidden_from
from casemgmt.interchange.record.forms import ReleaseForm
from casemgmt.interchange.record.package import pack
from clients.banner import banner
from clients.models import Client, Disclosure, Enrollment

WHOLE = ["record"]


@page("record.release", records=True)
def release(request, pk):
    """Say to whom; then the file is made. It is logged as a disclosure to the person."""
    client = Client.objects.visible_to(request.staff).select_related("agency").fetch(pk)
    strip = banner(request, client)
    form = ReleaseForm(request.POST or None, staff=request.staff, client=client)
    if form.is_bound and form.is_valid():
        try:
            made = _make(request, client, form.cleaned_data["to"])
        except Refused as refused:
            form.refuse(refused)
        else:
            return redirect("record:file", pk=made.pk)
    return form_page(
        request,
        form,
        "interchange/record_form.html",
        banner=strip,
        title=_("Give the whole record"),
        submit=_("Make the file"),
        cancel_url=strip["url"],
    )


def _make(request, client, recipient):
    _check(request, client)
    enrollments = Enrollment.objects.visible_to(request.staff).filter(client=client)
    return Disclosure.make(
        client,
        by=request.staff,
        basis=Disclosure.Basis.PERSON,
        recipient=recipient,
        information=_("The whole record, with documents, changes and the report of access"),
        purpose=_("Right of access"),
        enrollments=enrollments.select_related("program"),
        parts=WHOLE,
        way=_("as a file"),
    )


def _check(request, client):
    if hidden_from(request.staff, client):
        raise Refused(
            _(
                "Parts of this record are not open to you, so you cannot give the whole of it. "
                "Ask your privacy officer who can."
            )
        )


@page("record.release", records=True, methods=("GET", "HEAD"))
def file(request, pk):
    """The file of a release that was just made, to who made it; later it is made anew."""
    made = Disclosure.objects.visible_to(request.staff).select_related("client__agency").fetch(pk)
    client = made.client
    show(request, [client], "release")
    try:
        made.require_printable(by=request.staff)
        _check(request, client)
    except Refused:
        return redirect("record:release", pk=client.pk)
    if made.parts != WHOLE:
        return redirect("record:release", pk=client.pk)
    with tempfile.TemporaryFile() as packed:
        pack(client, packed, by=request.staff, recipient=made.recipient)
        packed.seek(0)
        name = f"record-{client.number or client.pk}-{timezone.localdate():%Y-%m-%d}.zip"
        return HttpResponse(
            packed.read(),
            content_type="application/zip",
            headers={"Content-Disposition": content_disposition_header(True, name)},
        )
