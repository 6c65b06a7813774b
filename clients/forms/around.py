"""Forms about who and what is around a person: one form a kind, all driven by the same two views."""

from datetime import timedelta

from crispy_forms.layout import Div, Layout
from django import forms
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from casemgmt.agencies.models import StaffMember
from casemgmt.agencies.roles import PERMISSIONS
from casemgmt.agencies.words import worded
from casemgmt.core.forms import HouseForm, HouseModelForm
from clients.forms.fields import DollarsField
from clients.models import (
    Alert,
    Benefit,
    Client,
    HouseholdMember,
    Identifier,
    LegalPaper,
    LegalRepresentative,
    LivingArrangement,
    OtherName,
    OtherWorker,
    RelatedPerson,
)

TEL = forms.TextInput({"type": "tel"})
NOTE = forms.Textarea({"rows": 2})
DATES = ("started_on", "ended_on")
PAIRS = [DATES, ("phone", "email"), ("document_seen_on", "document"), ("status", "monthly_cents")]


class AroundForm(HouseModelForm):
    """A row around the person of `instance`; what is over gets a date and stays readable.

    `new` and `change` are the headings, `page` and its `section` are where the row stands.
    """

    new = change = section = ""
    page = "clients:client-about"

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.helper.layout = Layout(*self._in_pairs())

    def _in_pairs(self):
        """What belongs together side by side, the rest one under the other."""
        pairs = {first: second for first, second in PAIRS if {first, second} <= self.fields.keys()}
        for name in self.fields:
            if name in pairs:
                yield Div(name, pairs[name], css_class="form-grid tight" if name in DATES else "form-grid")
            elif name not in pairs.values():
                yield name

    def clean(self):
        said = super().clean()
        for name, field in self.fields.items():
            day = said.get(name)
            if isinstance(field, forms.DateField) and day and not 1900 <= day.year <= 2200:
                self.add_error(name, _("Check the year."))
        if said.get("started_on") and said.get("ended_on") and said["ended_on"] < said["started_on"]:
            self.add_error("ended_on", _("This is before it began."))
        return said


class OtherNameForm(AroundForm):
    new, change, section = _("Add a name"), _("Change the name"), "names"

    class Meta:
        model = OtherName
        fields = ("name", "kind")


class RelatedPersonForm(AroundForm):
    new, change, section = _("Add a person"), _("Change this person"), "people"

    class Meta:
        model = RelatedPerson
        fields = (
            "name",
            "relation",
            "phone",
            "email",
            "is_support",
            "is_emergency_contact",
            "lives_with",
            "may_be_told",
            "note",
            *DATES,
        )
        widgets = {"phone": TEL, "note": NOTE}


class RepresentativeForm(AroundForm):
    new, change, section = _("Add a representative"), _("Change the representative"), "representatives"

    class Meta:
        model = LegalRepresentative
        fields = (
            "name",
            "kind",
            "for_health",
            "for_information",
            "for_money",
            "started_on",
            "ended_on",
            "document_seen_on",
            "document",
            "phone",
            "email",
            "note",
        )
        widgets = {"phone": TEL, "note": NOTE}
        help_texts = {"ended_on": _("They may sign through this day.")}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        papers = self.fields["document"]
        papers.queryset = papers.queryset.filter(client=self.instance.client_id)
        papers.empty_label = _("Not kept here")

    def clean(self):
        said = super().clean()
        if not any(said.get(name) for name in ("for_health", "for_information", "for_money")):
            self.add_error("for_health", _("Say at least one thing about which they decide."))
        if said.get("document_seen_on") and said["document_seen_on"] > timezone.localdate():
            self.add_error("document_seen_on", _("This day is in the future."))
        return said


class OtherWorkerForm(AroundForm):
    new, change, section = _("Add a worker"), _("Change this worker"), "workers"

    class Meta:
        model = OtherWorker
        fields = (
            "organisation",
            "name",
            "discipline",
            "is_case_manager",
            "phone",
            "email",
            "note",
            *DATES,
        )
        widgets = {"phone": TEL, "note": NOTE}


class BenefitForm(AroundForm):
    new, change, section = _("Add a benefit"), _("Change the benefit"), "benefits"

    monthly_cents = DollarsField(
        label=_("Amount a month, in dollars"),
        required=False,
        max_cents=100_000_00,
        help_text=_("For example: 943.00"),
    )

    class Meta:
        model = Benefit
        fields = ("name", "status", "monthly_cents", "renew_on", *DATES, "note")
        widgets = {"note": NOTE}
        help_texts = {"renew_on": _("It is announced on Today before that day.")}


class LivingForm(AroundForm):
    new, change, section = _("They moved"), _("Change where they live"), "living"

    class Meta:
        model = LivingArrangement
        fields = ("kind", "lives_with", *DATES, "note")
        widgets = {"note": NOTE}


