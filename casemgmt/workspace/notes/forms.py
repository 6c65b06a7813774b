"""Forms of a note after it is written."""

from django import forms
from django.utils.translation import gettext_lazy as _

from casemgmt.agencies.models import StaffMember
from casemgmt.agencies.words import worded
from casemgmt.core.forms import HouseForm, HouseModelForm
from clients.forms.documents import NewDocumentForm
from clients.models import VisitAddendum, VisitCorrection, VisitQuestion


class AddendumForm(HouseModelForm):
    """What is added to a signed note."""

    class Meta:
        model = VisitAddendum
        fields = ("text",)
        widgets = {"text": forms.Textarea({"rows": 4})}


class CosignerForm(HouseForm):
    """Who is asked for the second name."""

    cosigner = forms.ModelChoiceField(
        StaffMember.objects.all(),
        label=_("Second signature by"),
        required=False,
        empty_label=worded("{Supervisor}"),
    )

    def __init__(self, *args, cosigners, **kwargs):
        super().__init__(*args, **kwargs)
        field = self.fields["cosigner"]
        field.queryset = field.queryset.filter(pk__in=[row.pk for row in cosigners])


class SignForm(CosignerForm):
    """Put one's name under a note; who is new here says who signs second."""

    typed_name = forms.CharField(label=_("Your name"), max_length=150)

    field_order = ("typed_name", "cosigner")

    def __init__(self, *args, cosigners, **kwargs):
        super().__init__(*args, cosigners=cosigners or (), **kwargs)
        self.fields["typed_name"].initial = self.staff.name
        if cosigners is None:
            del self.fields["cosigner"]


class AskForm(HouseForm):
    """A question, something to follow up, or thanks: about a colleague's note."""

    kind = forms.ChoiceField(
        label=_("What it is"),
        choices=VisitQuestion.Kind.choices,
        initial=VisitQuestion.Kind.QUESTION,
        widget=forms.RadioSelect({"class": "chips"}),
    )
    text = forms.CharField(
        label=_("Your words"), max_length=5000, required=False, widget=forms.Textarea({"rows": 2})
    )

    def clean(self):
        said = super().clean()
        needs_words = said.get("kind") in (VisitQuestion.Kind.QUESTION, VisitQuestion.Kind.FOLLOW_UP)
        if needs_words and not said.get("text") and "text" not in self.errors:
            self.add_error("text", _("Write what you want to know."))
        return said


class AnswerForm(HouseForm):
    """The answer, which closes the question."""

    answer = forms.CharField(label=_("Your answer"), max_length=5000, widget=forms.Textarea({"rows": 3}))


class CorrectionForm(HouseModelForm):
    """What is billed of a signed visit, put right; what is left empty stays as in the note."""

    class Meta:
        model = VisitCorrection
        fields = ("direct_minutes", "service_type", "is_void", "why")
        widgets = {"direct_minutes": forms.NumberInput({"inputmode": "numeric", "min": 0, "max": 1440})}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["direct_minutes"].help_text = _("Empty: as in the note.")
        kind = self.fields["service_type"]
        kind.queryset, kind.empty_label = kind.queryset.in_use(), _("As in the note")

    def said(self):
        return {name: self.cleaned_data[name] for name in self._meta.fields}


class AttachmentForm(NewDocumentForm):
    """A file that belongs to the note, and is locked with it."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        # It belongs where the visit belongs.
        self.fields.pop("enrollment", None)
