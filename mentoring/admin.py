from django.contrib import admin

from casemgmt.agencies.admin import AgencyAdmin, InUse
from mentoring.models import ActivityType


@admin.register(ActivityType)
class ActivityTypeAdmin(AgencyAdmin):
    """The catalogue of what a pair can do together; pairings and what they write are not set up here."""

    list_display = ("name", "code", "group", "position", "ended_on")
    list_filter = ("group", InUse)
    search_fields = ("name", "code")
    fields = ("code", "name", "group", "position", "ended_on")

    def get_readonly_fields(self, request, obj=None):
        """The code says what a joint visit becomes, so it stays."""
        return ("code",) if obj else ()
