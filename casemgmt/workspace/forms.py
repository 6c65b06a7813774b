"""Forms of pages that belong to several floors."""

from datetime import datetime, timedelta

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from casemgmt.agencies.models import PickItem, Program, StaffMember
from casemgmt.agencies.models.agency import phone_shape
from casemgmt.agencies.models.program import PickList
from casemgmt.agencies.roles import Role
from casemgmt.agencies.words import worded
from casemgmt.core.forms import HouseForm, HouseModelForm
from casemgmt.workspace.verbs import VisitDraft
from clients.models import Discharge, Visit, VisitParticipant
from clients.pipeline import Stage
from serviceplans.models import GoalProgress

NEXT_IN = [
    ("", _("No date")),
    ("1", _("Tomorrow")),
    ("7", _("In 1 week")),
    ("14", _("In 2 weeks")),
    ("30", _("In 30 days")),
]


class VisitForm(HouseModelForm):
    """A visit on one page: mode and place as last time, goals one tap each, then the note (CM1)."""

    day = forms.DateField(label=_("Day"), widget=forms.DateInput)
    time = forms.TimeField(label=_("Time"), widget=forms.TimeInput({"type": "time"}, format="%H:%M"))
    next_in = forms.ChoiceField(
        label=_("Next contact"), choices=NEXT_IN, required=False, widget=forms.RadioSelect
    )
    partner = forms.ModelChoiceField(
        StaffMember.objects.all(), label=_("Who came along"), required=False, empty_label=_("Nobody")
    )
    partner_role = forms.ChoiceField(
        label=_("They"),
        required=False,
        choices=[(r.value, r.label) for r in VisitParticipant.Role if r != VisitParticipant.Role.LEAD],
    )

    class Meta:
        model = Visit
        fields = (
            "mode",
            "place",
            "outcome",
            "held_with",
            "direct_minutes",
            "travel_minutes",
            "service_type",
            "note",
            "next_on",
        )
        widgets = {
            "mode": forms.RadioSelect,
            "place": forms.RadioSelect,
            "outcome": forms.RadioSelect,
            "held_with": forms.RadioSelect,
            "note": forms.Textarea({"rows": 6}),
            "direct_minutes": forms.NumberInput({"inputmode": "numeric", "min": 0, "max": 1440, "step": 5}),
            "travel_minutes": forms.NumberInput({"inputmode": "numeric", "min": 0, "max": 1440, "step": 5}),
        }

    def __init__(self, *args, goals, partners, **kwargs):
        super().__init__(*args, **kwargs)
        self.goals = goals
        self.fields["place"].choices = Visit.Place.choices
        self.fields["next_on"].label = _("or on")
        self.fields["partner"].queryset = partners.visible_to(self.staff)
        self.fields["service_type"].queryset = self.fields["service_type"].queryset.in_use()
        if self.instance.pk is None:
            self.fields["day"].initial = timezone.localdate
            self.fields["time"].initial = lambda: timezone.localtime().strftime("%H:%M")
        else:
            begun = timezone.localtime(self.instance.started_at)
            self.fields["day"].initial, self.fields["time"].initial = begun.date(), begun.strftime("%H:%M")
        for goal in goals:
            self.fields[f"goal_{goal.pk}"] = forms.ChoiceField(
                label=goal.title, required=False, choices=GoalProgress.Step.choices, widget=forms.RadioSelect
            )
            for objective in goal.shown_objectives:
                self.fields[f"value_{objective.pk}"] = forms.DecimalField(
                    label=objective.measure or objective.text,
                    required=False,
                    max_digits=9,
                    decimal_places=2,
                    widget=forms.NumberInput({"inputmode": "decimal", "step": "any"}),
                    help_text=objective.help,
                )

    def goal_fields(self):
        """Each goal with its one-tap field and the value fields of its objectives."""
        return [
            {
                "goal": goal,
                "step": self[f"goal_{goal.pk}"],
                "values": [self[f"value_{o.pk}"] for o in goal.shown_objectives],
            }
            for goal in self.goals
        ]

    def clean(self):
        said = super().clean()
        if said.get("day") and said.get("time"):
            naive = datetime.combine(said["day"], said["time"])
            if not 1900 <= naive.year <= 2200:
                self.add_error("day", _("Check the year."))
                return said
            # Of an hour that the clocks show twice, the first is meant; one that they skip is moved on.
            self.started_at = timezone.make_aware(naive)
            if self.started_at > timezone.now() + timedelta(minutes=5):
                self.add_error("day", worded(_("A {visit} is written down once it has begun, not before.")))
            self.started_at = min(self.started_at, timezone.now())
        if said.get("mode") != Visit.Mode.IN_PERSON:
            said["place"] = ""
        if said.get("next_in") and not said.get("next_on"):
            said["next_on"] = timezone.localdate() + timedelta(days=int(said["next_in"]))
        if said.get("partner") and not said.get("partner_role"):
            self.add_error("partner_role", _("Say what they did."))
        for goal in self.goals:
            step = said.get(f"goal_{goal.pk}")
            if not step and any(said.get(f"value_{o.pk}") is not None for o in goal.shown_objectives):
                said[f"goal_{goal.pk}"] = GoalProgress.Step.SAME
        return said

    def draft(self):
        """What was said, for the verb."""
        said = self.cleaned_data
        fields = {name: said[name] for name in self._meta.fields} | {"started_at": self.started_at}
        progress = []
        for goal in self.goals:
            step = said.get(f"goal_{goal.pk}")
            if not step:
                continue
            valued = [
                (o, said[f"value_{o.pk}"]) for o in goal.shown_objectives if said[f"value_{o.pk}"] is not None
            ]
            progress += [
                {"goal": goal, "step": step, "objective": o, "value": v} for o, v in valued or [(None, None)]
            ]
        return VisitDraft(fields, progress, said.get("partner"), said.get("partner_role") or "")


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
