"""Forms of signing."""

from django import forms
from django.utils.translation import gettext_lazy as _

from casemgmt.core.forms import HouseForm


class SignForm(HouseForm):
    """One's name, typed."""

    typed_name = forms.CharField(
        label=_("Your name"),
        max_length=150,
        help_text=_("Typing it signs. Afterwards nothing here can be changed."),
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
