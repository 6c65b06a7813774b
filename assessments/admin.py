"""The questionnaires of an agency in the set-up: building, publishing, taking from files. No answer is seen here."""

from django.contrib import admin, messages
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.http import content_disposition_header
from django.utils.text import slugify
from django.utils.translation import gettext as now_
from django.utils.translation import gettext_lazy as _

from assessments.building import MOST_QUESTIONS, Page, TakeForm, faults_of
from assessments.definition import FORMAT, Malformed
from assessments.exchange import from_file, to_file
from assessments.models import Instrument, InstrumentVersion, ProgramInstrument
from assessments.preview import preview
from assessments.shipped import shipped, take_shipped
from assessments.written import next_code
from casemgmt.agencies.admin import AgencyAdmin, InUse, OwnRows
from casemgmt.core import acting
from casemgmt.core.forms import ConfirmForm
from casemgmt.core.models import Refused
from casemgmt.core.views import StaleVersion, check_version, form_page

MOST_MORE = 20  # empty rows that an address can ask for
TEMPLATES = "assessments/setup"


class UseInline(OwnRows):
    model = ProgramInstrument
    fields = ("program", "within_days", "every_days", "needs_review", "ended_on")
    verbose_name_plural = _("used in programs")


class VersionInline(OwnRows):
    """The versions there are, each with the way to its page."""

    model = InstrumentVersion
    fields = readonly_fields = ("edition", "language", "published_on", "withdrawn_on")
    show_change_link = True
    verbose_name_plural = _("versions")

    def has_add_permission(self, request, obj=None):
        return False


def _blank(instrument):
    """What a new questionnaire begins with."""
    return {"format": FORMAT, "code": instrument.code, "title": instrument.title, "items": []}


@admin.register(Instrument)
class InstrumentAdmin(AgencyAdmin):
    """What questionnaires there are, and which programs use them."""

    list_display = ("title", "code", "audience", "ended_on")
    list_filter = (InUse, "audience")
    search_fields = ("title", "code")
    fields = ("title", "code", "audience", "requires", "ended_on")
    change_list_template = f"{TEMPLATES}/instrument_list.html"
    change_form_template = f"{TEMPLATES}/instrument_form.html"

    def get_inlines(self, request, obj):
        return (VersionInline, UseInline) if obj is not None else ()

    def get_readonly_fields(self, request, obj=None):
        """Files and reports know it by its code."""
        return ("code",) if obj is not None else ()

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        if obj is not None:
            rows = InstrumentVersion.objects.visible_to(request.staff).filter(instrument=obj)
            context["next_edition"] = next_code(rows.values_list("edition", flat=True))
        return super().render_change_form(request, context, add, change, form_url, obj)

    def save_model(self, request, obj, form, change):
        """A new questionnaire has a draft at once."""
        super().save_model(request, obj, form, change)
        if not change:
            InstrumentVersion(instrument=obj, definition=_blank(obj)).save()

    def response_add(self, request, obj, post_url_continue=None):
        draft = InstrumentVersion.objects.visible_to(request.staff).get(instrument=obj)
        return redirect("admin:assessments_instrumentversion_change", draft.pk)

    def get_urls(self):
        view = self.admin_site.admin_view(self.take)
        return [path("take/", view, name="assessments_instrument_take"), *super().get_urls()]

    def take(self, request):
        """Take a questionnaire from a file, or some of those that come with the product."""
        sent = (request.POST, request.FILES) if request.method == "POST" else ()
        form = TakeForm(*sent, staff=request.staff, offered=self._offered(request))
        if form.is_bound and form.is_valid():
            try:
                with transaction.atomic():
                    return self._taken(request, form.cleaned_data)
            except Malformed as malformed:
                for where, what in malformed.faults[:100]:
                    form.add_error("file", f"{where}: {what}")
            except Refused as refused:
                form.refuse(refused)
        return form_page(
            request,
            form,
            title=now_("Take questionnaires"),
            submit=now_("Take them"),
            plain=True,
            cancel_url=reverse("admin:assessments_instrument_changelist"),
            back_label=now_("Questionnaires"),
        )

    def _offered(self, request):
        known = set(Instrument.objects.visible_to(request.staff).values_list("code", flat=True))
        return [(code, raw["title"]) for code, raw in shipped().items() if code not in known]

    def _taken(self, request, said):
        agency, there = request.staff.agency, now_("%(version)s is there.")
        for version in take_shipped(agency, said.get("shipped") or ()):
            messages.success(request, there % {"version": version})
        if not said["file"]:
            return redirect("admin:assessments_instrument_changelist")
        raw, left_out = from_file(said["file"].read(), code=said["code"], edition=said["edition"])
        version = InstrumentVersion.take_in(agency, raw)
        messages.success(request, there % {"version": version})
        for sentence in left_out:
            messages.warning(request, now_("Left out: %(what)s") % {"what": sentence})
        return redirect("admin:assessments_instrumentversion_change", version.pk)