class AlertForm(AroundForm):
    new, change, section = _("Add an alert"), _("Change the alert"), "alerts"

    class Meta:
        model = Alert
        fields = ("kind", "text", "basis", "review_on", "ended_on")
        widgets = {"kind": forms.RadioSelect(attrs={"class": "chips"}), "basis": NOTE}
        labels = {"ended_on": _("no longer true from")}
        help_texts = {
            "text": _("Everybody who opens the record reads this first."),
            "review_on": _("An alert about the safety of workers is no longer shown after this day."),
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = Alert.Kind.choices
        if self.instance.pk is None:
            day = timezone.localdate()
            self.instance.started_on = day
            self.initial["review_on"] = day + timedelta(days=settings.ALERT_REVIEW_DAYS)
            del self.fields["ended_on"]
            self.helper.layout = Layout(*self._in_pairs())

    def clean(self):
        said = super().clean()
        if said.get("kind") == Alert.Kind.SAFETY and not (said.get("basis") or "").strip():
            self.add_error("basis", _("Say what was seen, when and by whom: a warning rests on facts."))
        if "review_on" in self.changed_data and (said.get("review_on") or timezone.localdate()) < (
            timezone.localdate()
        ):
            self.add_error("review_on", _("Choose a day that is still to come."))
        return said


class LegalPaperForm(AroundForm):
    new, change, section = _("Add a directive or order"), _("Change the directive or order"), "papers"
    page = "clients:safety"

    class Meta:
        model = LegalPaper
        fields = ("kind", "says", "where_kept", "document", "started_on", "ended_on")
        widgets = {"says": NOTE}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        papers = self.fields["document"]
        papers.queryset = papers.queryset.filter(client=self.instance.client_id)
        papers.empty_label = _("Not kept here")


class IdentifierForm(AroundForm):
    new, change, section = _("Add a number"), _("Change the number"), "numbers"

    number = forms.CharField(
        label=_("Number"), max_length=80, widget=forms.TextInput({"autocomplete": "off"})
    )

    class Meta:
        model = Identifier
        fields = ("kind", "number")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.instance.pk is not None:
            # It is shown on purpose or not at all; here it is only written anew.
            self.initial["number"] = ""
            self.fields["number"].required = False
            self.fields["number"].help_text = _("Leave empty to keep %(number)s.") % {
                "number": self.instance.masked
            }

    def clean_number(self):
        return self.cleaned_data["number"].strip() or self.instance.number


class MemberForm(AroundForm):
    new, change, section = _("Lives with"), _("Change their place in the household"), "household"

    class Meta:
        model = HouseholdMember
        fields = ("relation", *DATES)


# Kind in the address: its form. Who lives with whom is begun on a page of its own.
KINDS = {
    "name": OtherNameForm,
    "related": RelatedPersonForm,
    "representative": RepresentativeForm,
    "worker": OtherWorkerForm,
    "benefit": BenefitForm,
    "living": LivingForm,
    "alert": AlertForm,
    "number": IdentifierForm,
    "member": MemberForm,
    "paper": LegalPaperForm,
}


class HouseholdForm(HouseForm):
    """With whom of the people one sees somebody lives."""

    other = forms.ModelChoiceField(
        Client.objects.all(), label=_("Lives with"), empty_label=None, widget=forms.RadioSelect
    )
    relation = forms.ChoiceField(
        label=_("Relation to the head of the household"), choices=HouseholdMember.Relation.choices
    )
    started_on = forms.DateField(label=_("From"), required=False, widget=forms.DateInput)

    def __init__(self, *args, candidates, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["other"].queryset = self.fields["other"].queryset.filter(
            pk__in=[row.pk for row in candidates]
        )
        self.fields["relation"].initial = HouseholdMember.Relation.UNKNOWN

    def clean_started_on(self):
        day = self.cleaned_data["started_on"]
        if day and not timezone.localdate().replace(year=1900) <= day <= timezone.localdate():
            raise forms.ValidationError(_("Choose today or a day in the past."))
        return day


class Colleagues(forms.ModelMultipleChoiceField):
    """Colleagues to tick, each with what they do."""

    widget = forms.CheckboxSelectMultiple(attrs={"class": "choices"})

    def label_from_instance(self, staff):
        return f"{staff.name} ({staff.role_names})"


class RestrictForm(HouseForm):
    """Who still sees a record, and from whom it is hidden."""

    colleagues = Colleagues(StaffMember.objects.all(), label=_("Who sees it"), required=False)
    because_of = forms.ModelChoiceField(
        StaffMember.objects.all(),
        label=_("A colleague is the reason"),
        required=False,
        empty_label=_("No"),
        help_text=_("They no longer see it, whoever they are."),
    )
    reason = forms.CharField(
        label=_("Reason"), max_length=300, widget=NOTE, help_text=_("Kept in the history.")
    )

    def __init__(self, *args, named, **kwargs):
        super().__init__(*args, **kwargs)
        working = self.fields["colleagues"].queryset.working().with_role(*PERMISSIONS["client.view"])
        self.fields["because_of"].queryset = working
        self.fields["colleagues"].queryset = working
        self.fields["colleagues"].initial = [row.pk for row in named]


class LiftForm(HouseForm):
    """Why a restriction or a conflict of interest no longer holds."""

    reason = forms.CharField(label=_("Reason"), max_length=300, widget=NOTE)


class ConflictForm(HouseForm):
    """That one knows the person, or that a colleague does."""

    colleague = forms.ModelChoiceField(
        StaffMember.objects.all(), label=_("Who knows the person"), empty_label=None
    )
    sure = forms.BooleanField(label=worded(_("I understand that the record is hidden at once")))

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        field = self.fields["colleague"]
        if self.staff.may("record.restrict"):
            field.queryset = field.queryset.working().with_role(*PERMISSIONS["client.view"])
            field.initial = self.staff.pk
        else:
            del self.fields["colleague"]
