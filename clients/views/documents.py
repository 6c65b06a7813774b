"""Papers in a person's record: kept, opened through the access check alone, taken out with a reason."""

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _

from casemgmt.core.models import Refused
from casemgmt.core.views import check_version, done, form_page, page
from clients.banner import banner
from clients.consents import redisclosure_notice
from clients.forms.documents import DocumentForm, NewDocumentForm, RemoveForm
from clients.models import Client, Document, DocumentOpening

READ = ("GET", "HEAD")


@page("client.view", records=True, methods=READ)
def document_list(request, pk):
    """What papers there are, newest first; what was taken out is named at the end."""
    client = Client.objects.visible_to(request.staff).fetch(pk)
    rows = list(
        Document.objects.visible_to(request.staff)
        .filter(client=client)
        .select_related("added_by", "enrollment__program")
    )
    context = {
        "client": client,
        "banner": banner(request, client),
        "documents": [d for d in rows if d.removed_on is None],
        "removed": [d for d in rows if d.removed_on],
    }
    return render(request, "clients/document_list.html", context)


@page("client.edit", records=True)
def document_create(request, pk):
    """Put a paper into the record."""
    client = Client.objects.visible_to(request.staff).fetch(pk)
    strip = banner(request, client)
    form = NewDocumentForm(
        request.POST or None,
        request.FILES or None,
        client=client,
        staff=request.staff,
        instance=Document(client=client),
    )
    if form.is_bound and form.is_valid():
        document = form.save(commit=False)
        document.keep(form.cleaned_data["file"], by=request.staff)
        return done(request, "clients:document-list", pk=pk, message=_("The document is in the record."))
    return form_page(
        request,
        form,
        banner=strip,
        title=_("Add a document"),
        submit=_("Add document"),
        cancel_url=reverse("clients:document-list", kwargs={"pk": pk}),
    )


@page("client.view", records=True, methods=READ)
def document_detail(request, pk):
    """One paper: what it is, who put it there, who opened it."""
    document = _document(request, pk)
    openings = (
        DocumentOpening.objects.visible_to(request.staff)
        .filter(document=document)
        .select_related("staff")[:100]
    )
    context = {
        "document": document,
        "notice": redisclosure_notice(document.enrollment),
        "openings": list(openings),
        "banner": banner(request, document.client),
    }
    return render(request, "clients/document_detail.html", context)


@page("client.view", records=True, methods=READ)
def document_file(request, pk):
    """The file itself: always as a download, never shown inside a page, and every opening is written down."""
    document = _document(request, pk)
    if document.removed_on:
        raise Http404
    banner(request, document.client)
    response = HttpResponse(document.opened(by=request.staff), content_type=document.content_type)
    response["Content-Disposition"] = content_disposition_header(True, document.file_name)
    response["X-Content-Type-Options"] = "nosniff"
    # Whatever opens it treats it as a stranger without rights.
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


@page("client.edit", records=True)
def document_edit(request, pk):
    """Mend what is said about a paper; the file stays as it is."""
    document = _document(request, pk)
    form = DocumentForm(request.POST or None, instance=document, client=document.client, staff=request.staff)
    strip = banner(request, document.client)
    back = reverse("clients:document-detail", kwargs={"pk": pk})
    if form.is_bound:
        check_version(form, document)
        if form.is_valid():
            try:
                document.require_unlocked()
            except Refused as refused:
                form.refuse(refused)
            else:
                form.save()
                return done(request, "clients:document-detail", pk=pk, message=_("Saved."))
    return form_page(
        request,
        form,
        banner=strip,
        title=_("Change document"),
        cancel_url=back,
    )


@page("client.edit", records=True)
def document_remove(request, pk):
    """Take a paper out of sight, such as one of somebody else."""
    document = _document(request, pk)
    form = RemoveForm(request.POST or None, staff=request.staff)
    strip = banner(request, document.client)
    if form.is_bound and form.is_valid():
        try:
            document.take_out(form.cleaned_data["why"])
        except Refused as refused:
            form.refuse(refused)
        else:
            return done(
                request,
                "clients:document-list",
                pk=document.client_id,
                message=_("The document is taken out."),
            )
    return form_page(
        request,
        form,
        banner=strip,
        title=_("Take out “%(title)s”") % {"title": document},
        intro=_("Nobody can open it any more. It stays in the history of the record."),
        submit=_("Take out"),
        danger=True,
        cancel_url=reverse("clients:document-detail", kwargs={"pk": pk}),
    )


def _document(request, pk):
    rows = Document.objects.visible_to(request.staff).select_related(
        "client", "added_by", "enrollment__program"
    )
    return (rows.select_for_update(of=("self",)) if request.method == "POST" else rows).fetch(pk)
