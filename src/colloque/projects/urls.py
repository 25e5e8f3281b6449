"""Addresses of projects: what the public reads of each AI, and how staff declare, start and stop them."""

from __future__ import annotations

from django.urls import path

from colloque.projects.views import attached, declared, public, staff

app_name = "projects"
urlpatterns = [
    path("e/<slug:slug>/ai/", public.projects, name="public"),
    path("e/<slug:slug>/ai/<slug:project>/", public.project, name="public-project"),
    path("ai/<uuid:project_id>/", public.by_id, name="public-by-id"),
    path("projects/", staff.projects, name="list"),
    path("projects/from-statement/<uuid:statement_id>/", attached.attach, name="attach"),
    path("projects/new/", declared.new, name="new"),
    path("projects/stop/", staff.stop, name="stop"),
    path("projects/<uuid:project_id>/", staff.project, name="project"),
    path("projects/<uuid:project_id>/suspend/", staff.stop, name="suspend"),
    path("projects/<uuid:project_id>/lift/", staff.lift_stop, name="lift"),
    path("projects/<uuid:project_id>/make-live/", staff.start, name="make-live"),
    path("projects/<uuid:project_id>/change/", declared.change, name="change"),
    path("projects/<uuid:project_id>/intended-use/", declared.intended_use, name="intended-use"),
    path("projects/<uuid:project_id>/model-card/", declared.model_card, name="model-card"),
    path("projects/<uuid:project_id>/services/new/", declared.service, name="service-new"),
    path("projects/<uuid:project_id>/services/<uuid:service_id>/", declared.service, name="service"),
]
