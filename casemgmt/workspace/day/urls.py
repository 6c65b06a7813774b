from django.urls import path

from casemgmt.workspace.day import calendar, checking, feed, reminders, views, visits, waiting

urlpatterns = [
    path("today/", views.today, name="today"),
    path("calendar/", calendar.calendar, name="calendar"),
    path("calendar/plan/", visits.planned_pick, name="planned-pick"),
    path("calendar/<str:token>.ics", feed.calendar_feed, name="calendar-feed"),
    path("enrollments/<int:pk>/planned/new/", visits.planned_create, name="planned-create"),
    path("planned/<int:pk>/", visits.planned_edit, name="planned-edit"),
    path("planned/<int:pk>/cancel/", visits.planned_cancel, name="planned-cancel"),
    path("check-in/", checking.check_in, name="check-in"),
    path("check-in/later/", checking.check_in_later, name="check-in-later"),
    path("check-in/back/", checking.check_in_back, name="check-in-back"),
    path("check-ins/<int:pk>/close/", checking.check_in_close, name="check-in-close"),
    path("clients/<int:pk>/put-off/", waiting.snooze, name="snooze"),
    path("put-off/<int:pk>/end/", waiting.snooze_end, name="snooze-end"),
    path("account/reminders/", reminders.reminders, name="reminders"),
    path("account/feed/", reminders.feed_open, name="feed-open"),
    path("account/feed/end/", reminders.feed_end, name="feed-end"),
]
