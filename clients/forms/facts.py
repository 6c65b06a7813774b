"""A form for what happened to a person."""

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from casemgmt.core.forms import HouseModelForm
from clients.models import KeyEvent


class KeyEventForm(HouseModelForm):
    """What happened, from when until when; and who alone sees it, where a program is under 42 CFR Part 2."""

    class Meta:
        model = KeyEvent
        fields = ("kind", "started_on", "ended_on", "note", "enrollment")
        widgets = {
            "kind": forms.RadioSelect(attrs={"class": "chips"}),
            "note": forms.Textarea({"rows": 2}),
        }
        help_texts = {"ended_on": _("Empty: it lasts. An arrest or an emergency room needs no end.")}

    def __init__(self, *args, client, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = KeyEvent.Kind.choices
        if self.instance._state.adding:
            self.initial["started_on"] = timezone.localdate()
        field = self.fields["enrollment"]
        field.queryset = field.queryset.filter(client=client).select_related("client", "program")
        field.label = _("Only for who works in")
        field.empty_label = _("Everybody who sees the record")
        field.label_from_instance = lambda e: f"{e.program}, {e.enrolled_on:%Y-%m}"
        if not field.queryset.filter(program__is_part_2=True).exists():
            del self.fields["enrollment"]

    def clean(self):
        said = super().clean()
        for name in ("started_on", "ended_on"):
            day = said.get(name)
            if day and day.year < 1900:
                self.add_error(name, _("Check the year."))
            elif day and day > timezone.localdate():
                self.add_error(name, _("This day is in the future."))
        started_on, ended_on = said.get("started_on"), said.get("ended_on")
        if started_on and ended_on and ended_on < started_on:
            self.add_error("ended_on", _("This is before it began."))
        return said
