"""Pages of what a consultation gives: the map, the closing, the replies, the report, the open data."""

from __future__ import annotations

from django.urls import path

from colloque.consultations.views import map as map_views
from colloque.consultations.views import outcome

urlpatterns = [
    path("c/<uuid:consultation_id>/map/", map_views.result, name="map"),
    path("c/<uuid:consultation_id>/report/", outcome.report, name="report"),
    path("c/<uuid:consultation_id>/report.pdf", outcome.report_pdf, name="report-pdf"),
    path("c/<uuid:consultation_id>/open-data/<str:file>", outcome.download, name="open-data"),
    path("consultations/<uuid:consultation_id>/close/", outcome.close, name="close"),
    path("consultations/<uuid:consultation_id>/replies/", outcome.replies, name="replies"),
    path("consultations/<uuid:consultation_id>/replies/<int:number>/", outcome.reply, name="reply"),
]
