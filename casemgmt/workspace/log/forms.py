"""A visit on one page: what is as last time is there, the rest is a tap each (CM1)."""

from datetime import datetime, timedelta

from django import forms
from django.utils import timezone
from django.utils.formats import date_format, time_format
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from casemgmt.agencies.models import NotePhrase, StaffMember
from casemgmt.core.forms import HouseModelForm
from casemgmt.workspace.log.asked import answer_of, asked_at, field_of
from casemgmt.workspace.log.moments import from_meters, minutes_between, readings, to_meters
from casemgmt.workspace.log.parts import COLUMNS, parts_of
from casemgmt.workspace.log.verbs import SLACK, Other, VisitDraft
from clients.models import Visit, VisitParticipant
from serviceplans.models import GoalProgress

NEXT_IN = [
    ("", _("No date")),
    ("1", _("Tomorrow")),
    ("7", _("In 1 week")),
    ("14", _("In 2 weeks")),
    ("30", _("In 30 days")),
    ("on", _("On a day")),
]
STEPS = [
    (GoalProgress.Step.BACK, _("Back")),
    (GoalProgress.Step.SAME, _("Same")),
    (GoalProgress.Step.FORWARD, _("Forward")),
    (GoalProgress.Step.MET, _("Reached")),
]
VISIBLE_KINDS = 12  # REQ-163: more than that nobody reads
OTHER_WORK = (1, 2)
CHOSEN = ("mode", "place", "outcome")  # mostly right as they stand: a line each, to leave room for the rest
TAPPED = ("held_with", "not_reached_why", "help", "interpreter")
TOO_LONG = {"max_value": _("A day has 1440 minutes.")}


def _minutes(label="", **kwargs):
    widget = forms.NumberInput({"inputmode": "numeric", "min": 0, "max": 1440})
    return forms.IntegerField(
        label=label,
        required=False,
        min_value=0,
        max_value=1440,
        widget=widget,
        error_messages=TOO_LONG,
        **kwargs,
    )


def _text(rows):
    return forms.Textarea({"rows": rows})


