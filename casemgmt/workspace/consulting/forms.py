"""Whom to ask, and the words; nothing else."""

from django import forms
from django.utils.translation import gettext_lazy as _

from casemgmt.agencies.words import worded
from casemgmt.core.forms import HouseForm

TEAM = "team"


class AskForm(HouseForm):
    """One tap and one field; who is asked first is chosen beforehand."""

    who = forms.ChoiceField(label=_("Whom"), widget=forms.RadioSelect({"class": "choices"}))
    text = forms.CharField(
        label=_("What you are stuck on"),
        max_length=5000,
        widget=forms.Textarea({"rows": 4}),
        help_text=_("No names: a colleague who does not see the record reads only these words."),
    )

    def __init__(self, *args, mentors, supervisors, team, **kwargs):
        super().__init__(*args, **kwargs)
        self.people = {str(person.pk): person for person in (*mentors, *supervisors)}
        choices = [(str(p.pk), worded(_("%(name)s, my {mentor}")) % {"name": p.name}) for p in mentors]
        known = {key for key, _label in choices}
        choices += [
            (str(p.pk), worded(_("%(name)s, {supervisor}")) % {"name": p.name})
            for p in supervisors
            if str(p.pk) not in known
        ]
        if team:
            names = ", ".join(person.name for person in team)
            choices.append((TEAM, _("The team: %(names)s") % {"names": names}))
        self.fields["who"].choices = choices
        if choices:
            self.fields["who"].initial = choices[0][0]

    def asked_of(self):
        """The colleague who was chosen; None: the team."""
        return self.people.get(self.cleaned_data["who"])


class AnswerForm(HouseForm):
    """The answer, which closes it."""

    answer = forms.CharField(label=_("Your answer"), max_length=5000, widget=forms.Textarea({"rows": 4}))


class CloseForm(HouseForm):
    """What came of it, said by who asked."""

    answer = forms.CharField(label=_("What came of it"), max_length=5000, widget=forms.Textarea({"rows": 3}))
