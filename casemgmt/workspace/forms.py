"""Forms of pages that belong to several floors."""

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from casemgmt.agencies.models import PickItem, Program, StaffMember
from casemgmt.agencies.models.agency import phone_shape
from casemgmt.agencies.models.program import PickList
from casemgmt.agencies.roles import Role
from casemgmt.agencies.words import worded
from casemgmt.core.forms import HouseForm, HouseModelForm
from clients.models import Discharge
from clients.pipeline import Stage


class MoveForm(HouseForm):
    """The next stage, and why."""

    stage = forms.ChoiceField(label=_("Stage"), widget=forms.RadioSelect(attrs={"class": "choices"}))
    note = forms.CharField(
        label=_("Reason"),
        required=False,
        widget=forms.Textarea({"rows": 3}),
        help_text=_("Needed for a step back."),
    )

    def __init__(self, *args, steps, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["stage"].choices = [(s.value, s.label) for s in Stage if s in steps]


class TransferForm(HouseForm):
    """Another program of ours, who goes on there, and why."""

    program = forms.ModelChoiceField(Program.objects.all(), label=_("Program"))
    worker = forms.ModelChoiceField(
        StaffMember.objects.all(),
        label=worded(_("Accountable {worker}")),
        required=False,
        empty_label=_("Decide later"),
    )
    reason = forms.CharField(label=_("Why they move"), widget=forms.Textarea({"rows": 3}))

    def __init__(self, *args, enrollment, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["program"].queryset = (
            self.fields["program"].queryset.open().exclude(pk=enrollment.program_id)
        )
        self.fields["worker"].queryset = (
            self.fields["worker"].queryset.working().with_role(Role.CASE_MANAGER, Role.SUPERVISOR)
        )


LIFELINES = 3


class DischargeForm(HouseModelForm):
    """How service ended, and who the person can turn to; prefilled from the record (PR-66)."""

    class Meta:
        model = Discharge
        fields = (
            "discharged_on",
            "disposition",
            "was_planned",
            "reason",
            "summary",
            "unmet_needs",
            "client_comment",
            "reentry",
            "no_lifeline_reason",
        )
        widgets = {
            "reason": forms.Textarea({"rows": 2}),
            "summary": forms.Textarea({"rows": 8}),
            "unmet_needs": forms.Textarea({"rows": 2}),
            "client_comment": forms.Textarea({"rows": 2}),
            "reentry": forms.Textarea({"rows": 2}),
            "no_lifeline_reason": forms.Textarea({"rows": 2}),
        }

    was_planned = forms.BooleanField(label=_("Planned together"), required=False, initial=True)

    def __init__(self, *args, lifelines, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["disposition"].queryset = self.fields["disposition"].queryset.of(PickList.DISPOSITION)
        self.fields["disposition"].required = False
        for n in range(1, LIFELINES + 1):
            known = lifelines[n - 1] if n <= len(lifelines) else {}
            self.fields[f"lifeline_{n}_name"] = forms.CharField(
                label=_("Who"), max_length=150, required=False, initial=known.get("name", "")
            )
            self.fields[f"lifeline_{n}_phone"] = forms.CharField(
                label=_("Phone"),
                max_length=40,
                required=False,
                initial=known.get("phone", ""),
                validators=[phone_shape],
                widget=forms.TextInput({"type": "tel"}),
            )
            self.fields[f"lifeline_{n}_purpose"] = forms.CharField(
                label=_("For what"), max_length=200, required=False, initial=known.get("purpose", "")
            )
            self.fields[f"lifeline_{n}_confirmed"] = forms.BooleanField(
                label=_("They agreed"), required=False, initial=bool(known.get("confirmed_on"))
            )

    def lifeline_fields(self):
        return [
            {
                "n": n,
                "fields": [
                    self[f"lifeline_{n}_{part}"] for part in ("name", "phone", "purpose", "confirmed")
                ],
            }
            for n in range(1, LIFELINES + 1)
        ]

    def has_more_lifelines(self):
        """Whether anything beyond the first lifeline is filled in or wrong."""
        return any(
            field.value() or field.errors for row in self.lifeline_fields()[1:] for field in row["fields"]
        )

    def clean(self):
        said = super().clean()
        for n in range(1, LIFELINES + 1):
            name, rest = (
                said.get(f"lifeline_{n}_name"),
                said.get(f"lifeline_{n}_phone") or said.get(f"lifeline_{n}_purpose"),
            )
            if rest and not name:
                self.add_error(f"lifeline_{n}_name", _("Say who this is."))
            elif name and not said.get(f"lifeline_{n}_purpose"):
                self.add_error(f"lifeline_{n}_purpose", _("Say what the person can turn to them for."))
        return said

    def lifelines(self):
        """The lifelines that were named."""
        said = self.cleaned_data
        return [
            {
                "name": said[f"lifeline_{n}_name"],
                "phone": said[f"lifeline_{n}_phone"],
                "purpose": said[f"lifeline_{n}_purpose"],
                "confirmed_on": timezone.localdate() if said[f"lifeline_{n}_confirmed"] else None,
            }
            for n in range(1, LIFELINES + 1)
            if said[f"lifeline_{n}_name"]
        ]


class EmergencyForm(HouseForm):
    """Why a record outside the caseload has to be opened now."""

    reason = forms.ModelChoiceField(
        PickItem.objects.all(),
        label=_("Reason"),
        empty_label=None,
        widget=forms.RadioSelect(attrs={"class": "choices"}),
    )
    detail = forms.CharField(label=_("What happened"), max_length=1000, widget=forms.Textarea({"rows": 3}))

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["reason"].queryset = self.fields["reason"].queryset.of(PickList.EMERGENCY)


class ReviewForm(HouseForm):
    """A supervisor looked at an emergency access."""

    note = forms.CharField(
        label=_("Note"), required=False, max_length=1000, widget=forms.Textarea({"rows": 2})
    )


class AssignForm(HouseForm):
    """Who becomes accountable."""

    worker = forms.ModelChoiceField(StaffMember.objects.all(), label=worded(_("{Worker}")))

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        field = self.fields["worker"]
        field.queryset = field.queryset.working().with_role(Role.CASE_MANAGER, Role.SUPERVISOR)
