"""Services that write in people's names, from one address for all: by the domain that signs their mail (DKIM).

Only the signature counts: what a name mentions ("via DocuSign") is what anybody can write. Even signed mail can be
abused, by whoever opens an account there in somebody's name, so it is weighed less and not left alone.
"""

from __future__ import annotations

import re

# Registrable domains whose mail is the service's own, and never a customer's with an address there.
SERVICES = frozenset(
    """
    adobesign.com asana.com atlassian.com atlassian.net basecamp.com bitbucket.org box.com calendly.com canva.com
    clickup.com discourse.org docusign.net dropbox.com dropboxmail.com evernote.com figma.com github.com gitlab.com
    hellosign.com linkedin.com lucid.co meetup.com miro.com monday.com notion.so pandadoc.com sharepointonline.com
    slack.com smartsheet.com surveymonkey.com trello.com wetransfer.com zendesk.com zoom.us
    """.split()
)
# Domains that have people at them too: only these local parts are a service's.
SHARED = {
    "google.com": re.compile(r"(?:calendar-notification|(?:drive-shares(?:-dm)?|comments|forms-receipts|meetings|chat)"
                             r"-noreply)(?:\+.*)?"),
    "microsoft.com": re.compile(r"(?:no-?reply|teams-?noreply|microsoft365)(?:\+.*)?"),
    "office.com": re.compile(r"no-?reply.*"),
}  # fmt: skip


def is_service(local_part: str, registrable: str) -> bool:
    """Whether an address is a notification service's own."""
    if registrable in SERVICES:
        return True
    shared = SHARED.get(registrable)
    return shared is not None and shared.fullmatch(local_part.casefold()) is not None
