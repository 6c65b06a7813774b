"""Where agency admins set up their own agency; no model that holds a client's record is registered here."""

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.contrib.admin.widgets import AutocompleteSelect, RelatedFieldWidgetWrapper
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import Http404
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import formats, timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as now_
from django.utils.translation import gettext_lazy as _

from casemgmt.agencies.forms import (
    AgencyForm,
    DeadlineForm,
    ProgramForm,
    SetupForm,
    SetupFormSet,
    StaffForm,
    TeamFormSet,
    word_fields,
)
from casemgmt.agencies.logins import make_login, write_to
from casemgmt.agencies.models import (
    Agency,
    ConsentText,
    Credential,
    EligibilityCriterion,
    Indicator,
    LevelOfCare,
    NotePhrase,
    OperatorEntry,
    PickItem,
    Program,
    ProgramStaff,
    ProgramStep,
    ReportingDeadline,
    ServiceType,
    StaffMember,
    SupervisionLink,
)
from casemgmt.agencies.roles import Role, role_choices, role_label
from casemgmt.agencies.words import TERMS, worded
from casemgmt.core import acting
from casemgmt.core.views import check_version

HISTORY_ROWS = 200
HISTORY_PARTS = 50


class OneOfOwn(AutocompleteSelect):
    """Django's looks up whatever was sent when it shows a form again, and stumbles over what is no key."""

    def optgroups(self, name, value, attrs=None):
        return super().optgroups(name, [v for v in value if not v or str(v).isdecimal()], attrs)


class OwnAgency:
    """What a page of the admin and its inlines share: rows, choices and rights of one's own agency."""

    form = SetupForm

    def get_queryset(self, request):
        return self.model.objects.visible_to(request.staff).order_by(
            *(self.get_ordering(request) or self.opts.ordering)
        )

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field is not None and isinstance(field.widget, RelatedFieldWidgetWrapper):
            field.widget = field.widget.widget  # no pop-ups: a new row has its own page
        if field is not None and isinstance(field.widget, AutocompleteSelect):
            field.widget = OneOfOwn(field.widget.field, self.admin_site, field.widget.attrs)
        return field

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        kwargs["queryset"] = db_field.related_model.objects.visible_to(request.staff)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def has_module_permission(self, request):
        return request.staff is not None and request.staff.may("agency.configure")

    def has_view_permission(self, request, obj=None):
        return self.has_module_permission(request)

    def has_add_permission(self, request, obj=None):
        return self.has_module_permission(request)

    def has_change_permission(self, request, obj=None):
        return self.has_module_permission(request)

    def has_delete_permission(self, request, obj=None):
        """Nothing is deleted: it ends on a day."""
        return False


class OwnRows(OwnAgency, admin.TabularInline):
    """Rows of the same agency under their parent."""

    formset = SetupFormSet
    extra = 0
    can_delete = False

    def get_queryset(self, request):
        related = [f.name for f in self.opts.fields if f.is_relation and f.name != "agency"]
        return super().get_queryset(request).select_related(*related)

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field is not None:
            # In a table the column's head is no label: each cell says itself what it is.
            field.widget.attrs.setdefault("aria-label", field.label)
        return field

    def get_formset(self, request, obj=None, **kwargs):
        formset = super().get_formset(request, obj, **kwargs)
        formset.form.staff = request.staff
        return formset


