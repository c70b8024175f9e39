"""Makes distributions.csv: true values of distributions of the catalogue, for tests/distributions.

    python3 distributions.py > distributions.csv        (needs mpmath and scipy)

Each density stands here as its textbook writes it. CDF, mean, variance and entropy are integrals of it
by mpmath, never closed forms, so they share no formula with the catalogue; a quantile is asked for
at the CDF of a point. An integral whose estimated error shows in the digits printed is an error, and
where scipy has the law all values must agree with it as well. A line: spec, given (name=value,
components apart by semicolons), quantity, argument (z or u), value to 18 digits.
"""

import sys

from mpmath import mp, mpf
from scipy import stats

DIGITS = 18
mp.dps = 25
inf = mp.inf
pi = mp.pi


def phi(x):
    return mp.exp(-x * x / 2) / mp.sqrt(2 * pi)


def Phi(x):
    return mp.erfc(-x / mp.sqrt(2)) / 2


def t_density(nu, x):
    return mp.gamma((nu + 1) / 2) / (mp.sqrt(nu * pi) * mp.gamma(nu / 2)) * (1 + x * x / nu) ** (-(nu + 1) / 2)


def twice(t):
    """exp(-exp(-t)), and 0 where it is below every digit, for mpmath would never return."""
    return mp.exp(-mp.exp(-t)) if t > -7 else mpf(0)


def logit(x):
    return mp.log(x / (1 - x))


class Law:
    """A density on the intervals between `cuts`, at `points`; `theirs` is scipy's."""

    def __init__(self, spec, given, density, cuts, points, theirs=None, moments=2):
        self.spec, self.given, self.density, self.cuts = spec, given, density, cuts
        self.points, self.theirs, self.moments = points, theirs, moments

    def integral(self, f, upto=None):
        cuts = [c for c in self.cuts if upto is None or c < upto] + ([upto] if upto is not None else [])
        total, off = mp.quad(f, cuts, error=True, maxdegree=9)
        if not off < mpf(10) ** -DIGITS * (1 + abs(total)):
            raise ArithmeticError(f"{self.spec}: an integral is off by {mp.nstr(off, 3)}")
        return total

    def quantities(self):
        """Name, argument and value of each."""
        pdf = self.density
        found = []
        for point in self.points:
            x = mpf(point)
            found.append(("log_density", point, mp.log(pdf(x))))
            level = self.integral(pdf, x)
            found.append(("cdf", point, level))
            found.append(("quantile", mp.nstr(level, DIGITS + 5), x))
        if self.moments >= 1:
            mean = self.integral(lambda x: x * pdf(x))
            found.append(("mean", "", mean))
        if self.moments >= 2:
            found.append(("variance", "", self.integral(lambda x: (x - mean) ** 2 * pdf(x))))

        if self.moments < 0:
            return found  # a tail too long for the integral of its entropy

        def surprise(x):
            q = pdf(x)
            return -q * mp.log(q) if q > 0 else mpf(0)

        found.append(("entropy", "", self.integral(surprise)))
        return found


def exact(text):
    return mpf(text) if "/" not in text else mpf(text.split("/")[0]) / mpf(text.split("/")[1])


LAWS = []


def law(spec, given, density, cuts, points, theirs=None, moments=2):
    """Registers a law whose density and cuts are functions of the numbers given, by name."""
    values = {}
    for name, value in given.items():
        parts = [exact(v) for v in value.split()]
        values[name] = parts[0] if len(parts) == 1 else parts
    LAWS.append(Law(
        spec, given,
        lambda x: density(x, **values),
        [+c for c in cuts(**values)],
        points, theirs, moments,
    ))


def line(*inner):
    return lambda **_: [-inf, *[mpf(c) for c in inner], inf]


def ray(*inner):
    return lambda **_: [mpf(0), *[mpf(c) for c in inner], inf]


def unit(*inner):
    return lambda **_: [mpf(0), *[mpf(c) for c in inner], mpf(1)]


# Location and scale.
law("normal", {"mu": "0.7", "sigma": "1.6"}, lambda x, mu, sigma: phi((x - mu) / sigma) / sigma,
    line(-3, "0.7", 4), ["-2.5", "0.9", "4"], stats.norm(0.7, 1.6))
law("cauchy", {"loc": "-0.8", "gamma": "0.4"}, lambda x, loc, gamma: 1 / (pi * gamma * (1 + ((x - loc) / gamma) ** 2)),
    line(-2, "-0.8", 1), ["-5", "-0.7", "3"], stats.cauchy(-0.8, 0.4), moments=0)