@admin.register(InstrumentVersion)
class VersionAdmin(AgencyAdmin):
    """One version: a draft is built here, a published one is shown as it is asked."""

    list_display = ("instrument", "edition", "language", "published_on", "withdrawn_on")
    list_filter = (("published_on", admin.EmptyFieldListFilter),)
    list_select_related = ("instrument",)
    search_fields = ("instrument__title", "instrument__code")
    ordering = ("instrument__title", "-pk")
    fields = ("instrument", "edition", "language")

    def save_model(self, request, obj, form, change):
        """A new version begins with what the newest one says."""
        rows = InstrumentVersion.objects.visible_to(request.staff).filter(instrument=obj.instrument)
        newest = rows.order_by("-pk").first()
        says = newest.definition if newest else _blank(obj.instrument)
        obj.definition = says | {"version": obj.edition, "language": obj.language}
        super().save_model(request, obj, form, change)

    def response_add(self, request, obj, post_url_continue=None):
        return redirect("admin:assessments_instrumentversion_change", obj.pk)

    def get_urls(self):
        def named(verb, view):
            whole = self.admin_site.admin_view(view)
            return path(f"<int:pk>/{verb}/", whole, name=f"assessments_instrumentversion_{verb}")

        return [
            named("preview", self.preview),
            named("download", self.download),
            named("publish", self.publish),
            named("withdraw", self.withdraw),
            *super().get_urls(),
        ]

    def _row(self, request, pk):
        """The version, locked where it is written; another agency's is absent."""
        rows = self.get_queryset(request).select_related("instrument").filter(pk=pk)
        if request.method == "POST":
            rows = rows.select_for_update(of=("self",))
        row = rows.first()
        if row is None:
            raise Http404
        return row

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        """Adding is a plain form; what a version says has a page of its own."""
        if object_id is None:
            return super().changeform_view(request, object_id, form_url, extra_context)
        if not object_id.isdecimal():
            raise Http404
        with transaction.atomic(), acting.because(request.POST.get("change_reason", "").strip()[:500]):
            version = self._row(request, object_id)
            if version.is_draft and len(version.definition.get("items", ())) <= MOST_QUESTIONS:
                return self._build(request, version)
            return self._show(request, version)

    def _page(self, request, template, version, **context):
        shared = {"version": version, "title": str(version.instrument)}
        return render(request, f"{TEMPLATES}/{template}.html", shared | context)

    def _show(self, request, version):
        """As it is asked; what a published version says never changes."""
        rows = InstrumentVersion.objects.visible_to(request.staff).filter(instrument=version.instrument_id)
        return self._page(
            request,
            "version_shown",
            version,
            **preview(version.definition, request.POST if request.method == "POST" else None),
            form=ConfirmForm(staff=request.staff),
            faults=version.faults,
            next_edition=next_code(rows.values_list("edition", flat=True)),
        )

    def _build(self, request, version):
        """The page on which a draft is built: saved, shown again with what is wrong, or sent on to be published."""
        if request.method != "POST":
            asked = request.GET.get("rows", "")
            more = min(int(asked), MOST_MORE) if asked.isdecimal() and len(asked) < 4 else 0
            return self._builder(request, version, Page.of(version, request.staff, more=more))
        page = Page.of(version, request.staff, data=request.POST)
        try:
            check_version(page.whole, version)
        except StaleVersion as stale:
            raise StaleVersion(page) from stale
        if not page.is_valid() or not self._keep(request, version, page):
            return self._builder(request, version, page, status=422)
        here = reverse("admin:assessments_instrumentversion_change", args=[version.pk])
        if "publish" in request.POST:
            if not version.faults:
                return redirect("admin:assessments_instrumentversion_publish", version.pk)
            messages.error(
                request, now_("The draft is saved. Before it can be published, something is missing.")
            )
            return redirect(here)
        messages.success(request, now_("The draft is saved."))
        if "add" in request.POST:
            return redirect(f"{here}#questions-title")
        return redirect(f"{here}?rows=3#questions-title" if "more" in request.POST else here)

    def _keep(self, request, version, page):
        """Save what the page says; False, with a sentence, where another version has its number."""
        raw, _places = page.definition()
        said_before = version.definition.get("title")
        version.edition, version.language = raw["version"], raw["language"]
        about = version.instrument
        version.definition = raw | {
            "code": about.code,
            "audience": about.audience,
            "requires": about.requires,
        }
        versions = InstrumentVersion.objects.visible_to(request.staff).filter(instrument=about)
        same = versions.filter(edition=version.edition, language=version.language)
        if same.exclude(pk=version.pk).exists():
            page.whole.add_error("edition", now_("There is a version of this number in this language."))
            return False
        version.save()
        if about.title == said_before != raw["title"] and not versions.exclude(published_on=None).exists():
            about.title = raw["title"]  # nobody knows it by another name yet
            about.save()
        return True

    def _builder(self, request, version, page, status=200):
        raw, places = page.said()
        is_new = not page.whole.is_bound and not raw.get("items")
        page.mark({} if is_new else faults_of(raw, places))
        response = self._page(
            request,
            "version_form",
            version,
            **preview(raw, request.POST if page.whole.is_bound else None),
            page=page,
            form=page.whole,
        )
        response.status_code = status
        return response

    def preview(self, request, pk):
        """What the page says as it will be asked, what is wrong where, and what the tried answers add up to."""
        version = self.get_queryset(request).select_related("instrument").filter(pk=pk).first()
        if version is None:
            raise Http404
        is_sent = request.method == "POST" and "edition" in request.POST
        if not is_sent:
            tried = request.POST if request.method == "POST" else None
            return self._page(request, "version_preview", version, **preview(version.definition, tried))
        page = Page.of(version, request.staff, data=request.POST)
        raw, places = page.said()
        page.mark(faults_of(raw, places), with_fields=True)
        template = "_preview_answer" if request.htmx else "version_preview"
        return self._page(request, template, version, **preview(raw, request.POST), page=page)

    def download(self, request, pk):
        """What a version asks, as a file; it holds no answers."""
        version, is_fhir = self._row(request, pk), request.GET.get("format") == "fhir"
        try:
            text = to_file(version, "fhir" if is_fhir else "own")
        except Malformed:
            messages.error(request, now_("Before it can be written as FHIR, something is missing."))
            return redirect("admin:assessments_instrumentversion_change", version.pk)
        name = slugify(f"{version.instrument.code}-{version.edition}-{version.language}") or "questionnaire"
        headers = {"Content-Disposition": content_disposition_header(True, f"{name}.json")}
        return HttpResponse(text, content_type="application/json", headers=headers)

    # --- Verbs ---

    def publish(self, request, pk):
        version = self._row(request, pk)
        if request.method == "GET" and version.is_draft and version.faults:
            messages.error(request, now_("Before it can be published, something is missing."))
            return redirect("admin:assessments_instrumentversion_change", version.pk)
        return self._confirm(
            request,
            version,
            version.publish,
            title=now_("Publish %(version)s?") % {"version": version},
            intro=now_("It is answered from today on, and never changes again. Changes make a new version."),
            submit=now_("Publish"),
            message=now_("%(version)s is published."),
        )

    def withdraw(self, request, pk):
        version = self._row(request, pk)
        return self._confirm(
            request,
            version,
            version.withdraw,
            title=now_("Withdraw %(version)s?") % {"version": version},
            intro=now_(
                "Nobody begins it any more. What was answered stays, and who is half way through may finish."
            ),
            submit=now_("Withdraw"),
            message=now_("%(version)s is withdrawn."),
        )

    def _confirm(self, request, version, verb, *, message, **words):
        """Ask once more, and do it to the version that was seen."""
        form = ConfirmForm(request.POST if request.method == "POST" else None, staff=request.staff)
        form.fields["version"].initial = version.version
        check_version(form, version)
        back = reverse("admin:assessments_instrumentversion_change", args=[version.pk])
        if form.is_bound and form.is_valid():
            try:
                with transaction.atomic():
                    verb()
            except Refused as refused:
                form.refuse(refused)
            else:
                messages.success(request, message % {"version": version})
                return redirect(back)
        return form_page(
            request, form, plain=True, cancel_url=back, back_label=str(version.instrument), **words
        )
