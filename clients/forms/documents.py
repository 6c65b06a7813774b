"""Forms about documents and the safety plan."""

from datetime import timedelta

from django import forms
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from casemgmt.core.forms import HouseForm, HouseModelForm
from casemgmt.core.models import Refused
from clients.files import examine
from clients.models import Document, SafetyPlan

TAKEN = ".pdf,.jpg,.jpeg,.png,.webp,.txt,.docx,.xlsx,.odt,.ods,image/jpeg,image/png,application/pdf"


class DocumentForm(HouseModelForm):
    """What a document is; which period of service it belongs to decides who else sees it."""

    class Meta:
        model = Document
        fields = ("kind", "title", "dated_on", "enrollment")

    def __init__(self, *args, client, **kwargs):
        super().__init__(*args, **kwargs)
        field = self.fields["enrollment"]
        field.queryset = field.queryset.filter(client=client).select_related("client", "program")
        field.label = _("Only for who works in")
        field.empty_label = _("Everybody who sees the record")
        field.label_from_instance = lambda e: f"{e.program}, {e.enrolled_on:%Y-%m}"
        field.required = False
        if not field.queryset.filter(program__is_part_2=True).exists():
            del self.fields["enrollment"]


class NewDocumentForm(DocumentForm):
    """A document and its file, which is judged by its content."""

    file = forms.FileField(
        label=_("File or photo"),
        max_length=200,
        widget=forms.ClearableFileInput({"accept": TAKEN}),
        error_messages={"required": _("Choose a file, or take a photo.")},
    )

    field_order = ("file", "kind", "title", "dated_on", "enrollment")

    def clean_file(self):
        upload = self.cleaned_data["file"]
        try:
            return examine(upload.read(settings.DOCUMENT_MAX_MB * 1024 * 1024 + 1), upload.name)
        except Refused as refused:
            raise forms.ValidationError(refused.sentences) from refused


class RemoveForm(HouseForm):
    """Why a document is taken out of sight."""

    why = forms.CharField(label=_("Why it is taken out"), max_length=200)


class SafetyPlanForm(HouseModelForm):
    """The steps of a safety plan, in the person's own words."""

    class Meta:
        model = SafetyPlan
        fields = (*SafetyPlan.SECTIONS, "review_on")
        widgets = {name: forms.Textarea({"rows": 3}) for name in SafetyPlan.SECTIONS}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["review_on"].initial = timezone.localdate() + timedelta(
            days=settings.SAFETY_PLAN_REVIEW_DAYS
        )
        if self.instance.pk and (self.instance.review_on or timezone.localdate()) <= timezone.localdate():
            self.initial["review_on"] = self.fields["review_on"].initial

    def clean_review_on(self):
        day = self.cleaned_data["review_on"]
        if day and day <= timezone.localdate():
            raise forms.ValidationError(_("Choose a day that is still to come."))
        return day

    def clean(self):
        said = super().clean()
        if not any(said.get(name) for name in SafetyPlan.SECTIONS):
            self.add_error(None, _("Write down at least one step."))
        return said
