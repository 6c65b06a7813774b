"""Forms by which two records become one, and two again."""

from django import forms
from django.utils.translation import gettext_lazy as _

from casemgmt.core.forms import HouseForm
from clients import merging
from clients.models import Merge


class MergeForm(HouseForm):
    """For each field in which two records differ, which of them is right; and why they are one person."""

    reason = forms.CharField(
        label=_("Why are they one person?"),
        max_length=Merge._meta.get_field("reason").max_length,
        help_text=_("For example: same birth date and phone, and the person said so."),
        widget=forms.Textarea({"rows": 2}),
    )

    def __init__(self, *args, kept, gone, **kwargs):
        super().__init__(*args, **kwargs)
        self.kept, self.gone = kept, gone
        # Both versions only ever grow, so their sum says whether either record was changed since the page was opened.
        self.version = kept.version + gone.version
        self.fields["version"].initial = self.version
        suggested = merging.suggested(kept, gone)
        self.names = [
            name
            for name in suggested
            if name not in merging.FOLLOWS or merging.FOLLOWS[name] not in suggested
        ]
        for name in self.names:
            self.fields[name] = forms.ChoiceField(
                label=kept._meta.get_field(name).verbose_name,
                choices=[(way, self._said(way, name)) for way in merging.ways(kept, gone, name)],
                initial=suggested[name],
                widget=forms.RadioSelect,
            )
        self.order_fields([*self.names, "reason"])

    def _said(self, way, name):
        if way == merging.BOTH:
            return _("Both, one after the other")
        return merging.said(self.kept if way == merging.KEPT else self.gone, name)

    def choices(self):
        """The argument of Merge.of."""
        return {name: self.cleaned_data[name] for name in self.names}

    def choice_fields(self):
        return [self[name] for name in self.names]


class UndoForm(HouseForm):
    """Why they are two people after all."""

    why = forms.CharField(
        label=_("Why are they two people?"),
        max_length=Merge._meta.get_field("undone_why").max_length,
        widget=forms.Textarea({"rows": 2}),
    )
