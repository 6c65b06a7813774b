"""What is said when a crisis begins, and when it is over; the first asks for nothing."""

from django import forms
from django.utils.translation import gettext_lazy as _

from casemgmt.core.forms import HouseForm
from serviceplans.models import Goal


class GoalChoices(forms.ModelMultipleChoiceField):
    widget = forms.CheckboxSelectMultiple

    def __init__(self, **kwargs):
        super().__init__(queryset=Goal.objects.none(), required=False, **kwargs)

    def clean(self, value):
        """What a colleague ended or let rest meanwhile is passed over: it must not hold up a crisis."""
        known = {str(pk) for pk in self.queryset.values_list("pk", flat=True)}
        return super().clean([one for one in value or () if one in known])


class GoalsForm(HouseForm):
    """Goals to tick, all ticked beforehand; without any it does not ask."""

    def __init__(self, *args, goals, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["goals"].queryset = goals
        rows = list(goals)
        self.fields["goals"].initial = [goal.pk for goal in rows]
        if not rows:
            del self.fields["goals"]

    def ticked(self):
        return list(self.cleaned_data.get("goals", ()))


class CrisisForm(GoalsForm):
    """Nothing has to be typed: staying safe comes first."""

    goals = GoalChoices(label=_("Let these goals rest"))
    note = forms.CharField(
        label=_("What is going on"),
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Only if there is time."),
    )


class RestForm(GoalsForm):
    """Which goals rest; the crisis is marked already, so that what cannot be chosen may be said."""

    goals = forms.ModelMultipleChoiceField(
        Goal.objects.none(),
        label=_("Let these goals rest"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )


class CrisisOverForm(GoalsForm):
    """How it ended, and which goals go on."""

    outcome = forms.CharField(
        label=_("How did it end?"), max_length=4000, widget=forms.Textarea(attrs={"rows": 3})
    )
    goals = GoalChoices(label=_("Work on these goals again"))
