"""Holds a library's Gumbel distribution against specs/gumbel.yaml: `pytest examples`.

SciPy where it is installed, and a class of one's own. REPARAM_CHECK names the command.
"""

import json
import math
import os
import subprocess
from pathlib import Path

import pytest

TOOL = os.environ.get("REPARAM_CHECK", "reparam-check")
SPEC = Path(__file__).parent.parent / "specs" / "gumbel.yaml"


class Own:
    @staticmethod
    def log_density(mu, beta, z):
        y = (z - mu) / beta
        return -y - math.exp(min(-y, 709.0)) - math.log(beta)

    @staticmethod
    def transform(mu, beta, u):
        return mu - beta * math.log(-math.log(u))


class SciPy:
    @staticmethod
    def log_density(mu, beta, z):
        stats = pytest.importorskip("scipy.stats")
        return float(stats.gumbel_r.logpdf(z, mu, beta))

    @staticmethod
    def transform(mu, beta, u):
        stats = pytest.importorskip("scipy.stats")
        return float(stats.gumbel_r.ppf(u, mu, beta))


@pytest.mark.parametrize("library", [Own, SciPy])
def test_gumbel(library, tmp_path):
    file = tmp_path / "vectors.json"
    subprocess.run([TOOL, "vectors", SPEC, "--output", file], check=True)
    vectors = json.loads(file.read_text())
    for point in vectors["points"]:
        mu, beta = point["parameters"]["mu"], point["parameters"]["beta"]
        z, u = point["z"]["z"], point["noise"]["u"]
        point["actual"] = {
            "log_density": library.log_density(mu, beta, z),
            "transform": {"z": library.transform(mu, beta, u)},
        }
    file.write_text(json.dumps(vectors))
    compared = subprocess.run(
        [TOOL, "compare", SPEC, file], capture_output=True, text=True
    )
    assert compared.returncode == 0, compared.stdout + compared.stderr
    print(compared.stdout)
