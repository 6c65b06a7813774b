"""Fields and choices that several forms about people share."""

from datetime import date

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from casemgmt.agencies.models.program import PickList
from casemgmt.agencies.roles import Role

LONG = {"rows": 3}


class DatePartsWidget(forms.MultiWidget):
    """Month, day and year typed apart: nobody scrolls a calendar back to 1962."""

    use_fieldset = True

    def __init__(self, attrs=None):
        parts = {
            "month": (_("Month"), 2),
            "day": (_("Day"), 2),
            "year": (_("Year"), 4),
        }
        super().__init__(
            {
                name: forms.TextInput(
                    {"inputmode": "numeric", "maxlength": size, "placeholder": label, "aria-label": label}
                )
                for name, (label, size) in parts.items()
            },
            attrs,
        )

    def decompress(self, value):
        if isinstance(value, str):
            value = forms.DateField().clean(value)
        return [value.month, value.day, value.year] if value else [None, None, None]


class DatePartsField(forms.MultiValueField):
    """A memorable date in three parts; says which part is wrong."""

    widget = DatePartsWidget

    def __init__(self, **kwargs):
        fields = (forms.CharField(required=False),) * 3
        super().__init__(fields=fields, require_all_fields=False, **kwargs)

    def compress(self, parts):
        parts = [p.strip() for p in parts] if parts else []
        if not any(parts):
            return None
        if not all(parts):
            raise forms.ValidationError(_("Enter month, day and year, or leave all three empty."))
        if not all(p.isascii() and p.isdigit() for p in parts):
            raise forms.ValidationError(_("Use numbers, such as 3 14 1985."))
        if len(parts[2]) != 4 or parts[2] < "1900":
            raise forms.ValidationError(_("Write the year with four digits, such as 1985."))
        try:
            month, day, year = (int(p) for p in parts)
            found = date(year, month, day)
        except (ValueError, OverflowError):
            raise forms.ValidationError(_("There is no such day. The month comes first.")) from None
        if found > timezone.localdate():
            raise forms.ValidationError(_("This day is in the future."))
        return found


def offer_choices(form):
    """Narrow what may be chosen to what is in use: open programs, colleagues who take people on, the right list."""
    for name, field in form.fields.items():
        if name == "program":
            field.queryset = field.queryset.open()
            if field.required is False and len(programs := list(field.queryset[:2])) == 1:
                field.initial = programs[0]
        elif name in ("assigned_to", "worker"):
            field.queryset = field.queryset.working().with_role(Role.CASE_MANAGER, Role.SUPERVISOR)
            if form.staff.has_role(Role.CASE_MANAGER):
                field.initial = form.staff.pk
        elif name == "source":
            field.queryset = field.queryset.of(PickList.REFERRAL_SOURCE)
