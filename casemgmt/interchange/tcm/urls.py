from django.urls import path

from casemgmt.interchange.tcm import views

app_name = "tcm"
urlpatterns = [
    path("clients/<int:pk>/tcm/", views.preview, name="preview"),
    path("clients/<int:pk>/tcm/release/", views.release, name="release"),
    path("tcm/<int:pk>/", views.paper, name="paper"),
    path("tcm/<int:pk>/pdf/", views.as_pdf, name="pdf"),
    path("tcm/<int:pk>/csv/", views.as_csv, name="csv"),
]