law("logistic", {"mu": "1.2", "s": "0.7"}, lambda x, mu, s: 1 / (4 * s * mp.cosh((x - mu) / (2 * s)) ** 2),
    line(-2, "1.2", 4), ["-3", "1.5", "6"], stats.logistic(1.2, 0.7))
law("gumbel", {"mu": "-0.4", "beta": "1.7"},
    lambda x, mu, beta: mp.exp(-(x - mu) / beta) * twice((x - mu) / beta) / beta,
    line(-3, 0, 8), ["-4", "0.3", "9"], stats.gumbel_r(-0.4, 1.7))
law("laplace", {"mu": "1.1", "b": "2.2"}, lambda x, mu, b: mp.exp(-abs(x - mu) / b) / (2 * b),
    line(-4, "1.1", 6), ["-6", "1.4", "8"], stats.laplace(1.1, 2.2))
law("uniform", {"low": "-1.5", "high": "0.25"}, lambda x, low, high: 1 / (high - low),
    lambda low, high: [low, high], ["-1.25", "0", "0.125"], stats.uniform(-1.5, 1.75))
law("location_scale/student_t", {"mu": "0.6", "sigma": "2.3", "nu": "3.7"},
    lambda x, mu, sigma, nu: t_density(nu, (x - mu) / sigma) / sigma,
    line(-4, "0.6", 5), ["-7", "1", "9"], stats.t(3.7, 0.6, 2.3), moments=0)
law("location_scale/student_t_moments", {"mu": "-1.3", "sigma": "0.8", "nu": "7.5"},
    lambda x, mu, sigma, nu: t_density(nu, (x - mu) / sigma) / sigma,
    line(-3, "-1.3", 1), ["-4", "-1", "2"], stats.t(7.5, -1.3, 0.8))
law("half_normal", {"sigma": "1.4"}, lambda x, sigma: 2 * phi(x / sigma) / sigma,
    ray(2, 5), ["0.25", "1.5", "4"], stats.halfnorm(0, 1.4))
law("location_scale/half_cauchy", {"gamma": "2.5"}, lambda x, gamma: 2 / (pi * gamma * (1 + (x / gamma) ** 2)),
    ray(2, 20), ["0.25", "3", "50"], stats.halfcauchy(0, 2.5), moments=0)
law("location_scale/half_student_t", {"sigma": "1.2", "nu": "2.5"},
    lambda x, sigma, nu: 2 * t_density(nu, x / sigma) / sigma, ray(2, 20), ["0.25", "1", "7"], moments=0)
law("location_scale/half_student_t_moments", {"sigma": "0.6", "nu": "9"},
    lambda x, sigma, nu: 2 * t_density(nu, x / sigma) / sigma, ray(1, 5), ["0.25", "1", "3"])
law("location_scale/asymmetric_laplace", {"mu": "0.4", "sigma": "1.3", "kappa": "0.6"},
    lambda x, mu, sigma, kappa: mp.exp((x - mu) / (sigma * kappa) if x < mu else -(x - mu) * kappa / sigma)
    / (sigma * (kappa + 1 / kappa)),
    line(-2, "0.4", 5), ["-1.5", "1", "7"], stats.laplace_asymmetric(0.6, 0.4, 1.3))
law("location_scale/soft_laplace", {"mu": "-0.3", "sigma": "1.1"},
    lambda x, mu, sigma: 1 / (pi * sigma * mp.cosh((x - mu) / sigma)),
    line(-4, "-0.3", 3), ["-5", "0.2", "6"], stats.hypsecant(-0.3, 1.1))
law("location_scale/skew_logistic", {"mu": "0.2", "sigma": "0.9", "alpha": "2.4"},
    lambda x, mu, sigma, alpha: alpha / sigma * mp.exp(-(x - mu) / sigma) / (1 + mp.exp(-(x - mu) / sigma)) ** (alpha + 1),
    line(-3, 1, 6), ["-2", "1.5", "7"], stats.genlogistic(2.4, 0.2, 0.9))
law("location_scale/exponentially_modified_normal", {"mu": "-0.5", "sigma": "0.8", "lambda": "0.6"},
    lambda x, **a: a["lambda"] * mp.exp((a["lambda"] * a["sigma"]) ** 2 / 2 - a["lambda"] * (x - a["mu"]))
    * Phi((x - a["mu"]) / a["sigma"] - a["lambda"] * a["sigma"]),
    line(-3, 0, 6), ["-2", "1", "8"], stats.exponnorm(1 / (0.8 * 0.6), -0.5, 0.8))
