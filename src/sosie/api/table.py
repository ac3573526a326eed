"""All routes, in the order of the document."""

from __future__ import annotations

from sosie.api import (
    accounts,
    allow_policies,
    checkv2,
    docs,
    impersonation_registry,
    investigate,
    investigate_bulk,
    protected_domains,
    screen,
    tokens,
    trusted_domains,
)

ROUTES = (
    *impersonation_registry.ROUTES,
    *allow_policies.ROUTES,
    *trusted_domains.ROUTES,
    *protected_domains.ROUTES,
    *screen.ROUTES,
    *checkv2.ROUTES,
    *investigate.ROUTES,
    *investigate_bulk.ROUTES,
    *tokens.ROUTES,
    *accounts.ROUTES,
    *docs.ROUTES,
)
