"""The operator's entry, and the forms with which an agency admin sets up an agency in Django admin."""

from zoneinfo import available_timezones

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS
from django.core.validators import RegexValidator
from django.utils import timezone
from django.utils.functional import lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from casemgmt.agencies.logins import find_login
from casemgmt.agencies.models import Agency, StaffMember, User
from casemgmt.agencies.models.program import PickList
from casemgmt.agencies.roles import Role, role_choices
from casemgmt.agencies.words import TERMS, cap, worded
from casemgmt.core.forms import HouseForm
from casemgmt.core.models import Refused


class EnterForm(HouseForm):
    """The platform operator says which agency they enter, and why."""

    agency = forms.ChoiceField(label=_("Agency"))
    reason = forms.CharField(
        label=_("Reason"),
        min_length=10,
        max_length=500,
        widget=forms.Textarea({"rows": 3}),
        help_text=_("The agency reads this. Name the request or the fault, never a person served."),
    )

    def __init__(self, *args, agencies, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["agency"].choices = [("", _("Choose…")), *((str(a.pk), a.name) for a in agencies)]


# What people read where the database would refuse.
SENTENCES = {
    "activity_type_once": _("There is already one with this code."),
    "instrument_code_once": _("There is already one with this code."),
    "instrument_edition_once": _("There is a version of this number in this language."),
    "instrument_used_once": _("The program uses this questionnaire already."),
    "left_after_hired": _("The last day cannot be before the first."),
    "nobody_supervises_themselves": _("Choose somebody else: nobody supervises themselves."),
    "once_in_a_program_team": _("This person is already in the team."),
    "pick_item_once": _("This list already has an item with this code."),
    "program_closes_after_opening": _("A program cannot close before it opens."),
    "step_once_in_a_program": _("The program already has a step of this name."),
    "service_type_once": _("There is already one with this name."),
    "supervision_ends_after_start": _("The end cannot be before the start."),
    "team_ends_after_start": _("The end cannot be before the start."),
}


class SetupForm(forms.ModelForm):
    """A form in Django admin for one row of the admin's own agency; `staff` comes from agencies.admin."""

    staff = None

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.instance._state.adding and not isinstance(self.instance, Agency):
            self.instance.agency = self.staff.agency

    def _get_validation_exclusions(self):
        """Constraints name the agency, which is no field of the form: check them all the same."""
        return super()._get_validation_exclusions() - {"agency"}

    def _update_errors(self, errors):
        for error in getattr(errors, "error_dict", {}).get(NON_FIELD_ERRORS, ()):
            for constraint in self.instance._meta.constraints:
                if constraint.name in SENTENCES and _broke(constraint, error):
                    error.message, error.params = SENTENCES[constraint.name], None
        super()._update_errors(errors)


def _broke(constraint, error):
    if error.code == "unique_together":
        return error.params and error.params["unique_check"] == getattr(constraint, "fields", None)
    return error.message == constraint.get_violation_error_message()


class SetupFormSet(forms.BaseInlineFormSet):
    """Rows under a row: Django would look for their keys among the rows of all agencies."""

    def add_fields(self, form, index):
        super().add_fields(form, index)
        form.fields[self.model._meta.pk.name].queryset = self.queryset


# --- Words ------------------------------------------------------------------------------------------------------------

# Ready-made sets: what the field calls its people.
WORD_SETS = {
    "client": (
        _("client / case manager"),
        {"client": ["client", "clients"], "worker": ["case manager", "case managers"]},
    ),
    "individual": (
        _("individual / service coordinator"),
        {
            "client": ["individual", "individuals"],
            "worker": ["service coordinator", "service coordinators"],
        },
    ),
    "member": (
        _("member / care coordinator"),
        {
            "client": ["member", "members"],
            "worker": ["care coordinator", "care coordinators"],
            "plan": ["care plan", "care plans"],
        },
    ),
    "participant": (
        _("participant / support worker"),
        {"client": ["participant", "participants"], "worker": ["support worker", "support workers"]},
    ),
    "consumer": (
        _("consumer / caseworker"),
        {"client": ["consumer", "consumers"], "worker": ["caseworker", "caseworkers"]},
    ),
}
# These signs mean something where words are filled in.
word_shape = RegexValidator(
    r"[{}%<>&\\]", _("Use letters, digits, spaces, hyphens and slashes."), inverse_match=True
)


def word_fields(code):
    """The names of the two fields for a word: one and several."""
    return f"word_{code}_one", f"word_{code}_many"


def _word_field(default):
    return forms.CharField(
        label=lazy(lambda: cap(gettext(default)), str)(),
        required=False,
        max_length=40,
        validators=[word_shape],
        widget=forms.TextInput({"placeholder": _(default), "size": 28}),
    )


_Words = type(
    "_Words",
    (forms.Form,),
    {
        name: _word_field(default)
        for code, defaults in TERMS.items()
        for name, default in zip(word_fields(code), defaults, strict=True)
    },
)


class AgencyForm(_Words, SetupForm):
    """The agency's own name, zone and words; an empty word is the one of casemgmt."""

    time_zone = forms.ChoiceField(
        label=_("Time zone"),
        choices=lambda: [(z, z.replace("_", " ")) for z in sorted(available_timezones())],
    )
    word_set = forms.ChoiceField(
        label=_("Ready-made set"),
        required=False,
        choices=[("", _("Keep the words below")), *((key, label) for key, (label, _w) in WORD_SETS.items())],
        help_text=_("Fills in the words that belong to the set when you save, in place of those below."),
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for code, words in self.instance.words.items():
            if code in TERMS:
                for name, word in zip(word_fields(code), words, strict=True):
                    self.fields[name].initial = word

    def clean(self):
        cleaned = super().clean()
        chosen = {}
        for code in TERMS:
            one, many = (cleaned.get(name) or "" for name in word_fields(code))
            if bool(one) != bool(many):
                self.add_error(word_fields(code)[bool(one)], _("Give both: one and several."))
            elif one:
                chosen[code] = [one, many]
        if cleaned.get("word_set"):
            chosen |= WORD_SETS[cleaned["word_set"]][1]
        cleaned["words"] = chosen
        return cleaned

    def _post_clean(self):
        self.instance.words = self.cleaned_data.get("words", self.instance.words)
        super()._post_clean()


# --- Programs ---------------------------------------------------------------------------------------------------------


class ProgramForm(SetupForm):
    take_defaults = forms.BooleanField(
        label=_("Take the usual numbers of the model"),
        required=False,
        help_text=worded(
            _(
                "When you save: people per {worker}, shared {caseload}, crisis cover, days between contacts, "
                "and the dated steps of a rapid program."
            )
        ),
    )
    take_levels = forms.BooleanField(
        label=_("Take the usual levels of care"),
        required=False,
        help_text=_(
            "When you save, unless there are levels: five, each with its days between contacts and reviews."
        ),
    )


class TeamFormSet(SetupFormSet):
    """The team of a program, or the programs of a colleague: nobody twice at the same time."""

    def clean(self):
        super().clean()
        other, seen = "staff" if self.fk.name == "program" else "program", set()
        for form in self.forms:
            row = getattr(form, "cleaned_data", None) or {}
            if row.get(other) is None or row.get("ended_on"):
                continue
            if row[other] in seen:
                form.add_error(None, SENTENCES["once_in_a_program_team"])
            seen.add(row[other])


# --- Deadlines --------------------------------------------------------------------------------------------------------


class DeadlineForm(SetupForm):
    """A line of the jurisdiction table: it asks for something, and of a kind that belongs to it."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        field = self.fields["category"]
        field.queryset = field.queryset.filter(pick_list__in=[PickList.INCIDENT, PickList.MANDATED])
        field.queryset = field.queryset.order_by("pick_list", "position")
        field.label_from_instance = lambda item: f"{item.get_pick_list_display()}: {item.label}"

    def clean(self):
        cleaned = super().clean()
        category, kind = cleaned.get("category"), cleaned.get("kind")
        if category is not None and kind and category.pick_list != kind:
            self.add_error("category", _("This is a kind of the other list."))
        if cleaned.get("verbal_within") is None and cleaned.get("written_within") is None:
            self.add_error("verbal_within", _("Say how soon, by word of mouth or in writing."))
        return cleaned


# --- Staff ------------------------------------------------------------------------------------------------------------


class StaffForm(SetupForm):
    """A colleague, their roles and their login.

    A login is given by user name and e-mail together: where both are somebody's, they get one more job; where neither
    is, a login is made. What else is known about a login stays unknown here, and so does whether it was there before.
    """

    roles = forms.MultipleChoiceField(
        label=_("Roles"),
        required=False,
        choices=role_choices,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("What they may do. Whose records they see follows from their work."),
    )
    login_username = forms.CharField(
        label=_("User name"),
        required=False,
        max_length=150,
        validators=User._meta.get_field("username").validators,
        help_text=_("The name they sign in with, here and at any other agency."),
    )
    login_email = forms.EmailField(
        label=_("E-mail of the login"),
        required=False,
        max_length=254,
        help_text=_("They get a message here, with a link to choose a password if they have none."),
    )
    send_link = forms.BooleanField(
        label=_("Send a link to choose a new password"),
        required=False,
        help_text=_("It goes to the e-mail of the login and works for three days."),
    )
    take_login_away = forms.BooleanField(
        label=_("Take the login away"),
        required=False,
        help_text=_(
            "They can no longer open anything at this agency. For somebody who left, the last day is enough."
        ),
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        unused = (
            ("login_username", "login_email") if self.instance.user_id else ("send_link", "take_login_away")
        )
        for name in unused:
            del self.fields[name]

    def clean(self):
        cleaned = super().clean()
        self._check_login(cleaned)
        if self.instance.pk == self.staff.pk and not self.staff.has_role(Role.OPERATOR):
            left = cleaned.get("left_on")
            if (
                Role.ADMIN.value not in cleaned.get("roles", ())
                or cleaned.get("take_login_away")
                or (left and left <= timezone.localdate())
            ):
                self.add_error(None, _("You cannot shut yourself out: ask another agency admin to do this."))
        return cleaned

    def _check_login(self, cleaned):
        """Sets `existing_login` to the login that both entries name; None: a new one is wanted, or none at all."""
        self.existing_login = None
        username, email = cleaned.get("login_username"), cleaned.get("login_email")
        if not username and not email:
            return
        if not (username and email):
            self.add_error("login_email" if username else "login_username", _("Give both, or neither."))
            return
        try:
            self.existing_login = find_login(username, email)
        except Refused as refused:
            self.add_error("login_username", refused.sentences[0])
        if self.existing_login and self._has_job_here(self.existing_login):
            self.add_error("login_username", _("A colleague on your staff list already signs in with this."))

    def _has_job_here(self, user):
        return StaffMember.objects.visible_to(self.staff).filter(user=user).exists()