class VisitForm(HouseModelForm):
    """A visit or an attempt; which questions the note asks is the program's choice."""

    day = forms.DateField(label=_("Day"), widget=forms.DateInput)
    time = forms.TimeField(label=_("Began"), widget=forms.TimeInput({"type": "time"}, format="%H:%M"))
    until = forms.TimeField(
        label=_("Ended"), required=False, widget=forms.TimeInput({"type": "time"}, format="%H:%M")
    )
    hour = forms.ChoiceField(
        label=_("Which of the two"),
        required=False,
        choices=[("0", _("The first")), ("1", _("The second, after the clocks went back"))],
        widget=forms.RadioSelect,
    )
    distance = forms.DecimalField(
        required=False,
        min_value=0,
        max_value=1200,
        max_digits=6,
        decimal_places=1,
        widget=forms.NumberInput({"inputmode": "decimal", "step": "any", "min": 0}),
    )
    next_in = forms.ChoiceField(
        label=_("Next contact"), choices=NEXT_IN, required=False, widget=forms.RadioSelect
    )
    phrases = forms.ModelMultipleChoiceField(
        NotePhrase.objects.all(),
        label="",
        required=False,
        widget=forms.CheckboxSelectMultiple({"class": "chips"}),
    )
    partner = forms.ModelChoiceField(
        StaffMember.objects.all(), label=_("Who came along"), required=False, empty_label=_("Nobody")
    )
    partner_role = forms.ChoiceField(
        label=_("They"),
        required=False,
        choices=[(r.value, r.label) for r in VisitParticipant.Role if r != VisitParticipant.Role.LEAD],
    )
    partner_minutes = _minutes(_("Their minutes, if not all"))
    own_minutes = _minutes()
    tell_others = forms.BooleanField(required=False)
    planned = forms.CharField(required=False, widget=forms.HiddenInput)

    class Meta:
        model = Visit
        fields = (
            *("mode", "place", "outcome", "held_with", "not_reached_why", "help", "interpreter"),
            *("with_whom", "attendees", "decisions", "materials", "interpreter_why"),
            *("direct_minutes", "travel_minutes", "documentation_minutes"),
            *("service_type", "acuity", *COLUMNS, "own_note", "next_on"),
        )
        widgets = {
            **{name: forms.RadioSelect for name in (*TAPPED, "service_type")},
            **{name: _text(3) for name in COLUMNS},
            **{name: _text(2) for name in ("next_step", "own_note", "attendees", "decisions")},
            **{
                name: forms.NumberInput({"inputmode": "numeric", "min": 0, "max": 1440})
                for name in ("direct_minutes", "travel_minutes", "documentation_minutes")
            },
        }

    def __init__(self, *args, goals, partners, others=(), rest=0, asks_interpreter=False, **kwargs):
        super().__init__(*args, **kwargs)
        self.goals, self.others, self.rest = goals, list(others), rest
        self.program = self.instance.enrollment.program
        self.unit = self.staff.agency.distance_unit
        self.asks_which_hour = False
        for name in (*CHOSEN, *TAPPED):
            self.fields[name].choices = self._meta.model._meta.get_field(name).choices
        self.fields["acuity"] = forms.TypedChoiceField(
            label=self.fields["acuity"].label,
            help_text=self.fields["acuity"].help_text,
            required=False,
            coerce=int,
            empty_value=None,
            choices=[(n, str(n)) for n in range(1, 6)],
            widget=forms.RadioSelect,
        )
        self.fields["distance"].label = capfirst(self.staff.agency.get_distance_unit_display())
        self.fields["direct_minutes"].label = _("Minutes")
        for name in ("direct_minutes", "travel_minutes", "documentation_minutes"):
            self.fields[name].error_messages |= TOO_LONG
        for name in ("travel_minutes", "documentation_minutes"):
            self.fields[name].required = False
        self.fields["with_whom"].widget.attrs |= {"list": "people-around", "autocomplete": "off"}
        self.fields["partner"].queryset = partners.visible_to(self.staff)
        phrases = self.fields["phrases"]
        phrases.queryset = phrases.queryset.offered(self.program)
        self._ask_for_kinds()
        self._ask_for_note()
        self._ask_only_where_needed(asks_interpreter)
        self._ask_when()
        self._ask_for_goals()
        self._ask_own()
        self._ask_for_others()

    # --- What is asked ---

    def _ask_for_kinds(self):
        kind = self.fields["service_type"]
        kind.queryset, kind.empty_label = kind.queryset.in_use(), None
        for n in OTHER_WORK:
            self.fields[f"other_kind_{n}"] = forms.ModelChoiceField(
                kind.queryset, label=_("Other work"), required=False, empty_label="–"
            )
            self.fields[f"other_minutes_{n}"] = _minutes(_("Its minutes"))

    def _ask_for_note(self):
        """The questions of the program's format; a draft of another format keeps what it says."""
        asked = {column: (question, hint) for column, question, hint in parts_of(self.program)}
        for name in COLUMNS:
            if name in asked:
                self.fields[name].label, self.fields[name].help_text = asked[name]
            elif not getattr(self.instance, name):
                del self.fields[name]

    def _ask_only_where_needed(self, asks_interpreter):
        visit = self.instance
        if not (self.program.asks_acuity or visit.acuity):
            del self.fields["acuity"]
        if not (asks_interpreter or visit.interpreter):
            del self.fields["interpreter"], self.fields["interpreter_why"]
        if not self.others and not visit.together:
            del self.fields["own_note"]
        if not self.rest:
            del self.fields["tell_others"]
        else:
            self.fields["tell_others"].label = _("Take this text over into the drafts of the others, too")

    def _ask_when(self):
        if self.instance.pk is None:
            return
        begun = timezone.localtime(self.instance.started_at)
        self.initial |= {"day": begun.date(), "time": begun.strftime("%H:%M"), "hour": str(begun.fold)}
        self.asks_which_hour = len(readings(begun.replace(tzinfo=None))) == 2
        self.initial["distance"] = from_meters(self.instance.distance_m, self.unit)
        self.initial["next_in"] = "on" if self.instance.next_on else ""

    def _ask_for_goals(self):
        for goal in self.goals:
            self.fields[f"goal_{goal.pk}"] = forms.ChoiceField(
                label=goal.title, required=False, choices=STEPS, widget=forms.RadioSelect
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

    def _ask_own(self):
        self.asked = asked_at(self.staff, self.instance, self.data)
        for one in self.asked:
            self.fields[one.name] = field_of(one)

    def _ask_for_others(self):
        name = self.instance.enrollment.client.name
        self.fields["own_minutes"].label = _("Minutes of %(name)s, if not even") % {"name": name}
        if "own_note" in self.fields:
            self.fields["own_note"].label = _("Only about %(name)s") % {"name": name}
        for enrollment in self.others:
            self.fields[f"with_{enrollment.pk}"] = forms.BooleanField(label=enrollment.said, required=False)
            self.fields[f"with_note_{enrollment.pk}"] = forms.CharField(
                label=_("Only about this person"), required=False, widget=_text(2)
            )
            self.fields[f"with_minutes_{enrollment.pk}"] = _minutes(_("Minutes, if not even"))

    # --- For the template ---

    def questions(self):
        """The fields of the note in the order of the format."""
        asked = [column for column, _question, _hint in parts_of(self.program)]
        rest = [column for column in COLUMNS if column in self.fields and column not in asked]
        return [self[name] for name in (*asked, *rest)]

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

    def own_questions(self):
        """The fields of the agency's own questions."""
        return [self[one.name] for one in self.asked]

    def kinds(self):
        """The kinds of work to tap, each with its part of targeted case management; the chosen one is never hidden."""
        rows = [
            {"tap": tap, "component": tap.data["value"].instance.get_component_display()}
            for tap in self["service_type"]
        ]
        rows.sort(key=lambda row: not row["tap"].data["selected"])
        first = rows[:VISIBLE_KINDS]
        first.sort(key=lambda row: int(row["tap"].data["index"]))
        return {"first": first, "more": rows[VISIBLE_KINDS:]}

    def other_work(self):
        return [[self[f"other_kind_{n}"], self[f"other_minutes_{n}"]] for n in OTHER_WORK]

    def other_people(self):
        return [
            [self[f"{part}_{e.pk}"] for part in ("with", "with_note", "with_minutes")] for e in self.others
        ]

    def has_phrases(self):
        return any(True for _choice in self["phrases"])

    def _open(self, *names):
        """Whether a folded part has to be open: something in it is wrong."""
        return any(self[name].errors for name in names if name in self.fields)

    def opens_work(self):
        other = [f"other_{part}_{n}" for n in OTHER_WORK for part in ("kind", "minutes")]
        return self._open("service_type", "travel_minutes", "documentation_minutes", "distance", *other)

    def opens_with(self):
        names = ("held_with", "with_whom", "attendees", "decisions")
        return self._open(*names) or self["held_with"].value() not in (None, "", Visit.With.CLIENT)

    def opens_more(self):
        return self._open("help", "materials", "partner", "partner_role", "partner_minutes")

    def opens_others(self):
        names = [bound.name for row in self.other_people() for bound in row]
        return self._open("own_minutes", "own_note", *names) or any(
            row[0].value() for row in self.other_people()
        )

    def kind_said(self):
        """What the folded part says without being opened."""
        return next(
            (row["tap"].choice_label for row in self.kinds()["first"] if row["tap"].data["selected"]), ""
        )

    # --- What was said ---

    def clean(self):
        said = super().clean()
        self._clean_when(said)
        if said.get("mode") != Visit.Mode.IN_PERSON:
            said["place"] = ""
            said["travel_minutes"], said["distance"] = 0, None
        kept = said.get("outcome") == Visit.Outcome.KEPT
        if kept:
            said["not_reached_why"] = ""
        elif self.instance.pk is None and "direct_minutes" not in self.changed_data:
            said["direct_minutes"] = 0
        for name in ("travel_minutes", "documentation_minutes"):
            said[name] = said.get(name) or 0
        if said.get("held_with") == Visit.With.CLIENT:
            said["with_whom"] = ""
        if said.get("held_with") != Visit.With.CONFERENCE:
            said["attendees"] = said["decisions"] = ""
        if said.get("partner") and not said.get("partner_role"):
            self.add_error("partner_role", _("Say what they did."))
        self._clean_next(said)
        self._clean_goals(said, kept)
        self._clean_own(said, kept)
        self._clean_other_work(said)
        self._add_phrases(said)
        return said

    def _clean_when(self, said):
        if not said.get("day") or not said.get("time"):
            return
        if not 1900 <= said["day"].year <= 2200:
            self.add_error("day", _("Check the year."))
            return
        begun = self._moment(said, "time")
        if begun is None:
            return
        now = timezone.now()
        self.started_at = min(begun, now) if begun <= now + SLACK else begun
        if said.get("until") is None:
            return
        ended = self._moment(said, "until", after=begun)
        if ended is None:
            return
        if ended < begun:
            self.add_error(
                "until", _("It ends before it begins. Past midnight? Then give the minutes instead.")
            )
            return
        said["direct_minutes"] = minutes_between(begun, ended)

    def _moment(self, said, name, after=None):
        """The moment of a day and a time here; None, with words beside the field, where the clocks leave doubt."""
        found = readings(datetime.combine(said["day"], said[name]))
        if not found:
            shown = time_format(said[name])
            self.add_error(
                name, _("There was no %(time)s that night: the clocks went forward.") % {"time": shown}
            )
            return None
        if len(found) == 1:
            return found[0]
        if after is not None:
            return next((moment for moment in found if minutes_between(after, moment) >= 0), found[0])
        self.asks_which_hour = True
        if said.get("hour") not in ("0", "1"):
            self.add_error("hour", _("The clocks showed this hour twice that night: choose."))
            return None
        return found[int(said["hour"])]

    def _clean_next(self, said):
        """Counted from the visit, so that what a phone sends two days later means the same; else from today."""
        chosen = said.get("next_in")
        if chosen == "on" and not said.get("next_on") and "next_on" not in self.errors:
            self.add_error("next_on", _("Choose the day."))
        elif chosen and chosen != "on" and said.get("day"):
            today, ahead = timezone.localdate(), timedelta(days=int(chosen))
            base = said["day"] if today - ahead < said["day"] <= today else today
            said["next_on"] = base + ahead
        elif "next_in" in self.data and not chosen:
            said["next_on"] = None

    def _clean_goals(self, said, kept):
        for goal in self.goals:
            step = said.get(f"goal_{goal.pk}")
            valued = any(said.get(f"value_{o.pk}") is not None for o in goal.shown_objectives)
            if not kept:
                said[f"goal_{goal.pk}"] = ""
            elif valued and not step:
                said[f"goal_{goal.pk}"] = GoalProgress.Step.SAME

    def _clean_own(self, said, kept):
        """Nothing was asked of somebody who was not met; a question that had ended by that day takes no new answer."""
        for one in self.asked:
            if not kept:
                self.errors.pop(one.name, None)
                said[one.name] = ""
            elif one.before is None and said.get("day") and one.is_over(said["day"]):
                if said.get(one.name) not in (None, ""):
                    day = date_format(one.indicator.ended_on, "j M Y")
                    self.add_error(
                        one.name, _("Not asked any more since %(day)s: leave it empty.") % {"day": day}
                    )

    def _clean_other_work(self, said):
        seen = {said.get("service_type")}
        for n in OTHER_WORK:
            kind, minutes = said.get(f"other_kind_{n}"), said.get(f"other_minutes_{n}")
            if kind and not minutes:
                self.add_error(f"other_minutes_{n}", _("Say how many minutes."))
            elif minutes and not kind:
                self.add_error(f"other_kind_{n}", _("Say what it was."))
            elif kind and kind in seen:
                self.add_error(f"other_kind_{n}", _("This is there already."))
            seen.add(kind)

    def _add_phrases(self, said):
        """Without a script what was ticked is put below what was written."""
        texts = [phrase.text for phrase in said.get("phrases") or []]
        if texts and "note" in said:
            said["note"] = "\n".join(filter(None, [said["note"].rstrip(), *texts]))

    def refuse(self, refused):
        """What the verb finds wrong stands beside its field, where the form has it."""
        beside = getattr(refused, "beside", None)
        if beside is None:
            super().refuse(refused)
            return
        for name, sentence in beside.items():
            self.add_error(name if name in self.fields else None, sentence)

    def draft(self):
        """What was said, for the verb."""
        said = self.cleaned_data
        fields = {name: said[name] for name in self._meta.fields if name in said}
        fields |= {"started_at": self.started_at, "distance_m": to_meters(said["distance"], self.unit)}
        return VisitDraft(
            fields,
            progress=self._progress(said),
            answers=[answer_of(one, said.get(one.name)) for one in self.asked],
            partner=said.get("partner"),
            lead_role_of_partner=said.get("partner_role") or "",
            partner_minutes=said.get("partner_minutes"),
            activities=[
                (said[f"other_kind_{n}"], said[f"other_minutes_{n}"])
                for n in OTHER_WORK
                if said.get(f"other_kind_{n}")
            ],
            others=[
                Other(e, said[f"with_note_{e.pk}"], said[f"with_minutes_{e.pk}"])
                for e in self.others
                if said.get(f"with_{e.pk}")
            ],
            own_minutes=said.get("own_minutes"),
            tell_others=bool(said.get("tell_others")),
            key=said["submit_key"],
        )

    def _progress(self, said):
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
        return progress
