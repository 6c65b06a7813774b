from django.urls import path

from casemgmt.interchange.record import views

app_name = "record"
urlpatterns = [
    path("clients/<int:pk>/record/", views.release, name="release"),
    path("records/<int:pk>/file/", views.file, name="file"),
]
