"""Forms of goals, objectives and actions; what may be chosen is the person's own."""

from datetime import timedelta

from crispy_forms.layout import HTML, Div, Fieldset, Layout
from django import forms
from django.db.models import Q
from django.forms.models import fields_for_model
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from assessments.domains import Rating
from assessments.models import Need, Strength
from casemgmt.agencies.models import PickItem
from casemgmt.agencies.models.program import PickList
from casemgmt.agencies.words import worded
from casemgmt.core.forms import HouseForm, HouseModelForm
from clients.models import RelatedPerson
from serviceplans import smart
from serviceplans.charts import plain
from serviceplans.models import Goal, GoalBarrier, GoalNeed, Objective, PlanAction

CHIPS = {"class": "chips"}
USUAL_DAYS = 90  # until an objective is reached, where nobody says otherwise


class NeedChoices(forms.ModelMultipleChoiceField):
    """Needs to tap; the urgent ones say so."""

    widget = forms.CheckboxSelectMultiple(attrs=CHIPS)

    def label_from_instance(self, need):
        if need.severity == Rating.URGENT:
            return _("%(need)s (urgent)") % {"need": need}
        return str(need)


class BarrierChoices(forms.ModelMultipleChoiceField):
    widget = forms.CheckboxSelectMultiple(attrs=CHIPS)

    def label_from_instance(self, item):
        return item.label


class Fold(Div):
    """Fields that fold away until somebody wants them: open where one of them says something, or says it wrongly."""

    template = "serviceplans/_fold.html"

    def __init__(self, summary, *fields, watched=()):
        super().__init__(*fields)
        self.summary, self.watched, self.opened = summary, watched or fields, False

    def render(self, form, context, template_pack=None, **kwargs):
        said = [name for name in self.watched if name in form.fields and form[name].value()]
        wrong = form.is_bound and any(name in form.errors for name in self.watched)
        self.opened = bool(said) or wrong
        return super().render(form, context, template_pack=template_pack, **kwargs)


def _row(*fields):
    """Short fields side by side, also on a phone."""
    return Div(*(Div(*names, css_class=width) for width, *names in fields), css_class="row gx-3")


def _remark(name):
    """Where the page says, while somebody types, what is missing in this field."""
    return HTML(f'<ul class="remarks" id="remark-{name}"></ul>')


# --- Goals -----------------------------------------------------------------------------------------------------------


class GoalForm(HouseModelForm):
    """A goal in the person's words, the needs it answers, what it builds on and what stands in its way."""

    merges = True

    needs = NeedChoices(queryset=Need.objects.none(), required=False, label=_("Answers these needs"))
    barriers = BarrierChoices(
        queryset=PickItem.objects.none(), required=False, label=_("What stands in the way")
    )

    class Meta:
        model = Goal
        fields = ["title", "why", "needs", "strength", "barriers", "agreement"]
        widgets = {
            "title": forms.Textarea(attrs={"rows": 2}),
            "agreement": forms.RadioSelect(attrs=CHIPS),
        }
        help_texts = {"title": _("For example: “I want a quiet place of my own.”")}

    def __init__(self, *args, enrollment, **kwargs):
        super().__init__(*args, **kwargs)
        goal = self.instance
        if goal.pk:
            links = GoalNeed.objects.visible_to(self.staff).filter(goal=goal)
            self.initial["needs"] = list(links.values_list("need", flat=True))
            ways = GoalBarrier.objects.visible_to(self.staff).filter(goal=goal)
            self.initial["barriers"] = list(ways.values_list("barrier", flat=True))
        needs = Need.objects.visible_to(self.staff).filter(enrollment=enrollment).in_order()
        # What was chosen stays, also when the need was met or the list changed meanwhile.
        chosen = self.initial.get("needs") or []
        self.fields["needs"].queryset = needs.filter(Q(met_on=None) | Q(pk__in=chosen))
        items = PickItem.objects.visible_to(self.staff)
        kept = items.filter(pk__in=self.initial.get("barriers") or [], pick_list=PickList.BARRIER)
        self.fields["barriers"].queryset = items.of(PickList.BARRIER) | kept
        strengths = Strength.objects.visible_to(self.staff).filter(enrollment=enrollment)
        still = Q(ended_on=None) | Q(pk=goal.strength_id)
        self.fields["strength"].queryset = strengths.filter(still)
        self.fields["strength"].empty_label = _("None yet")
        self.fields["agreement"].choices = Goal.Agreement.choices
        self.helper.layout = Layout("submit_key", "version", *self.first, "agreement")

    @property
    def first(self):
        """What is asked first: their words, why, and what it hangs on."""
        return (
            "title",
            "why",
            "needs",
            Fold(_("Strength and barriers"), "strength", "barriers"),
        )

    def put(self, goal):
        """Write the goal with its links."""
        goal.put(needs=self.cleaned_data["needs"], barriers=self.cleaned_data["barriers"])


