"""A real Prometheus that scrapes one agent every second."""

import json
import urllib.error
import urllib.parse
import urllib.request

from polling import wait_until
from runtimes import find, free_port
from scene import Failure

HOST = "127.0.0.1"
START_SECONDS = 60
CONFIG = """
global: {scrape_interval: 1s}
scrape_configs:
- job_name: suture
  honor_labels: true
  static_configs: [{targets: ["%s"]}]
"""


class Prometheus:
    def __init__(self, scene, target):
        self.address = f"{HOST}:{free_port(HOST)}"
        config, self.said = scene.directory / "prometheus.yml", scene.directory / "prometheus.out"
        config.write_text(CONFIG % target)
        with open(self.said, "wb") as out:
            self.process = scene.spawn([find("prometheus"), f"--config.file={config}", f"--storage.tsdb.path={scene.directory}/tsdb", f"--web.listen-address={self.address}",
                                        "--enable-feature=exemplar-storage"], stdout=out, stderr=out)
        wait_until(self.is_ready, START_SECONDS, "Prometheus to be ready")

    def get(self, path, **parameters):
        with urllib.request.urlopen(f"http://{self.address}{path}?{urllib.parse.urlencode(parameters)}", timeout=START_SECONDS) as answer:
            return answer.read()

    def is_ready(self):
        if self.process.poll() is not None:
            raise Failure("Prometheus ended: " + self.said.read_text()[-2000:])
        try:
            return self.get("/-/ready")
        except (urllib.error.URLError, ConnectionError):
            return False

    def query(self, query):
        """[(labels, value)], as of now."""
        answer = json.loads(self.get("/api/v1/query", query=query))
        return [(series["metric"], float(series["value"][1])) for series in answer["data"]["result"]]

    def exemplars(self, query, since):
        answer = json.loads(self.get("/api/v1/query_exemplars", query=query, start=since, end=since + 3600))
        return [exemplar for series in answer["data"] for exemplar in series["exemplars"]]
