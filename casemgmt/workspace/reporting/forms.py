"""What is asked about an incident or a suspicion: as little as a report needs, because somebody is shaken."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _

from casemgmt.agencies.models.program import PickList
from casemgmt.agencies.words import capital, worded
from casemgmt.core.forms import HouseForm, HouseModelForm
from clients.models import Document, IncidentReport, MandatedReport
from clients.models.incident import Submitted

LONG = forms.Textarea({"rows": 3})
SHORT = forms.Textarea({"rows": 2})


class MomentField(forms.DateTimeField):
    """Day and time in one field; of an hour that the clocks show twice, the first is meant."""

    widget = forms.DateTimeInput({"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")

    def to_python(self, value):
        if value in self.empty_values:
            return None
        try:
            found = parse_datetime(str(value).strip())
        except ValueError:
            found = None
        if found is None:
            raise ValidationError(_("Give a day and a time."))
        if not 1900 <= found.year <= 2200:
            raise ValidationError(_("Check the year."))
        return found if timezone.is_aware(found) else timezone.make_aware(found)


def right_now():
    """To the minute, as the field shows it."""
    return timezone.now().replace(second=0, microsecond=0)


class ReportableForm(HouseModelForm):
    """What both kinds share: of which list, and for which program the deadlines are looked up."""

    pick_list = ""

    known_at = MomentField(label=_("Known since"), initial=right_now)

    def __init__(self, *args, client, **kwargs):
        super().__init__(*args, **kwargs)
        self.client = client
        field = self.fields["category"]
        offered = field.queryset.of(self.pick_list)
        chosen = field.queryset.filter(pk=self.instance.category_id)
        field.queryset = (offered | chosen).order_by("position")
        field.empty_label = None if isinstance(field.widget, forms.RadioSelect) else _("Choose…")
        self._ask_for_program(client)

    def _ask_for_program(self, client):
        field = self.fields["enrollment" if client else "program"]
        del self.fields["program" if client else "enrollment"]
        if client is None:
            field.queryset = field.queryset.open()
            field.empty_label = _("None of them")
            return
        field.queryset = field.queryset.filter(client=client).select_related("client", "program")
        field.label, field.empty_label = _("Program"), _("None of them")
        field.label_from_instance = lambda row: f"{row.program}, {row.enrolled_on:%Y-%m}"
        if self.instance._state.adding:
            self.initial["enrollment"] = field.queryset.open().order_by("-enrolled_on").first()
        if not field.queryset.exists():
            del self.fields["enrollment"]


class IncidentForm(ReportableForm):
    """What happened, when, and what was done at once."""

    pick_list = PickList.INCIDENT

    happened_at = MomentField(label=_("When it happened"), required=False, help_text=_("If it is known."))

    class Meta:
        model = IncidentReport
        fields = (
            "category",
            "happened_at",
            "known_at",
            "what",
            "injured",
            "done",
            "enrollment",
            "program",
        )
        widgets = {"what": LONG, "done": SHORT}
        help_texts = {"what": _("What was seen and heard, not what it may mean.")}


class MandatedForm(ReportableForm):
    """Who may be harmed, on what the suspicion rests, and what was reported already: three minutes."""

    pick_list = PickList.MANDATED

    known_at = MomentField(label=_("Suspected since"), initial=right_now)
    supervisor_told_at = MomentField(label=capital("supervisor"), required=False)
    sent_how = forms.ChoiceField(
        label=_("Reported already?"),
        required=False,
        choices=[("", _("Not yet")), *Submitted.How.choices],
        widget=forms.RadioSelect(attrs={"class": "chips"}),
    )
    sent_at = MomentField(label=_("Reported when"), required=False)
    sent_to = forms.CharField(label=_("To whom"), required=False, max_length=200)
    reference = forms.CharField(label=_("Their number for it"), required=False, max_length=100)

    class Meta:
        model = MandatedReport
        fields = (
            "category",
            "about",
            "known_at",
            "what",
            "grounds",
            "supervisor_told_at",
            "enrollment",
            "program",
        )
        widgets = {
            "category": forms.RadioSelect(attrs={"class": "chips"}),
            "what": LONG,
            "grounds": SHORT,
        }
        labels = {"what": _("What was seen or heard")}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["supervisor_told_at"].label = worded(_("{Supervisor} told at"))
        if not self.instance._state.adding:
            for name in ("sent_how", "sent_at", "sent_to", "reference"):
                del self.fields[name]

    def clean(self):
        said = super().clean()
        if said.get("sent_how") and said.get("sent_at") is None and "sent_at" not in self.errors:
            self.add_error("sent_at", _("Say when it was reported."))
        told, known = said.get("supervisor_told_at"), said.get("known_at")
        if told and told > timezone.now():
            self.add_error("supervisor_told_at", _("This moment has not come yet."))
        elif told and known and told < known:
            self.add_error("supervisor_told_at", _("Nobody can tell of it before it was known."))
        return said

    def sent(self):
        """What was reported already, for the verb; None: nothing."""
        said = self.cleaned_data
        if not said.get("sent_how"):
            return None
        return {
            "how": said["sent_how"],
            "at": said["sent_at"],
            "to": said["sent_to"],
            "reference": said["reference"],
        }


class LearnedForm(HouseModelForm):
    """Why an incident happened, and what changes because of it."""

    class Meta:
        model = IncidentReport
        fields = ("review", "corrective")
        widgets = {"review": LONG, "corrective": LONG}


class SendForm(HouseForm):
    """Proof that it was reported."""

    how = forms.ChoiceField(
        label=_("How"), choices=Submitted.How.choices, widget=forms.RadioSelect(attrs={"class": "chips"})
    )
    at = MomentField(label=_("When"), initial=right_now)
    to = forms.CharField(label=_("To whom"), required=False, max_length=200)
    reference = forms.CharField(label=_("Their number for it"), required=False, max_length=100)
    note = forms.CharField(label=_("Note"), required=False, max_length=300)
    document = forms.ModelChoiceField(
        Document.objects.all(), label=_("Paper"), required=False, empty_label=_("None")
    )

    def __init__(self, *args, row, how, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["how"].initial = how
        self.fields["to"].initial = row.recipient
        papers = self.fields["document"].queryset.filter(client=row.client_id, removed_on=None)
        self.fields["document"].queryset = papers
        if row.client_id is None or not papers.exists():
            del self.fields["document"]


class LeaveForm(HouseForm):
    """Why a suspicion is not reported, decided together."""

    why = forms.CharField(label=_("Why it is not reported"), max_length=4000, widget=LONG)
    told_at = MomentField(label=_("When"), initial=right_now)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["told_at"].label = worded(_("Talked with the {supervisor}"))


class DebriefForm(HouseForm):
    """On which day somebody talked it through with the colleague."""

    on = forms.DateField(label=_("Day"), initial=timezone.localdate)