class AgencyAdmin(OwnAgency, admin.ModelAdmin):
    """The base of every page here; simple_history's own would show versions by key, and offer to put them back."""

    is_scoped = True
    actions = None
    view_on_site = False
    save_on_top = False
    list_per_page = 50
    object_history_template = "admin/agency_history.html"

    def get_form(self, request, obj=None, change=False, **kwargs):
        form = super().get_form(request, obj, change=change, **kwargs)
        form.staff = request.staff
        return form

    def get_object(self, request, object_id, from_field=None):
        """Another agency's row is as absent as one that never was; a row to be written is locked and as it was read."""
        row = super().get_object(request, object_id, from_field)
        if row is None:
            raise Http404
        if request.method == "POST":
            row = self.get_queryset(request).select_for_update(of=("self",)).get(pk=row.pk)
            form = self.get_form(request, row, change=True)
            check_version(form(request.POST, instance=row), row)
        return row

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        with acting.because(request.POST.get("change_reason", "").strip()[:500]):
            return super().changeform_view(request, object_id, form_url, extra_context)

    def delete_view(self, request, object_id, extra_context=None):
        raise Http404

    def log_addition(self, request, obj, message):
        """Our history has it, with the person and the values."""

    def log_change(self, request, obj, message):
        """Our history has it, with the person and the values."""

    def history_view(self, request, object_id, extra_context=None):
        """Who changed what, when and why, of the row and of what stands under it."""
        row = self.get_object(request, unquote(object_id))
        if not self.has_view_permission(request, row):
            raise PermissionDenied
        changes = list(_changes(row.history.all()))
        for inline in self.get_inline_instances(request, row):
            link = inline.fk_name or next(
                f.name for f in inline.opts.fields if f.related_model is self.model and f.name != "agency"
            )
            changes += _changes(inline.model.history.filter(**{link: row.pk}))
        changes.sort(key=lambda change: change["at"], reverse=True)
        request.current_app = self.admin_site.name
        return TemplateResponse(
            request,
            self.object_history_template,
            {
                **self.admin_site.each_context(request),
                "title": now_("History: %s") % row,
                "module_name": capfirst(self.opts.verbose_name_plural),
                "object": row,
                "opts": self.opts,
                "changes": changes[:HISTORY_ROWS],
            },
        )


# --- History, as people read it ---------------------------------------------------------------------------------------


def _changes(history):
    """One entry per saved change of these history rows; a save that changed nothing is left out."""
    before = {}
    for entry in history.select_related("history_user").order_by("history_id"):
        fields = [f for f in entry.instance._meta.fields if not _is_inner(f.name)]
        last = before.get(entry.id)
        told = [
            line
            for f in fields
            if (last is None and getattr(entry, f.attname) not in (None, "", [], {}))
            or (last is not None and getattr(last, f.attname) != getattr(entry, f.attname))
            for line in _lines(f, last, entry)
        ]
        before[entry.id] = entry
        if told:
            yield {
                "at": entry.history_date,
                "by": entry.history_user or _("the system"),
                "what": f"{capfirst(entry.instance._meta.verbose_name)}: {entry.instance}",
                "is_new": last is None,
                "fields": told,
                "reason": entry.history_change_reason or "",
            }


def _lines(field, last, entry):
    """A field's change as one line; of what has many parts, one line for each part that changed."""
    new, old = getattr(entry, field.attname), getattr(last, field.attname, None)
    if not isinstance(new, dict) or field.name == "words":
        was = _told(field, last) if last is not None else ""
        return [{"field": field.verbose_name, "old": was, "new": _told(field, entry)}]
    before, now = dict(_parts(old)), dict(_parts(new))
    changed = [path for path in {**before, **now} if before.get(path) != now.get(path)]
    return [
        {
            "field": f"{field.verbose_name}: {path}",
            "old": before.get(path, "–") if last is not None else "",
            "new": now.get(path, "–"),
        }
        for path in changed[:HISTORY_PARTS]
    ]


def _parts(value, path=""):
    """(where it stands, what it says) of every part of a nested value; parts with a code are known by it."""
    if isinstance(value, dict):
        for name, part in value.items():
            yield from _parts(part, f"{path} {name}".strip())
    elif isinstance(value, list):
        for n, part in enumerate(value, start=1):
            name = part.get("code", n) if isinstance(part, dict) else n
            yield from _parts(part, f"{path} {name}")
    elif value is not None:
        yield path, str(value)


def _is_inner(name):
    """Whether a column is only for the machine: keys, what a search reads, what a feed said last."""
    return name in ("id", "version", "agency", "as_imported") or name.endswith("_key")


def _told(field, entry):
    value = getattr(entry, field.attname)
    if value in (None, "", [], {}):
        return "–"
    if field.is_relation:
        return str(getattr(entry, field.name))
    if field.name == "roles":
        return ", ".join(role_label(r) for r in value)
    if field.name == "words":
        return "; ".join(" / ".join(pair) for pair in value.values())
    if isinstance(value, bool):
        return now_("yes") if value else now_("no")
    if field.choices:
        return str(dict(field.flatchoices).get(value, value))
    return formats.localize(value)


# --- Filters ----------------------------------------------------------------------------------------------------------


class InUse(admin.SimpleListFilter):
    """Rows that end on a day: those in use, or those that ended. A NULL day means until further notice."""

    title = _("in use")
    parameter_name = "in_use"
    ends = "ended_on"

    def lookups(self, request, model_admin):
        return [("yes", _("Yes")), ("no", _("No, it ended"))]

    def queryset(self, request, queryset):
        ended = models.Q(**{f"{self.ends}__lte": timezone.localdate()})
        if self.value() == "yes":
            return queryset.exclude(ended)
        return queryset.filter(ended) if self.value() == "no" else queryset


