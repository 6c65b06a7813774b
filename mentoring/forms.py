"""Forms of mentoring: proposing a pair, and writing down in a few taps what the two did."""

from itertools import groupby

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from casemgmt.agencies.models import StaffMember
from casemgmt.agencies.roles import Role
from casemgmt.agencies.words import capital, worded
from casemgmt.core.forms import HouseForm
from mentoring.models import ACCOMPANIMENT, ActivityType, Pairing

LONG = {"rows": 3}
MINUTES = [(n, n) for n in (15, 30, 45, 60, 90, 120)]
# Crisis support and going along come first: they help most, and must be quick to write down (DOMAIN 4.1).
FIRST = ("CRISIS", *ACCOMPANIMENT)


def quick_order(kind):
    """Where a kind stands among the choices: by group, the most helpful first."""
    place = FIRST.index(kind.code) if kind.code in FIRST else len(FIRST)
    return ActivityType.Group.values.index(kind.group), place, kind.position, kind.name


class KindsByGroup(forms.models.ModelChoiceIterator):
    """The kinds under the names of their groups."""

    def __iter__(self):
        kinds = sorted(self.queryset, key=quick_order)
        for group, rows in groupby(kinds, key=lambda kind: ActivityType.Group(kind.group).label):
            yield group, [self.choice(kind) for kind in rows]


class KindsField(forms.ModelMultipleChoiceField):
    """One to three kinds, as chips."""

    iterator = KindsByGroup
    widget = forms.CheckboxSelectMultiple


class PairingForm(HouseForm):
    """Who learns from whom, for how long a week, and what."""

    mentor = forms.ModelChoiceField(label=capital("mentor"), queryset=StaffMember.objects.none())
    mentee = forms.ModelChoiceField(label=capital("mentee"), queryset=StaffMember.objects.none())
    weekly_minutes = forms.IntegerField(
        label=_("Protected minutes a week"),
        help_text=_("Time that is theirs, whatever else happens."),
        initial=Pairing._meta.get_field("weekly_minutes").default,
        min_value=0,
        max_value=2400,
    )
    learning_needs = forms.CharField(
        label=worded(_("What the {mentee} wants to learn")), widget=forms.Textarea(LONG), required=False
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        colleagues = (
            StaffMember.objects.visible_to(self.staff).working().with_role(Role.CASE_MANAGER, Role.SUPERVISOR)
        )
        for name in ("mentor", "mentee"):
            self.fields[name].queryset = colleagues


class ActivityForm(HouseForm):
    """How long, what and when: four taps, and a note if one likes."""

    minutes = forms.TypedChoiceField(
        label=_("Minutes"),
        choices=MINUTES,
        coerce=int,
        empty_value=None,
        widget=forms.RadioSelect,
        required=False,
    )
    other_minutes = forms.IntegerField(
        label=_("Or another number of minutes"), min_value=1, max_value=24 * 60, required=False
    )
    kinds = KindsField(
        label=_("What you did"), help_text=_("One to three."), queryset=ActivityType.objects.none()
    )
    held_on = forms.DateField(label=_("When"), initial=timezone.localdate, widget=forms.DateInput)
    note = forms.CharField(
        label=_("Note"),
        help_text=worded(_("Both of you read it. Leave out names of {clients}.")),
        widget=forms.Textarea(LONG),
        required=False,
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["kinds"].queryset = ActivityType.objects.visible_to(self.staff).offered()
        self.fields["kinds"].widget.attrs["class"] = "chips"

    def clean(self):
        cleaned = super().clean()
        cleaned["minutes"] = cleaned.get("other_minutes") or cleaned.get("minutes")
        if not cleaned["minutes"] and not {"minutes", "other_minutes"} & set(self.errors):
            self.add_error("minutes", _("Say how long it took."))
        return cleaned


class EndForm(HouseForm):
    """Why a pairing ends, if somebody wants to say."""

    reason = forms.CharField(max_length=Pairing._meta.get_field("end_reason").max_length, required=False)


class RateForm(HouseForm):
    """How helpful it was: one button each."""

    helpfulness = forms.TypedChoiceField(choices=[(n, n) for n in range(1, 6)], coerce=int)