law("location_scale/generalized_normal", {"mu": "0.3", "alpha": "1.7", "beta": "3.2"},
    lambda x, mu, alpha, beta: beta / (2 * alpha * mp.gamma(1 / beta)) * mp.exp(-(abs(x - mu) / alpha) ** beta),
    line(-2, "0.3", 3), ["-2", "0.5", "3"], stats.gennorm(3.2, 0.3, 1.7))
law("location_scale/skew_normal", {"xi": "-0.2", "omega": "1.5", "delta": "0.6"},
    lambda x, xi, omega, delta: 2 / omega * phi((x - xi) / omega) * Phi(delta / mp.sqrt(1 - delta ** 2) * (x - xi) / omega),
    line(-3, 0, 4), ["-3", "0.5", "4"], stats.skewnorm(0.6 / 0.8, -0.2, 1.5))

# Inverse CDFs and monotone maps.
law("exponential", {"lambda": "2.5"}, lambda x, **a: a["lambda"] * mp.exp(-a["lambda"] * x),
    ray(1, 4), ["0.125", "0.5", "3"], stats.expon(0, 1 / 2.5))
law("weibull", {"scale": "1.4", "k": "0.6"},
    lambda x, scale, k: k / scale * (x / scale) ** (k - 1) * mp.exp(-(x / scale) ** k),
    ray(1, 20), ["0.125", "1", "9"], stats.weibull_min(0.6, 0, 1.4))
law("weibull", {"scale": "0.8", "k": "3.1"},
    lambda x, scale, k: k / scale * (x / scale) ** (k - 1) * mp.exp(-(x / scale) ** k),
    ray(1, 2), ["0.125", "0.75", "1.5"], stats.weibull_min(3.1, 0, 0.8))
law("inverse_cdf/rayleigh", {"sigma": "1.3"}, lambda x, sigma: x / sigma ** 2 * mp.exp(-(x / sigma) ** 2 / 2),
    ray(2, 6), ["0.25", "1.5", "5"], stats.rayleigh(0, 1.3))
law("pareto", {"m": "0.7", "alpha": "5.5"}, lambda x, m, alpha: alpha * m ** alpha / x ** (alpha + 1),
    lambda m, alpha: [m, 2, 10, inf], ["0.75", "1", "4"], stats.pareto(5.5, 0, 0.7))
for xi, cuts, points in [("0.2", lambda **_: [mpf("0.5"), 2, 10, inf], ["0.75", "2", "9"]),
                         ("-0.4", lambda **_: [mpf("0.5"), 1, mpf("4.5")], ["0.75", "2", "4"]),
                         ("0", lambda **_: [mpf("0.5"), 2, 10, inf], ["0.75", "2", "9"])]:
    law("inverse_cdf/generalized_pareto", {"mu": "0.5", "sigma": "1.6", "xi": xi},
        lambda x, mu, sigma, xi: (mp.exp(-(x - mu) / sigma) if xi == 0 else (1 + xi * (x - mu) / sigma) ** (-1 / xi - 1)) / sigma,
        cuts, points, stats.genpareto(float(xi), 0.5, 1.6))
for xi, cuts, points in [("0.2", lambda **_: [mpf(-7), -2, 1, 10, inf], ["-2", "1", "9"]),
                         ("-0.3", lambda **_: [-inf, -4, 0, mpf("1") + mpf("1.6") / mpf("0.3")], ["-3", "1", "5"]),
                         ("0", lambda **_: [-inf, -3, 1, 8, inf], ["-2", "1", "9"])]:
    law("inverse_cdf/generalized_extreme_value", {"mu": "1", "sigma": "1.6", "xi": xi},
        lambda x, mu, sigma, xi: (lambda t: mp.exp(-(1 + xi) * t) * twice(t) / sigma)(
            (x - mu) / sigma if xi == 0 else mp.log(1 + xi * (x - mu) / sigma) / xi) if 1 + xi * (x - mu) / sigma > 0 else mpf(0),
        cuts, points, stats.genextreme(-float(xi), 1, 1.6))
law("inverse_cdf/frechet", {"m": "-0.5", "s": "1.2", "alpha": "5.2"},
    lambda x, m, s, alpha: alpha / s * ((x - m) / s) ** (-1 - alpha) * mp.exp(-((x - m) / s) ** (-alpha)) if x > m else mpf(0),
    lambda m, s, alpha: [m, 0, 1, 3, 20, inf], ["0.25", "0.75", "4"], stats.invweibull(5.2, -0.5, 1.2))