# --- Objectives ------------------------------------------------------------------------------------------------------

OBJECTIVE_FIELDS = [
    "text", "measure", "unit", "baseline", "target", "target_on", "direction", "indicator", "every_days", "weight",
    "achievable", "relevant",
]  # fmt: skip
OBJECTIVE_WIDGETS = {
    "indicator": forms.RadioSelect(attrs=CHIPS),
    "direction": forms.RadioSelect(attrs=CHIPS),
    "target_on": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
}
USUALLY = ("direction", "indicator", "weight")  # an objective has them, and nobody has to choose
# An empty one means: whenever we meet.
EVERY = [
    ("", worded(_("At each {visit}"))),
    (7, _("Weekly")),
    (14, _("Every two weeks")),
    (30, _("Monthly")),
    (90, _("Every three months")),
]
LEVELS = [
    ("level_1", _("−2: much less than hoped for")),
    ("level_2", _("−1: less than hoped for")),
    ("level_3", _("0: as hoped for")),
    ("level_4", _("+1: more than hoped for")),
    ("level_5", _("+2: much more than hoped for")),
]
LEVEL_NAMES = [name for name, _label in LEVELS]


def checked(url, *parts, on_load=False):
    """Parts of a form that are looked at while somebody types in them, and what is said about them as a whole."""
    return Div(
        *parts,
        HTML('<p class="remarks-said" id="remarks-said" role="status"></p>'),
        hx_post=url,
        hx_trigger=f"{'load delay:100ms, ' if on_load else ''}input delay:500ms, change delay:300ms",
        hx_include="closest form",
        hx_params="not submit_key",
        hx_target="#remarks-said",
        hx_sync="this:replace",
    )


def objective_layout():
    """The five prompts of SMART in the order in which one talks, each with room for what it still lacks."""
    return Div(
        "text",
        _remark("text"),
        _row(("col-12 col-md-8", "measure", _remark("measure")), ("col-12 col-md-4", "unit")),
        _row(
            ("col-6 col-md-3", "baseline", _remark("baseline")),
            ("col-6 col-md-3", "target", _remark("target")),
            ("col-12 col-md-6", "target_on", _remark("target_on")),
        ),
        "direction",
        "indicator",
        Fold(
            _("How often, achievable, relevant"),
            "every_days",
            _remark("every_days"),
            "achievable",
            "relevant",
            watched=("every_days", "achievable", "relevant"),
        ),
        Fold(_("Levels of attainment (GAS)"), *LEVEL_NAMES, "weight", watched=LEVEL_NAMES),
    )


class ObjectiveFields:
    """What a form asks about an objective: the levels are five fields here, and one list in the row."""

    def prepare_objective(self, objective):
        """Give the fields their choices and what the objective says so far."""
        every = list(EVERY)
        if objective.every_days and objective.every_days not in dict(EVERY):
            every.append((objective.every_days, _("Every %(n)s days") % {"n": objective.every_days}))
        self.fields["every_days"] = forms.TypedChoiceField(
            choices=every, coerce=int, empty_value=None, required=False, label=_("Measured"),
            widget=forms.RadioSelect(attrs=CHIPS),
        )  # fmt: skip
        self.initial.setdefault("every_days", objective.every_days or "")
        for position, (name, label) in enumerate(LEVELS):
            self.fields[name] = forms.CharField(label=label, max_length=200, required=False)
            self.initial.setdefault(name, objective.scale[position] if objective.scale else "")
        self.fields["direction"].choices = Objective.Direction.choices
        for name in USUALLY:
            self.fields[name].required = False
        for name in ("baseline", "target"):
            if self.initial.get(name) is not None:
                self.initial[name] = plain(self.initial[name])

    def check_levels(self, data):
        """All five or none: a level that says nothing cannot be rated."""
        said = [data.get(name, "") for name in LEVEL_NAMES]
        if any(said) and not all(said):
            for name, text in zip(LEVEL_NAMES, said, strict=True):
                if not text and name not in self.errors:
                    self.add_error(name, _("Say this level, too, or leave all five empty."))
        data["scale"] = said if all(said) else []

    def fill(self, objective):
        """The objective with its levels; what nobody chose is as usual."""
        objective.scale = self.cleaned_data["scale"]
        for name in USUALLY:
            if not self.cleaned_data[name]:
                setattr(objective, name, Objective._meta.get_field(name).default)
        return objective


