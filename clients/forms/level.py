"""How much service somebody gets from today on."""

from django import forms
from django.utils.translation import gettext as now_
from django.utils.translation import gettext_lazy as _

from casemgmt.agencies.models import LevelOfCare
from casemgmt.core.forms import HouseForm


class LevelChoices(forms.ModelChoiceField):
    """The levels of one program that are in use, the highest first, each with its days between contacts."""

    widget = forms.RadioSelect({"class": "chips"})

    def label_from_instance(self, level):
        return now_("%(level)s, every %(n)s days") % {"level": level, "n": level.contact_every_days}

    def ask_for(self, enrollment):
        """Offer the levels of this enrollment's program, with the one there is ticked; says whether there are any."""
        self.queryset = self.queryset.filter(program=enrollment.program_id).in_use().order_by("-number")
        self.empty_label, self.initial = None, enrollment.level_id
        if enrollment.level is None:
            words = now_("None yet: contact every %(n)s days, as the program sets it.")
            self.help_text = words % {"n": enrollment.program.contact_every_days}
        elif enrollment.level.hint:
            words = now_("One level down when: %(hint)s.")
            self.help_text = words % {"hint": enrollment.level.hint.rstrip(".")}
        return self.queryset.exists()


class LevelForm(HouseForm):
    """Another level, and why; for the days between two looks at the plan."""

    level = LevelChoices(LevelOfCare.objects.all(), label=_("Level of care"))
    why = forms.CharField(label=_("Why it changes"), max_length=300)

    def __init__(self, *args, enrollment, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["level"].ask_for(enrollment)
