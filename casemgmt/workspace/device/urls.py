from django.urls import path

from casemgmt.workspace.device import views

urlpatterns = [
    path("contacts/", views.contacts, name="contacts"),
    path("device/", views.device, name="device"),
    path("device/kept/", views.kept, name="kept"),
    path("device/keep/", views.keep, name="keep"),
    path("device/snapshot/", views.snapshot, name="snapshot"),
    path("sw.js", views.worker, name="worker"),
    path("manifest.webmanifest", views.manifest, name="manifest"),
    path("offline/", views.shell, name="shell"),
]
