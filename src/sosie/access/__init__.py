"""Who may do what: permissions, policies, tokens, API keys, rate limits. Pure; the clock is an argument."""