law("kumaraswamy", {"a": "2.3", "b": "1.6"}, lambda x, a, b: a * b * x ** (a - 1) * (1 - x ** a) ** (b - 1),
    unit("0.5"), ["0.125", "0.5", "0.875"])
law("inverse_cdf/gompertz", {"eta": "0.4", "b": "1.3"}, lambda x, eta, b: b * eta * mp.exp(b * x - eta * mp.expm1(b * x)),
    lambda **_: [mpf(0), 1, 2, 4], ["0.25", "1", "2.5"], stats.gompertz(0.4, 0, 1 / 1.3))
law("inverse_cdf/log_logistic", {"alpha": "1.5", "beta": "5.5"},
    lambda x, alpha, beta: beta / alpha * (x / alpha) ** (beta - 1) / (1 + (x / alpha) ** beta) ** 2,
    ray(1, 4, 30), ["0.5", "1.25", "4"], stats.fisk(5.5, 0, 1.5))
law("inverse_cdf/dagum", {"a": "5.3", "b": "1.2", "p": "0.7"},
    lambda x, a, b, p: a * p / x * (x / b) ** (a * p) / (1 + (x / b) ** a) ** (p + 1) if x > 0 else mpf(0),
    ray(1, 4, 30), ["0.5", "1.25", "4"], stats.burr(5.3, 0.7, 0, 1.2))
law("inverse_cdf/log_uniform", {"a": "0.5", "b": "8"}, lambda x, a, b: 1 / (x * mp.log(b / a)),
    lambda a, b: [a, 2, b], ["0.75", "2", "7"], stats.loguniform(0.5, 8))
law("inverse_cdf/power_law", {"alpha": "-1.7", "low": "0.5", "high": "9"},
    lambda x, alpha, low, high: (alpha + 1) * x ** alpha / (high ** (alpha + 1) - low ** (alpha + 1)),
    lambda alpha, low, high: [low, 2, high], ["0.75", "2", "7"])
law("inverse_cdf/triangular", {"low": "-2", "peak": "6", "high": "11"},
    lambda x, low, peak, high: 2 * (x - low) / ((high - low) * (peak - low)) if x < peak
    else 2 * (high - x) / ((high - low) * (high - peak)),
    lambda low, peak, high: [low, peak, high], ["-1", "4", "9"], stats.triang(8 / 13, -2, 13))
for value in ["0.2", "1/2", "0.9"]:
    law("inverse_cdf/continuous_bernoulli", {"lambda": value},
        lambda x, **a: a["lambda"] ** x * (1 - a["lambda"]) ** (1 - x)
        * (2 if a["lambda"] == mpf("0.5") else 2 * mp.atanh(1 - 2 * a["lambda"]) / (1 - 2 * a["lambda"])),
        unit(), ["0.125", "0.5", "0.875"])
law("inverse_cdf/truncated_normal", {"mu": "0.7", "sigma": "1.3", "low": "-1.5", "high": "2"},
    lambda x, mu, sigma, low, high: phi((x - mu) / sigma) / (sigma * (Phi((high - mu) / sigma) - Phi((low - mu) / sigma))),
    lambda mu, sigma, low, high: [low, high], ["-1", "0.5", "1.75"],
    stats.truncnorm(-2.2 / 1.3, 1.3 / 1.3, 0.7, 1.3))
law("inverse_cdf/truncated_cauchy", {"mu": "0.7", "gamma": "0.8", "low": "-4", "high": "6"},
    lambda x, mu, gamma, low, high: 1 / (gamma * (1 + ((x - mu) / gamma) ** 2) * (mp.atan((high - mu) / gamma) - mp.atan((low - mu) / gamma))),
    lambda mu, gamma, low, high: [low, mu, high], ["-3", "0.5", "5"])
law("inverse_cdf/levy", {"mu": "0.5", "c": "1.3"},
    lambda x, mu, c: mp.sqrt(c / (2 * pi)) * mp.exp(-c / (2 * (x - mu))) / (x - mu) ** mpf("1.5") if x > mu else mpf(0),
    lambda mu, c: [mu, 1, 3, 100], ["0.75", "2", "50"], stats.levy(0.5, 1.3), moments=-1)
