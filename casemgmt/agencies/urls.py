from django.urls import path

from casemgmt.agencies import views

app_name = "agencies"
urlpatterns = [
    path("", views.home, name="home"),
    path("switch/", views.switch, name="switch"),
    path("notices/<int:pk>/", views.notice_open, name="notice-open"),
    path("operator/", views.operator_enter, name="operator-enter"),
    path("operator/leave/", views.operator_leave, name="operator-leave"),
]