class Open(InUse):
    title = _("open")
    parameter_name = "open"
    ends = "closed_on"


class Working(InUse):
    title = _("works here")
    parameter_name = "working"
    ends = "left_on"

    def lookups(self, request, model_admin):
        return [("yes", _("Yes")), ("no", _("No, they left"))]


class HasRole(admin.SimpleListFilter):
    title = _("role")
    parameter_name = "role"

    def lookups(self, request, model_admin):
        return role_choices()

    def queryset(self, request, queryset):
        return queryset.with_role(self.value()) if self.value() in Role.values else queryset


class OwnRelated(admin.RelatedFieldListFilter):
    """A filter by a related row that offers rows of one's own agency only."""

    def field_choices(self, field, request, model_admin):
        return [(row.pk, str(row)) for row in field.related_model.objects.visible_to(request.staff)]


# --- The agency -------------------------------------------------------------------------------------------------------


@admin.register(Agency)
class OneAgencyAdmin(AgencyAdmin):
    """One's own, and its words."""

    form = AgencyForm
    readonly_fields = ("slug",)
    fieldsets = (
        (None, {"fields": ("name", "slug", "time_zone", "distance_unit", "crisis_line", "privacy_law")}),
        (
            _("Your words"),
            {
                "description": _(
                    "What your agency calls its people and papers; every page uses these words. "
                    "Write them as in the middle of a sentence. An empty pair takes the grey words."
                ),
                "fields": ("word_set", *(word_fields(code) for code in TERMS)),
            },
        ),
    )

    def changelist_view(self, request, extra_context=None):
        """There is only one."""
        return redirect("admin:agencies_agency_change", request.staff.agency_id)

    def has_add_permission(self, request, obj=None):
        return False


@admin.register(OperatorEntry)
class OperatorEntryAdmin(AgencyAdmin):
    """When the platform operator was here, and why: to be read only."""

    list_display = ("started_at", "ends_at", "user", "reason")
    list_select_related = ("user",)
    fields = ("user", "reason", "started_at", "ends_at")

    def get_queryset(self, request):
        return OperatorEntry.objects.filter(into=request.staff.agency_id).order_by("-started_at")

    def has_add_permission(self, request, obj=None):
        return False

    def has_change_permission(self, request, obj=None):
        return False


# --- Programs and lists -----------------------------------------------------------------------------------------------


class QuestionInline(OwnRows):
    model = EligibilityCriterion
    fields = ("position", "question", "expected", "ended_on")


class StepInline(OwnRows):
    model = ProgramStep
    fields = ("title", "after_days", "ended_on")
    verbose_name_plural = _("dated steps, for a program of fixed length")


class LevelInline(OwnRows):
    model = LevelOfCare
    fields = ("number", "label", "contact_every_days", "review_every_days", "hint", "ended_on")


class TeamInline(OwnRows):
    model = ProgramStaff
    formset = TeamFormSet
    autocomplete_fields = ("staff",)
    fields = ("staff", "started_on", "ended_on")
    verbose_name_plural = _("team")


@admin.register(Program)
class ProgramAdmin(AgencyAdmin):
    form = ProgramForm
    inlines = (QuestionInline, StepInline, LevelInline, TeamInline)
    list_display = ("name", "code", "model", "caseload_target", "opened_on", "closed_on")
    list_filter = (Open, "model", "is_part_2")
    search_fields = ("name", "code")
    fieldsets = (
        (None, {"fields": ("name", "code", ("opened_on", "closed_on"))}),
        (_("Privacy and consent"), {"fields": ("is_part_2", "consent_age", "requires_notice")}),
        (
            _("Model of practice"),
            {
                "fields": (
                    "model",
                    "take_defaults",
                    "take_levels",
                    "caseload_target",
                    "shares_caseload",
                    "crisis_cover",
                    "contact_every_days",
                )
            },
        ),
        (
            _("Rhythm"),
            {
                "fields": (
                    "assess_within_days",
                    "reassess_every_days",
                    "reassess_after_event_days",
                    "reviews_assessments",
                    "plan_within_days",
                    "review_every_days",
                    "cosigns_plans",
                    "confirm_referral_days",
                    "interruption_notice_days",
                    "aftercare_days",
                    "require_outcome_indicator",
                )
            },
        ),
        (
            worded("{Visits}"),
            {
                "fields": (
                    "note_format",
                    "note_due_hours",
                    "crisis_note_due_hours",
                    "asks_acuity",
                    "max_billable_staff",
                    "check_in_grace_minutes",
                )
            },
        ),
    )

    def save_model(self, request, obj, form, change):
        if form.cleaned_data["take_defaults"]:
            obj.take_defaults_of_model()
        super().save_model(request, obj, form, change)

    def save_related(self, request, form, formsets, change):
        """The usual steps and levels come after those that were typed, and only where there are none."""
        super().save_related(request, form, formsets, change)
        if form.cleaned_data["take_defaults"]:
            form.instance.take_steps_of_model()
        if form.cleaned_data["take_levels"]:
            LevelOfCare.lay_out(form.instance)