law("log_normal", {"mu": "0.2", "sigma": "0.9"}, lambda x, mu, sigma: phi((mp.log(x) - mu) / sigma) / (sigma * x) if x > 0 else mpf(0),
    ray(1, 5, 40), ["0.25", "1", "9"], stats.lognorm(0.9, 0, float(mp.exp(mpf("0.2")))))
law("inverse_cdf/logit_normal", {"mu": "0.4", "sigma": "1.3"},
    lambda x, mu, sigma: phi((logit(x) - mu) / sigma) / (sigma * x * (1 - x)) if 0 < x < 1 else mpf(0),
    unit("0.25", "0.75"), ["0.125", "0.5", "0.875"])
law("inverse_cdf/johnson_su", {"gamma": "0.5", "delta": "1.7", "xi": "0.3", "lambda": "1.2"},
    lambda x, **a: a["delta"] / (a["lambda"] * mp.sqrt(1 + ((x - a["xi"]) / a["lambda"]) ** 2))
    * phi(a["gamma"] + a["delta"] * mp.asinh((x - a["xi"]) / a["lambda"])),
    line(-4, 0, 3), ["-3", "0.25", "2"], stats.johnsonsu(0.5, 1.7, 0.3, 1.2))
law("inverse_cdf/sinh_arcsinh", {"s": "0.4", "tau": "0.9"},
    lambda x, s, tau: phi(mp.sinh(mp.asinh(x) / tau - s)) * mp.cosh(mp.asinh(x) / tau - s) / (tau * mp.sqrt(1 + x * x)),
    line(-3, 0, 3), ["-1.5", "0.25", "2"])
law("inverse_cdf/moyal", {"mu": "-0.6", "sigma": "1.4"},
    lambda x, mu, sigma: mp.exp(-(x - mu) / sigma / 2) * mp.sqrt(twice((x - mu) / sigma)) / (sigma * mp.sqrt(2 * pi)),
    line(-4, 0, 8), ["-3", "0.5", "9"], stats.moyal(-0.6, 1.4))

# Laws that are known by their standardization.
law("gamma_density", {"alpha": "4.2", "beta": "0.7"},
    lambda x, alpha, beta: beta ** alpha * x ** (alpha - 1) * mp.exp(-beta * x) / mp.gamma(alpha),
    ray(4, 15), ["1", "5", "20"], stats.gamma(4.2, 0, 1 / 0.7))
law("implicit/gamma_implicit", {"a": "0.8", "b": "2.1"},
    lambda x, a, b: b ** a * x ** (a - 1) * mp.exp(-b * x) / mp.gamma(a),
    ray("0.25", 2, 10), ["0.0625", "0.5", "3"], stats.gamma(0.8, 0, 1 / 2.1))
law("implicit/chi_squared_implicit", {"nu": "5.5"},
    lambda x, nu: x ** (nu / 2 - 1) * mp.exp(-x / 2) / (2 ** (nu / 2) * mp.gamma(nu / 2)),
    ray(4, 20), ["0.5", "5", "20"], stats.chi2(5.5))
law("implicit/inverse_gamma_implicit", {"a": "5.3", "b": "1.9"},
    lambda x, a, b: b ** a * x ** (-a - 1) * mp.exp(-b / x) / mp.gamma(a) if x > 0 else mpf(0),
    ray("0.25", 1, 10), ["0.125", "0.5", "2"], stats.invgamma(5.3, 0, 1.9))
law("implicit/beta_implicit", {"a": "2.5", "b": "1.25"}, lambda x, a, b: x ** (a - 1) * (1 - x) ** (b - 1) / mp.beta(a, b),
    unit("0.5"), ["0.125", "0.5", "0.875"], stats.beta(2.5, 1.25))
law("implicit/fisher_snedecor_implicit", {"m": "4.5", "n": "9.5"},
    lambda x, m, n: (m / n) ** (m / 2) * x ** (m / 2 - 1) * (1 + m * x / n) ** (-(m + n) / 2) / mp.beta(m / 2, n / 2),
    ray(1, 4, 30), ["0.125", "1", "5"], stats.f(4.5, 9.5))
law("implicit/student_t_implicit", {"nu": "3.3", "mu": "0.4", "sigma": "1.5"},
    lambda x, nu, mu, sigma: t_density(nu, (x - mu) / sigma) / sigma,
    line(-4, "0.4", 5), ["-6", "1", "7"], stats.t(3.3, 0.4, 1.5), moments=0)
