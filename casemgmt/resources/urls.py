from django.urls import path

from casemgmt.resources import views

app_name = "resources"

urlpatterns = [
    path("", views.resource_list, name="resource-list"),
    path("new/", views.resource_create, name="resource-create"),
    path("<int:pk>/", views.resource_detail, name="resource-detail"),
    path("<int:pk>/edit/", views.resource_edit, name="resource-edit"),
    path("<int:pk>/correct/", views.resource_confirm, name="resource-confirm"),
    path("<int:pk>/places/new/", views.place_create, name="place-create"),
    path("<int:pk>/contacts/new/", views.contact_create, name="contact-create"),
    path("<int:pk>/tips/new/", views.tip_create, name="tip-create"),
    path("places/<int:pk>/edit/", views.place_edit, name="place-edit"),
    path("contacts/<int:pk>/edit/", views.contact_edit, name="contact-edit"),
    path("tips/<int:pk>/end/", views.tip_end, name="tip-end"),
]
