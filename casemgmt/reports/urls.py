"""The agency's figures."""

from django.urls import path

from casemgmt.reports import views

app_name = "reports"

urlpatterns = [
    path("", views.outcomes, name="outcomes"),
    path("outcomes.csv", views.outcomes_csv, name="outcomes-csv"),
    path("work/", views.work, name="work"),
    path("time-study.csv", views.time_study_csv, name="time-study"),
    path("work.csv", views.work_csv, name="work-csv"),
]
