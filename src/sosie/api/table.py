"""All routes, in the order of the document."""

from __future__ import annotations

from sosie.api import accounts, docs, impersonation_registry, tokens

ROUTES = (*impersonation_registry.ROUTES, *tokens.ROUTES, *accounts.ROUTES, *docs.ROUTES)
