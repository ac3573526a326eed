"""The Cloudflare v4 wire: routes, authentication, envelope, errors, pagination. No rule of the registry is here."""
