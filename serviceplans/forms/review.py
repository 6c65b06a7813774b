"""Forms of the look at a plan."""

from django import forms
from django.utils.formats import date_format
from django.utils.translation import gettext as now_
from django.utils.translation import gettext_lazy as _

from casemgmt.agencies.models import LevelOfCare
from casemgmt.agencies.models.program import PickList
from casemgmt.core.forms import HouseModelForm
from clients.forms.days import sensible_day
from clients.forms.level import LevelChoices
from serviceplans.models import GoalReview, PlanReview, ReviewExemption

SHORT_TEXT = {"rows": 2}
Decision = GoalReview.Decision
CHIPS = {"class": "chips"}
CHOICES = {"class": "choices"}
ATTAINED = (2, 1, 0, -1, -2)


class ReviewForm(HouseModelForm):
    """What the look at the plan found: of every goal that goes on, and of the whole."""

    level = LevelChoices(LevelOfCare.objects.all(), label=_("Level of care"), required=False)
    level_why = forms.CharField(label=_("Why, if the level changes"), max_length=300, required=False)

    class Meta:
        model = PlanReview
        fields = [
            "client_view",
            "services_view",
            "summary",
            "safety_plan_seen",
            "outcome",
            "reviewed_on",
            "next_on",
        ]
        widgets = {
            "summary": forms.Textarea({"rows": 4}),
            "client_view": forms.Textarea(SHORT_TEXT),
            "services_view": forms.Textarea(SHORT_TEXT),
            "outcome": forms.RadioSelect(CHIPS),
            "reviewed_on": forms.DateInput,
            "next_on": forms.DateInput,
        }
        help_texts = {"next_on": _("Empty: as the level or the program sets it.")}

    def __init__(self, *args, plan, goals, has_safety_plan, **kwargs):
        super().__init__(*args, **kwargs)
        self.enrollment = plan.enrollment
        self.fields["next_on"].validators.append(sensible_day)
        self.goals = [row for row in goals if row["goal"].ended_on is None]
        self.fields["outcome"].choices = PlanReview.Outcome.choices
        self.fields["outcome"].initial = PlanReview.Outcome.CONTINUE
        if not self.fields["level"].ask_for(plan.enrollment):
            del self.fields["level"], self.fields["level_why"]
        if not has_safety_plan:
            del self.fields["safety_plan_seen"]
        for row in self.goals:
            self._ask_for(row)

    def _ask_for(self, row):
        goal, last = row["goal"], row["last"]
        name = f"goal_{goal.pk}"
        self.fields[f"{name}_decision"] = forms.ChoiceField(
            label=_("What now?"),
            choices=Decision.choices,
            initial=Decision.CONTINUE,
            widget=forms.RadioSelect(CHIPS),
        )
        self.fields[f"{name}_why"] = forms.CharField(
            label=_("Why, unless it goes on"), max_length=300, required=False
        )
        rated = last.client_rating if last is not None else None
        self.fields[f"{name}_rating"] = forms.IntegerField(
            label=_("Their own rating, 0 to 10")
            if rated is None
            else now_("Their own rating, 0 to 10 (last time %(n)s)") % {"n": rated},
            min_value=0,
            max_value=10,
            required=False,
            widget=forms.NumberInput({"inputmode": "numeric"}),
        )
        if goal.paused_on is not None:
            self.fields[f"{name}_resume"] = forms.BooleanField(label=_("Work on it again"), required=False)
        for step in row["objectives"]:
            if step["objective"].scale:
                self._ask_where_it_stands(step["objective"], step["rated"])

    def _ask_where_it_stands(self, objective, last):
        """The five levels in the words that were agreed, the best first; last time's is ticked."""
        words = dict(zip((-2, -1, 0, 1, 2), objective.scale, strict=False))
        choices = [(n, f"{_signed(n)}  {words[n]}") for n in ATTAINED if words.get(n)]
        self.fields[f"level_{objective.pk}"] = forms.TypedChoiceField(
            label=_("Where it stands now"),
            choices=choices,
            coerce=int,
            empty_value=None,
            initial=last,
            required=False,
            widget=forms.RadioSelect(CHOICES),
        )

    def asked(self):
        """Each goal's row with the fields that ask about it."""
        for row in self.goals:
            name = f"goal_{row['goal'].pk}"
            yield row | {
                "fields": {
                    part: self[f"{name}_{part}"]
                    for part in ("decision", "why", "rating", "resume")
                    if f"{name}_{part}" in self.fields
                },
                "steps": [
                    step
                    | {
                        "field": self[key]
                        if (key := f"level_{step['objective'].pk}") in self.fields
                        else None
                    }
                    for step in row["objectives"]
                ],
            }

    def clean(self):
        said = super().clean()
        for row in self.goals:
            name = f"goal_{row['goal'].pk}"
            decision = said.get(f"{name}_decision")
            if decision and Decision(decision).needs_reason and not (said.get(f"{name}_why") or "").strip():
                self.add_error(f"{name}_why", _("Say why."))
        level = said.get("level")
        if level and level.pk != self.enrollment.level_id and not (said.get("level_why") or "").strip():
            self.add_error("level_why", _("Say why the level changes."))
        return said

    def held(self):
        """What was said, as PlanReview.hold takes it."""
        said = self.cleaned_data
        level = said.get("level")
        return {name: said[name] for name in self.Meta.fields if name in said} | {
            "goals": [self._of_goal(row) for row in self.goals],
            "level": (level, said["level_why"]) if level else None,
        }

    def _of_goal(self, row):
        name, said = f"goal_{row['goal'].pk}", self.cleaned_data
        levels = {
            step["objective"].pk: said.get(f"level_{step['objective'].pk}") for step in row["objectives"]
        }
        return {
            "goal": row["goal"],
            "decision": said[f"{name}_decision"],
            "why": said[f"{name}_why"],
            "client_rating": said[f"{name}_rating"],
            "resume": said.get(f"{name}_resume", False),
            "levels": {pk: level for pk, level in levels.items() if level is not None},
        }


def _signed(number):
    """A level of attainment as it is written: with its sign, and nought without one."""
    return f"{number:+d}".replace("-", "−") if number else "0"


def first_summary(visits, goals):
    """What was found as the record tells it, for the worker to mend."""
    words = now_("%(kept)s of %(tried)s contacts took place.")
    lines = [words % visits]
    for row in goals:
        goal = row["goal"]
        if goal.ended_on is not None:
            continue
        told = [
            f"{s['measure']['what'] or s['objective'].text}: {s['measure']['now']} → {s['value']}"
            for s in row["objectives"]
            if s["value"]
        ]
        if row["lately"]:
            told.insert(0, str(row["lately"]["label"]).lower())
        if goal.paused_on is not None:
            told = [now_("rests since %(day)s") % {"day": date_format(goal.paused_on, "j M Y")}]
        lines.append(f"“{goal.title}”: {', '.join(told) or now_('nothing noted')}.")
    return "\n".join(lines)


class PutOffForm(HouseModelForm):
    """Why the review cannot be held when it is due, and when it will be."""

    class Meta:
        model = ReviewExemption
        fields = ["reason", "moved_to", "note"]
        widgets = {"reason": forms.RadioSelect(CHIPS), "moved_to": forms.DateInput}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["moved_to"].validators.append(sensible_day)
        reasons = self.fields["reason"]
        reasons.queryset, reasons.empty_label = reasons.queryset.of(PickList.EXEMPTION), None
