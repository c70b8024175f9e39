"""Holds NumPyro's log-densities, scores and quantiles against specs/: `pytest examples`.

Skipped where NumPyro is not installed. REPARAM_CHECK names the command.
"""

import json
import os
import subprocess
from pathlib import Path

import pytest

jax = pytest.importorskip("jax")
dist = pytest.importorskip("numpyro.distributions")
jax.config.update("jax_enable_x64", True)

TOOL = os.environ.get("REPARAM_CHECK", "reparam-check")
SPECS = Path(__file__).parent.parent / "specs"

# From the parameters of the spec, by name, to the distribution of the library.
DISTRIBUTIONS = {
    "cauchy": lambda loc, gamma: dist.Cauchy(loc, gamma),
    "exponential": lambda **p: dist.Exponential(p["lambda"]),
    "gamma_density": lambda alpha, beta: dist.Gamma(alpha, beta),
    "gumbel": lambda mu, beta: dist.Gumbel(mu, beta),
    "half_normal": lambda sigma: dist.HalfNormal(sigma),
    "kumaraswamy": lambda a, b: dist.Kumaraswamy(a, b),
    "laplace": lambda mu, b: dist.Laplace(mu, b),
    "location_scale/half_cauchy": lambda gamma: dist.HalfCauchy(gamma),
    "log_normal": lambda mu, sigma: dist.LogNormal(mu, sigma),
    "logistic": lambda mu, s: dist.Logistic(mu, s),
    "pareto": lambda m, alpha: dist.Pareto(m, alpha),
    "uniform": lambda low, high: dist.Uniform(low, high),
    "weibull": lambda scale, k: dist.Weibull(scale, k),
}
# Where the noise of the spec is u in (0, 1), and z its quantile.
QUANTILES = ["cauchy", "gumbel", "logistic", "pareto", "uniform"]

# Where the log-density has no derivative at some z, libraries differ in what they return there.
KINKS = ["laplace"]


@pytest.mark.parametrize("name", DISTRIBUTIONS)
def test_numpyro(name, tmp_path):
    spec, file = SPECS / f"{name}.yaml", tmp_path / "vectors.json"
    subprocess.run([TOOL, "vectors", spec, "--output", file], check=True)
    vectors = json.loads(file.read_text())
    for point in vectors["points"]:
        law, actual = DISTRIBUTIONS[name](**point["parameters"]), {}
        for output, z in point.get("z", {}).items():
            actual["log_density"] = float(law.log_prob(z))
            if name not in KINKS:
                actual["score"] = {output: float(jax.grad(law.log_prob)(z))}
        if name in QUANTILES:
            (u,) = point["noise"].values()
            actual["transform"] = {"z": float(law.icdf(u))}
        point["actual"] = actual
    file.write_text(json.dumps(vectors).replace("NaN", '"nan"').replace("Infinity", '"inf"'))
    compared = subprocess.run([TOOL, "compare", spec, file], capture_output=True, text=True)
    assert compared.returncode == 0, compared.stdout + compared.stderr
    print(compared.stdout)
