"""The tags every template loads: the agency's words, an icon, the submit key."""

import uuid

from django import template
from django.templatetags.static import static
from django.utils.html import format_html

from casemgmt.agencies import words

register = template.Library()


@register.simple_tag
def term(code, *forms):
    """`{% term "client" %}`, with "plural" and "cap" in any order."""
    unknown = set(forms) - {"plural", "cap"}
    if unknown:
        raise template.TemplateSyntaxError(f"term knows plural and cap, not {', '.join(unknown)}")
    word = words.term(code, plural="plural" in forms)
    return words.cap(word) if "cap" in forms else word


@register.simple_tag
def icon(name, label=""):
    """A symbol of our sprite; hidden from screen readers unless it has a label of its own."""
    if label:
        return format_html(
            '<svg class="icon" role="img" aria-label="{}"><use href="{}#{}"></use></svg>',
            label,
            static("icons.svg"),
            name,
        )
    return format_html(
        '<svg class="icon" aria-hidden="true"><use href="{}#{}"></use></svg>', static("icons.svg"), name
    )


@register.simple_tag
def submit_key():
    """The hidden field that makes the second click the first answer, for forms that are only a button."""
    return format_html('<input type="hidden" name="submit_key" value="{}">', uuid.uuid4())


@register.filter
def may(staff, permission):
    """`{% if request.staff|may:"visit.log" %}`."""
    return bool(staff and staff.may(permission))