law("implicit/inverse_gaussian_implicit", {"mu": "1.3", "lambda": "2.2"},
    lambda x, **a: mp.sqrt(a["lambda"] / (2 * pi * x ** 3)) * mp.exp(-a["lambda"] * (x - a["mu"]) ** 2 / (2 * a["mu"] ** 2 * x)) if x > 0 else mpf(0),
    ray("0.5", 2, 10), ["0.25", "1", "4"], stats.invgauss(1.3 / 2.2, 0, 2.2))
law("implicit/normal_mixture_implicit", {"logits": "0.25 -0.5", "mu": "-1 1.5", "sigma": "0.75 1.25"},
    lambda x, logits, mu, sigma: sum(mp.exp(l) * phi((x - m) / s) / s for l, m, s in zip(logits, mu, sigma))
    / sum(mp.exp(l) for l in logits),
    line(-3, -1, 1, 4), ["-2", "0.25", "3"])

# Relaxations and constrained normal laws.
law("relaxations/relaxed_bernoulli", {"p": "0.3", "tau": "0.7"},
    lambda x, p, tau: tau * (p / (1 - p)) * x ** (-tau - 1) * (1 - x) ** (-tau - 1) / ((p / (1 - p)) * x ** -tau + (1 - x) ** -tau) ** 2,
    unit("0.125", "0.5", "0.875"), ["0.125", "0.5", "0.875"])
law("tanh_normal", {"mu": "0.3", "sigma": "0.8"},
    lambda x, mu, sigma: phi((mp.atanh(x) - mu) / sigma) / (sigma * (1 - x * x)) if abs(x) < 1 else mpf(0),
    lambda **_: [mpf(-1), mpf("-0.5"), mpf("0.5"), mpf(1)], ["-0.75", "0.25", "0.875"])
law("constraints/normal_cdf", {"mu": "0.3", "sigma": "0.8"},
    lambda x, mu, sigma: (lambda y: phi((y - mu) / sigma) / (sigma * phi(y)))(
        -mp.sqrt(2) * mp.erfinv(1 - 2 * x)) if 0 < x < 1 else mpf(0),
    unit("0.25", "0.75"), ["0.125", "0.5", "0.875"])
law("constraints/expm1", {"mu": "0.3", "sigma": "0.6"},
    lambda x, mu, sigma: phi((mp.log(1 + x) - mu) / sigma) / (sigma * (1 + x)) if x > -1 else mpf(0),
    lambda **_: [mpf(-1), 0, 2, 10, inf], ["-0.5", "0.5", "4"])
law("constraints/softplus", {"mu": "0.5", "sigma": "1.2"},
    lambda x, mu, sigma: phi((x + mp.log(1 - mp.exp(-x)) - mu) / sigma) / (sigma * (1 - mp.exp(-x))) if x > 0 else mpf(0),
    ray("0.5", 2, 6), ["0.25", "1", "4"])

# On a circle.
law("implicit/von_mises_implicit", {"mu": "0.4", "kappa": "1.7"},
    lambda x, mu, kappa: mp.exp(kappa * mp.cos(x - mu)) / (2 * pi * mp.besseli(0, kappa)),
    lambda mu, **_: [mu - pi, mu - 1, mu, mu + 1, mu + pi], ["-2.5", "0.1", "3"], stats.vonmises(1.7, loc=0.4))


def agree(name, ours, theirs, allowed):
    if not abs(ours - theirs) <= allowed * (1 + abs(theirs)):
        raise ArithmeticError(f"{name}: {mp.nstr(ours, 20)} is not {mp.nstr(theirs, 20)}")


def by_scipy(law, quantity, argument):
    known = law.theirs
    if quantity == "log_density":
        return known.logpdf(float(argument))
    if quantity == "cdf":
        return known.cdf(float(argument))
    if quantity == "quantile":
        return known.ppf(float(argument))
    if quantity == "mean":
        return known.mean()
    if quantity == "variance":
        return known.var()
    return known.entropy()


print("spec,given,quantity,argument,value")
for item in LAWS:
    given = " ".join(f"{name}={value.replace(' ', ';')}" for name, value in item.given.items())
    for quantity, argument, value in item.quantities():
        if item.theirs is not None:
            what = f"scipy on {item.spec} {quantity} {argument}"
            agree(what, mpf(float(by_scipy(item, quantity, argument))), value, mpf(10) ** -8)
        print(f"{item.spec},{given},{quantity},{argument},{mp.nstr(value, DIGITS)}")
    sys.stdout.flush()
