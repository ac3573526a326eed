"""All routes, in the order of the document."""

from __future__ import annotations

from sosie.api import (
    accounts,
    allow_policies,
    docs,
    impersonation_registry,
    protected_domains,
    tokens,
    trusted_domains,
)

ROUTES = (
    *impersonation_registry.ROUTES,
    *allow_policies.ROUTES,
    *trusted_domains.ROUTES,
    *protected_domains.ROUTES,
    *tokens.ROUTES,
    *accounts.ROUTES,
    *docs.ROUTES,
)