@admin.register(ServiceType)
class ServiceTypeAdmin(AgencyAdmin):
    list_display = ("name", "component", "code", "position", "ended_on")
    list_filter = ("component", InUse)
    search_fields = ("name", "code")
    fields = ("name", "component", "code", "position", "ended_on")


@admin.register(PickItem)
class PickItemAdmin(AgencyAdmin):
    list_display = ("label", "pick_list", "code", "position", "ended_on")
    list_filter = ("pick_list", InUse)
    search_fields = ("label", "code")
    fields = ("pick_list", "code", "label", "position", "ended_on")

    def get_readonly_fields(self, request, obj=None):
        """The words may change; what the item is, stays."""
        return ("pick_list", "code") if obj else ()


@admin.register(NotePhrase)
class NotePhraseAdmin(AgencyAdmin):
    """Words that nobody types twice: one tap puts them into a note."""

    list_display = ("text", "program", "position", "ended_on")
    list_filter = (InUse, ("program", OwnRelated))
    list_select_related = ("program",)
    search_fields = ("text",)
    fields = ("text", "program", "position", "ended_on")


@admin.register(Indicator)
class IndicatorAdmin(AgencyAdmin):
    """What the agency itself wants to know at visits; what a number means stays once somebody has answered."""

    list_display = ("name", "kind", "unit", "program", "position", "ended_on")
    list_filter = (InUse, "kind", ("program", OwnRelated))
    list_select_related = ("program",)
    search_fields = ("name",)
    fieldsets = (
        (None, {"fields": ("name", "help_text", "program", "kind")}),
        (_("For a number"), {"fields": ("unit", "decimals", "minimum", "maximum")}),
        (_("For one of a list"), {"fields": ("choices",)}),
        (None, {"fields": ("position", "ended_on")}),
    )

    def get_readonly_fields(self, request, obj=None):
        return ("kind", "unit", "decimals") if obj and obj.is_answered() else ()


@admin.register(ReportingDeadline)
class ReportingDeadlineAdmin(AgencyAdmin):
    """The jurisdiction table. It comes empty: which law holds, only the agency can say."""

    form = DeadlineForm
    list_display = ("recipient", "kind", "category", "program", "verbal", "written", "basis", "ended_on")
    list_filter = ("kind", InUse, ("program", OwnRelated))
    list_select_related = ("category", "program")
    search_fields = ("recipient", "basis")
    fieldsets = (
        (
            _("What, and to whom"),
            {
                "description": _(
                    "What the law, the licence or a contract asks of you: casemgmt brings no such line, counts the "
                    "hours of yours and reminds people, and never decides whether something must be reported. "
                    "Ask whoever knows the rules where you are, and write down where they stand."
                ),
                "fields": ("kind", "category", "program", "recipient", "phone", "basis"),
            },
        ),
        (
            _("How soon"),
            {
                "description": _(
                    "An empty number asks for nothing. Hours run on through nights and weekends; days end at "
                    "midnight; business days are Monday to Friday and end at 5 pm. Holidays are not known."
                ),
                "fields": (
                    ("verbal_within", "verbal_counted"),
                    ("written_within", "written_counted"),
                    "ended_on",
                ),
            },
        ),
    )

    @admin.display(description=_("by word of mouth"))
    def verbal(self, obj):
        return self._said(obj.verbal_within, obj.get_verbal_counted_display())

    @admin.display(description=_("in writing"))
    def written(self, obj):
        return self._said(obj.written_within, obj.get_written_counted_display())

    def _said(self, number, counted):
        return "–" if number is None else f"{number} {counted}"


