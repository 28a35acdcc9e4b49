"""The site's own addresses, and the peers': an empty POST, three bare rows, the submission with ORM creates."""

from django.urls import path

from bench import peer_site
from samspill.site import urls
from samspill.site.urls import handler400, handler403, handler404, handler500

__all__ = ["handler400", "handler403", "handler404", "handler500", "urlpatterns"]

urlpatterns = [
    path("bench/empty/", peer_site.empty),
    path("bench/floor/", peer_site.three_rows),
    path("bench/orm/", peer_site.submit_with_orm),
    *urls.urlpatterns,
]