class ObjectiveForm(ObjectiveFields, HouseModelForm):
    """A step to a goal that can be measured."""

    merges = True

    class Meta:
        model = Objective
        fields = OBJECTIVE_FIELDS
        widgets = OBJECTIVE_WIDGETS

    def __init__(self, *args, check_url, frame=None, **kwargs):
        super().__init__(*args, **kwargs)
        self.prepare_objective(self.instance)
        if frame is not None:
            self.initial["target_on"] = frame.usual_day(USUAL_DAYS)
        looked_at = checked(check_url, objective_layout(), on_load=bool(self.instance.pk))
        self.helper.layout = Layout("submit_key", "version", looked_at)

    def clean(self):
        data = super().clean()
        self.check_levels(data)
        return data

    def objective(self):
        """The unsaved objective."""
        return self.fill(self.save(commit=False))


# --- Actions ---------------------------------------------------------------------------------------------------------

DUE = [("7", _("In a week")), ("14", _("In two weeks")), ("30", _("In a month"))]
DUE_USUALLY = "14"


class ActionFields:
    """What a form asks about an action: who does it is one tap, and so is by when."""

    def prepare_action(self, client, action=None):
        people = RelatedPerson.objects.visible_to(self.staff).filter(client=client)
        named = people.filter(pk=action.related_person_id if action else None)
        close = people.filter(is_support=True).now() | named
        self.client, self.close = client, {f"close-{row.pk}": row for row in close}
        self.fields["doer"] = forms.ChoiceField(
            label=_("Who"),
            widget=forms.RadioSelect(attrs=CHIPS),
            initial="me",
            choices=[
                ("client", client.name),
                ("me", _("Me")),
                *((key, row.name) for key, row in self.close.items()),
                ("agency", _("Another agency")),
                ("other", _("Somebody else")),
            ],
        )
        self.fields["who"] = forms.CharField(
            label=_("Name, if another agency or somebody else"), max_length=150, required=False
        )
        self.fields["help"] = forms.ChoiceField(
            label=_("Our help"),
            choices=PlanAction.Help.choices,
            required=False,
            widget=forms.RadioSelect(attrs=CHIPS),
        )
        self.fields["due"] = forms.ChoiceField(
            label=_("By when"), choices=DUE, required=False, initial=DUE_USUALLY,
            widget=forms.RadioSelect(attrs=CHIPS),
        )  # fmt: skip
        self.fields["due_on"] = forms.DateField(
            label=_("Or on this day"),
            required=False,
            widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        )

    def check_step(self, data):
        """A day that was typed goes before a tap."""
        if not data.get("due_on") and "due_on" not in self.errors:
            if data.get("due"):
                data["due_on"] = timezone.localdate() + timedelta(days=int(data["due"]))
            else:
                self.add_error("due_on", _("Say by which day."))
        named = data.get("doer") in ("agency", "other")
        if named and not data.get("who") and "who" not in self.errors:
            self.add_error("who", _("Say who does it."))

    def give(self, action):
        """Say in the action who does it, with what help, by when."""
        data, doer = self.cleaned_data, self.cleaned_data["doer"]
        led = PlanAction.LedBy
        action.staff = self.staff if doer == "me" else None
        action.related_person = self.close.get(doer)
        if doer == "me":
            action.who, action.led_by = self.staff.name, led.WORKER
        elif doer == "client":
            action.who, action.led_by = self.client.name, led.CLIENT
        elif action.related_person is not None:
            action.who, action.led_by = action.related_person.name, led.FAMILY
        else:
            action.who, action.led_by = data["who"], led.AGENCY if doer == "agency" else ""
        action.help, action.due_on = data["help"], data["due_on"]
        return action


def action_layout(text):
    return Div(
        text,
        "doer",
        Div("who", css_class="only-named"),
        "help",
        _row(("col-12 col-md-8", "due"), ("col-12 col-md-4", "due_on")),
        _remark("actions"),
    )