@admin.register(ConsentText)
class ConsentTextAdmin(AgencyAdmin):
    """What people agreed to stays as they read it: another wording is a new version, which replaces the old one."""

    list_display = ("kind", "language", "edition", "started_on", "ended_on")
    list_filter = ("kind", "language", InUse)
    search_fields = ("body", "edition")
    fields = ("kind", "language", "edition", "body", "started_on", "ended_on")

    def get_readonly_fields(self, request, obj=None):
        return ("kind", "language", "edition", "body", "started_on") if obj else ()

    def save_model(self, request, obj, form, change):
        super().save_model(request, obj, form, change)
        if not change:
            obj.take_the_place_of_others()


# --- Staff ------------------------------------------------------------------------------------------------------------


class SupervisionInline(OwnRows):
    model = SupervisionLink
    fk_name = "staff"
    autocomplete_fields = ("supervisor",)
    fields = ("supervisor", "started_on", "ended_on")


class ProgramsInline(OwnRows):
    model = ProgramStaff
    formset = TeamFormSet
    autocomplete_fields = ("program",)
    fields = ("program", "started_on", "ended_on")
    verbose_name = _("program")
    verbose_name_plural = _("programs")


class CredentialInline(OwnRows):
    model = Credential
    fields = ("kind", "number", "issued_by", "issued_on", "expires_on")


@admin.register(StaffMember)
class StaffAdmin(AgencyAdmin):
    form = StaffForm
    inlines = (SupervisionInline, ProgramsInline, CredentialInline)
    list_display = ("name", "role_names", "login", "hired_on", "left_on", "fte")
    list_filter = (Working, HasRole, ("hired_on", admin.DateFieldListFilter))
    list_select_related = ("user",)
    search_fields = ("name", "email")
    readonly_fields = ("login", "role_names")

    @admin.display(description=_("login"))
    def login(self, obj):
        return obj.user.get_username() if obj.user else _("none")

    @admin.display(description=_("roles"))
    def role_names(self, obj):
        return obj.role_names

    def get_fieldsets(self, request, obj=None):
        if obj is not None and obj.has_role(Role.OPERATOR):
            return ((None, {"fields": ("name", "role_names", "login")}),)
        login = ("login", "send_link", "take_login_away") if obj and obj.user_id else ()
        return (
            (None, {"fields": ("name", "email", "phone", "roles")}),
            (_("Signing in"), {"fields": login or ("login_username", "login_email")}),
            (_("Employment"), {"fields": (("hired_on", "left_on"), "fte", "notes_cosigned_until")}),
            (
                _("Education and experience"),
                {"fields": (("highest_degree", "degree_field"), "experience_years")},
            ),
        )

    def get_inlines(self, request, obj):
        return () if obj is not None and obj.has_role(Role.OPERATOR) else self.inlines

    def has_change_permission(self, request, obj=None):
        """The platform operator's job comes and goes with their entry."""
        return super().has_change_permission(request, obj) and not (obj and obj.has_role(Role.OPERATOR))

    def save_model(self, request, obj, form, change):
        wanted = form.cleaned_data
        if wanted.get("take_login_away"):
            obj.user = None
        elif form.existing_login is not None:
            obj.user = form.existing_login
        elif wanted.get("login_username"):
            obj.user = make_login(wanted["login_username"], wanted["login_email"])
        super().save_model(request, obj, form, change)
        if wanted.get("login_username") or (obj.user and wanted.get("send_link")):
            write_to(request, obj)
            self.message_user(
                request,
                _("%(name)s signs in as %(login)s. A message is on its way.")
                % {"name": obj.name, "login": obj.user.get_username()},
            )


@admin.register(SupervisionLink)
class SupervisionAdmin(AgencyAdmin):
    list_display = ("staff", "supervisor", "started_on", "ended_on")
    list_filter = (InUse, ("supervisor", OwnRelated))
    list_select_related = ("staff", "supervisor")
    search_fields = ("staff__name", "supervisor__name")
    fields = ("staff", "supervisor", "started_on", "ended_on")
    ordering = ("staff__name", "-started_on")


@admin.register(Credential)
class CredentialAdmin(AgencyAdmin):
    # A plain list: the searching one has no name to a screen reader while it is empty.
    list_display = ("kind", "staff", "number", "expires_on")
    list_filter = (("expires_on", admin.DateFieldListFilter),)
    list_select_related = ("staff",)
    search_fields = ("kind", "staff__name")
    fields = ("staff", "kind", "number", "issued_by", "issued_on", "expires_on")
    ordering = ("expires_on", "staff__name")
