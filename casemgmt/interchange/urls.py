from django.urls import path

from casemgmt.interchange.tables import views

app_name = "interchange"
urlpatterns = [
    path("", views.import_list, name="import-list"),
    path("new/", views.import_create, name="import-create"),
    path("<int:pk>/", views.import_detail, name="import-detail"),
    path("<int:pk>/columns/", views.import_map, name="import-map"),
    path("<int:pk>/answers/", views.import_answer, name="import-answer"),
    path("<int:pk>/work/", views.import_work, name="import-work"),
    path("<int:pk>/drop/", views.import_drop, name="import-drop"),
    path("<int:pk>/refused.csv", views.refused_csv, name="refused-csv"),
    path("<int:pk>/refused.xlsx", views.refused_workbook, name="refused-workbook"),
]
