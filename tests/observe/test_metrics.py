"""Metrics: every observation is counted once, under names that Prometheus takes, of one process or of several."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys

from sosie.observe.metrics import Metrics
from sosie.observe.observations import MessageScreened, RequestAnswered, RequestFailed, StoreUnreachable, WorkerLost

REQUEST = RequestAnswered("r", "GET", "/accounts/{account_id}", 200, 0.002, "a", "token:t", 0)
SEVERAL = """
import os, sys, json
from pathlib import Path
from sosie.observe.metrics import Metrics, share_between_workers
from sosie.observe.observations import RequestAnswered, WorkerLost
share_between_workers(Path(sys.argv[1]))
supervisor = Metrics()
request = RequestAnswered("r", "GET", "/x", 200, 0.002, "a", "token:t", 0)
for worker in range(3):
    if not (child := os.fork()):
        metrics = Metrics()
        for _ in range(worker + 1):
            metrics.listen(request)
        os._exit(0) if worker else os.kill(os.getpid(), 9)
    os.waitpid(child, 0)
supervisor.listen(WorkerLost(1, 9))
print(Metrics().text().decode())
"""


def _values(page: str) -> dict[str, float]:
    lines = [line for line in page.splitlines() if line and not line.startswith("#")]
    return {line.rpartition(" ")[0]: float(line.rpartition(" ")[2]) for line in lines}


def test_what_is_observed_is_counted():
    """Requests by method, route and status, with their time; mistakes; the database's absences; judged messages."""
    metrics = Metrics()
    for observation in (REQUEST, REQUEST, REQUEST._replace(status=404), RequestFailed("r", "/x", "trace")):
        metrics.listen(observation)
    metrics.listen(StoreUnreachable("/x", "reason"))
    metrics.listen(WorkerLost(1, 9))
    metrics.listen(MessageScreened("api", "SPOOF", 0.001))
    values = _values(metrics.text().decode())
    route = 'route="/accounts/{account_id}"'
    assert values[f'sosie_requests_total{{method="GET",{route},status="200"}}'] == 2
    assert values[f'sosie_requests_total{{method="GET",{route},status="404"}}'] == 1
    assert values[f"sosie_request_seconds_count{{{route}}}"] == 3
    assert values[f'sosie_request_seconds_bucket{{le="0.0025",{route}}}'] == 3
    assert values[f'sosie_request_seconds_bucket{{le="0.001",{route}}}'] == 0
    assert values["sosie_internal_errors_total"] == 1
    assert values["sosie_store_unreachable_total"] == 1
    assert values["sosie_workers_lost_total"] == 1
    assert values['sosie_messages_screened_total{disposition="SPOOF",door="api"}'] == 1


def test_names_are_ours_and_have_their_units():
    """`sosie_…_total` and `sosie_…_seconds`, as Prometheus asks for; each with a sentence."""
    page = Metrics().text().decode()
    names = re.findall(r"^# TYPE (\w+) (\w+)$", page, re.MULTILINE)
    assert names
    for name, kind in names:
        assert name.startswith("sosie_")
        assert kind != "counter" or name.endswith(("_total", "_created"))
        assert re.search(rf"^# HELP {name} \w", page, re.MULTILINE)


def test_several_workers_are_added_up(tmp_path):
    """One that was killed is not forgotten, and the supervisor counts too."""
    done = subprocess.run(
        [sys.executable, "-c", SEVERAL, str(tmp_path)], capture_output=True, text=True, check=True, timeout=30
    )
    values = _values(done.stdout)
    assert values['sosie_requests_total{method="GET",route="/x",status="200"}'] == 1 + 2 + 3
    assert values["sosie_workers_lost_total"] == 1
    assert sum(name.startswith("sosie_build_info") for name in values) == 1


def test_nobody_elses_settings_are_needed():
    """Without several workers nothing is kept in files."""
    assert "PROMETHEUS_MULTIPROC_DIR" not in os.environ
    assert json.dumps(_values(Metrics().text().decode()))
