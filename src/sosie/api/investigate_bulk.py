"""Jobs that move or release many messages: there are none, and none can be made. Cloudflare API, "Email Security"."""

from __future__ import annotations

from sosie.access.permissions import ANY_EMAIL, EMAIL_WRITERS
from sosie.api.call import Call
from sosie.api.envelope import Answer
from sosie.api.errors import JobNotFound, NotPossible
from sosie.api.investigate import PATH as INVESTIGATE
from sosie.api.investigate import TAG
from sosie.api.parameters import Parameter
from sosie.api.routes import Route
from sosie.registry.fields import EXACT

PATH = INVESTIGATE + "/bulk"
ITEM = PATH + "/{job_id}"
NO_JOBS = "There are no jobs: messages are not moved, and are released in the mail server's queue, one by one or all"
STATUSES = ("PENDING", "DISCOVERING", "PROCESSING", "COMPLETED", "FAILED", "CANCELLED", "SKIPPED")

_PAGES = (
    Parameter("page", "integer", "Page number of the results.", default=1, minimum=1, maximum=EXACT),
    Parameter("per_page", "integer", "The number of results per page. Maximum value is 1000.",
              default=20, minimum=1, maximum=1000),
)  # fmt: skip
_STATUS = Parameter("status", "string", "Only those with this status.", choices=STATUSES)
LIST_PARAMETERS = (*_PAGES, Parameter("action_type", "string", "Only jobs that do this.",
                                      choices=("MOVE", "RELEASE")), _STATUS)  # fmt: skip
MESSAGES_PARAMETERS = (*_PAGES, _STATUS)


async def list_jobs(call: Call) -> Answer:
    """None."""
    given = call.query(LIST_PARAMETERS)
    info = {"count": 0, "page": given["page"], "per_page": given["per_page"], "total_count": 0, "total_pages": 0}
    return Answer([], info=info)


async def create_job(call: Call) -> Answer:
    """Refused."""
    await call.json()
    raise NotPossible(NO_JOBS)


async def no_job(_: Call) -> Answer:
    """No job has any id."""
    raise JobNotFound


ROUTES = (
    Route("GET", PATH, list_jobs, "email_security_get_bulk_jobs", "List bulk action jobs", "Always empty.",
          TAG, result="Job", needs=ANY_EMAIL, parameters=LIST_PARAMETERS, paged=True),
    Route("POST", PATH, create_job, "email_security_create_bulk_job", "Create bulk action job",
          "Always refused: " + NO_JOBS + ".", TAG, result="Job", needs=EMAIL_WRITERS, body="NewJob", status=201),
    Route("GET", ITEM, no_job, "email_security_get_bulk_job", "Get bulk action job", "Always 404.",
          TAG, result="Job", needs=ANY_EMAIL),
    Route("DELETE", ITEM, no_job, "email_security_delete_bulk_job", "Delete bulk action job", "Always 404.",
          TAG, result="Job", needs=EMAIL_WRITERS),
    Route("POST", ITEM + "/cancel", no_job, "email_security_cancel_bulk_job", "Cancel bulk action job", "Always 404.",
          TAG, result="Job", needs=EMAIL_WRITERS),
    Route("GET", ITEM + "/messages", no_job, "email_security_get_bulk_job_messages", "List messages of a job",
          "Always 404.", TAG, result="Job", needs=ANY_EMAIL, parameters=MESSAGES_PARAMETERS, paged=True),
)  # fmt: skip
