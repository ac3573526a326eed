"""How alike two names or domains are. Pure; knows no mail and no registry."""
