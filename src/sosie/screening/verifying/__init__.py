"""DKIM, SPF and DMARC, verified here where no trusted host has done it. Needs the extra `auth`."""
