"""Fields and choices that several forms about people share."""

from datetime import date
from decimal import Decimal

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
    """A memorable date in three parts; says which part is wrong.

    The year alone is kept as the first of July, in the middle, or as its first day where July has not come yet; the
    form asks `said_year_alone` and keeps with it how sure the date is.
    """

    widget = DatePartsWidget

    def __init__(self, **kwargs):
        fields = (forms.CharField(required=False),) * 3
        super().__init__(fields=fields, require_all_fields=False, **kwargs)

    def compress(self, parts):
        parts = [p.strip() for p in parts] if parts else []
        if not any(parts):
            return None
        if not parts[2] or bool(parts[0]) != bool(parts[1]):
            raise forms.ValidationError(_("Enter month, day and year, or only the year."))
        year_alone = not parts[0]
        if year_alone:
            parts = ["7", "1", parts[2]]
        if not all(p.isascii() and p.isdigit() for p in parts):
            raise forms.ValidationError(_("Use numbers, such as 3 14 1985."))
        if len(parts[2]) != 4 or parts[2] < "1900":
            raise forms.ValidationError(_("Write the year with four digits, such as 1985."))
        try:
            month, day, year = (int(p) for p in parts)
            found = date(year, month, day)
        except (ValueError, OverflowError):
            raise forms.ValidationError(_("There is no such day. The month comes first.")) from None
        if year_alone and found > timezone.localdate():
            found = found.replace(month=1)
        if found > timezone.localdate():
            raise forms.ValidationError(_("This day is in the future."))
        return found


def said_year_alone(form, name):
    """Whether of this date only the year was typed."""
    month, day, year = form[name].value() or ("", "", "")
    return bool(year and not month and not day)


class DollarsField(forms.DecimalField):
    """An amount as people write it, 943.00 or $1,200; kept in cents."""

    widget = forms.TextInput

    def __init__(self, *, max_cents, **kwargs):
        limits = {"min_value": 0, "max_value": Decimal(max_cents) / 100, "decimal_places": 2}
        super().__init__(**limits | kwargs)
        self.widget.attrs["inputmode"] = "decimal"

    def to_python(self, value):
        if isinstance(value, str):
            value = value.replace("$", "").replace(",", "").strip()
        return super().to_python(value)

    def clean(self, value):
        amount = super().clean(value)
        return None if amount is None else int(amount * 100)

    def prepare_value(self, value):
        return f"{value // 100}.{value % 100:02}" if isinstance(value, int) else value


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
