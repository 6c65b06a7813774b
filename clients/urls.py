from django.urls import path

from clients import views

app_name = "clients"

urlpatterns = [
    path("clients/", views.client_list, name="client-list"),
    path("clients/<int:pk>/edit/", views.client_edit, name="client-edit"),
    path("intakes/", views.intake_list, name="intake-list"),
    path("intakes/new/", views.intake_create, name="intake-create"),
    path("intakes/<int:pk>/", views.intake_detail, name="intake-detail"),
    path("intakes/<int:pk>/edit/", views.intake_edit, name="intake-edit"),
    path("intakes/<int:pk>/decide/", views.intake_decide, name="intake-decide"),
    path("referrals/new/", views.referral_create, name="referral-create"),
    path("referrals/<int:pk>/", views.referral_detail, name="referral-detail"),
    path("decisions/<int:pk>/asked/", views.decision_followed_up, name="decision-followed-up"),
    path("follow-ups/<int:pk>/", views.follow_up, name="follow-up"),
]