class ActionForm(ActionFields, HouseModelForm):
    """Who does what by when, and with how much help."""

    merges = True

    class Meta:
        model = PlanAction
        fields = ["text"]

    def __init__(self, *args, client, **kwargs):
        super().__init__(*args, **kwargs)
        self.prepare_action(client, self.instance)
        if self.instance.pk:
            self._say(self.instance)
        self.helper.layout = Layout("submit_key", "version", action_layout("text"))

    def _say(self, action):
        """What a written action says, in the words of the form; its day stands there, and is not tapped anew."""
        doer = "agency" if action.led_by == PlanAction.LedBy.AGENCY else "other"
        if f"close-{action.related_person_id}" in self.close:
            doer = f"close-{action.related_person_id}"
        elif action.staff_id == self.staff.pk:
            doer = "me"
        elif action.led_by == PlanAction.LedBy.CLIENT or action.who == self.client.name:
            doer = "client"
        named = doer in ("agency", "other")
        self.initial |= {
            "doer": doer, "who": action.who if named else "", "help": action.help, "due": "", "due_on": action.due_on,
        }  # fmt: skip

    def clean(self):
        data = super().clean()
        self.check_step(data)
        return data

    def action(self, objective):
        """The unsaved action with its doer."""
        action = self.give(self.save(commit=False))
        action.objective = objective
        return action


# --- All three at one go ---------------------------------------------------------------------------------------------


class GoalBeginForm(ActionFields, ObjectiveFields, GoalForm):
    """A goal, its first objective and its first step on one page; objective and step may also come later."""

    def __init__(self, *args, client, check_url, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields |= fields_for_model(Objective, OBJECTIVE_FIELDS, widgets=OBJECTIVE_WIDGETS)
        self.prepare_objective(Objective())
        self.fields["text"].required = False
        self.fields["text"].label = _("First objective")
        self.initial.setdefault("target_on", self.instance.plan.frame().usual_day(USUAL_DAYS))
        self.fields["step"] = forms.CharField(label=_("First step"), max_length=300, required=False)
        self.prepare_action(client)
        self.fields["doer"].required = False
        self.helper.layout = Layout(
            "submit_key",
            "version",
            *self.first,
            checked(
                check_url,
                Fieldset(_("How you will both know"), objective_layout(), css_class="form-section"),
                Fieldset(_("Who does what first"), action_layout("step"), css_class="form-section"),
            ),
            Fieldset(_("Agreed"), "agreement", css_class="form-section"),
        )

    # What says that somebody has begun the objective; the rest stands there from the start.
    BEGUN = ("measure", "unit", "baseline", "target", "achievable", "relevant", *LEVEL_NAMES, "step")

    def clean(self):
        data = super().clean()
        self.check_levels(data)
        if data.get("step"):
            self.check_step(data)
        begun = any(data.get(name) not in (None, "") for name in self.BEGUN)
        if begun and not data.get("text") and "text" not in self.errors:
            self.add_error("text", _("Say in a sentence what will be different."))
        return data

    def objective(self):
        """The unsaved objective, or None where nothing was typed."""
        data = self.cleaned_data
        if not data["text"]:
            return None
        return self.fill(Objective(**{name: data[name] for name in OBJECTIVE_FIELDS}))

    def action(self, objective):
        """The unsaved first step, or None where nothing was typed."""
        if not self.cleaned_data["step"]:
            return None
        self.cleaned_data["doer"] = self.cleaned_data["doer"] or "me"
        return self.give(PlanAction(objective=objective, text=self.cleaned_data["step"]))


# --- Looked at while it is typed -------------------------------------------------------------------------------------

TYPED = ("text", "measure", "unit", "baseline", "target", "target_on", "every_days")


def is_begun(data):
    """Whether somebody has said anything about the objective yet."""
    return any(data.get(name, "").strip() for name in ("text", *GoalBeginForm.BEGUN))


def typed_draft(data):
    """An objective and its first step as far as they were typed; what cannot be read counts as not said."""
    said = {
        name: _read(field, data.get(name)) for name, field in fields_for_model(Objective, list(TYPED)).items()
    }
    maintains = data.get("direction") in (Objective.Direction.MAINTAIN, Objective.Direction.LIMIT)
    step = bool(data.get("step", "").strip())
    named = data.get("doer") in ("agency", "other")
    who = data.get("who", "") if named else data.get("doer") or "me"
    due = _read(forms.DateField(required=False), data.get("due_on"))
    if due is None and data.get("due") in dict(DUE):
        due = timezone.localdate() + timedelta(days=int(data["due"]))
    return smart.Draft(
        **said, maintains=maintains, responsible=(who,) if step else (), due=(due,) if step else ()
    )


def _read(field, text):
    try:
        return field.clean(text)
    except forms.ValidationError:
        return getattr(field, "empty_value", None)


class GoalEndForm(HouseForm):
    """How a goal turned out."""

    result = forms.ChoiceField(label=_("Result"), choices=Goal.Result.choices, widget=forms.RadioSelect)
    ended_on = forms.DateField(label=_("On"), initial=timezone.localdate, widget=forms.DateInput)
