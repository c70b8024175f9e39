"""Prints true values of the special functions, one a line: operator, arguments, value.

Arguments are binary64 numbers written so that they read back exactly; values are correct to the
25 digits given (computed with mpmath at 60 digits, and where mpmath has no stable form, from the
definition). Usage: python3 special.py COUNT > special.txt
"""

import random
import sys

from mpmath import mp, mpf

mp.dps = 60
COUNT = int(sys.argv[1])
draw = random.Random(20240607)


def log_uniform(low, high):
    return mp.e ** draw.uniform(float(mp.log(low)), float(mp.log(high)))


def signed(value):
    return value if draw.random() < 0.5 else -value


def normal_cdf(x):
    return mp.erfc(-x / mp.sqrt(2)) / 2


def normal_icdf(p):
    if p > 0.5:
        return -normal_icdf(1 - p)
    guess = -mp.sqrt(-2 * mp.log(p)) if p < 0.1 else mpf(0)
    return mp.findroot(lambda t: mp.log(normal_cdf(t)) - mp.log(p), guess, solver="newton",
                       df=lambda t: mp.npdf(t) / normal_cdf(t), tol=1e-100)


def erfinv(y):
    if abs(y) < mpf(10) ** -10:
        return mp.sqrt(mp.pi) / 2 * (y + mp.pi / 12 * y ** 3 + 7 * mp.pi ** 2 / 480 * y ** 5)
    with mp.workdps(80):
        return mp.sign(y) * -normal_icdf((1 - abs(y)) / 2) / mp.sqrt(2)


def gamma_p(a, x):
    # e^-x x^a sum x^k/Γ(a+k+1): every term positive, so every digit is right.
    term = mp.exp(-x + a * mp.log(x) - mp.loggamma(a + 1)) if x > 0 else mpf(0)
    total, k = mpf(0), 0
    while term > total * mpf(10) ** -mp.dps and term > 0 or k < x - a:
        total += term
        k += 1
        term *= x / (a + k)
    return total


def gamma_q(a, x):
    with mp.workdps(60 + int(x / 2.3) + 20 if x < 2000 else 60):
        return 1 - gamma_p(a, x)


def derivative(f, a):
    # Central differences at three steps, extrapolated; the digits that P near 1 would lose added.
    with mp.workdps(mp.dps + 400):
        h = mpf(a) * mpf(10) ** -12
        d = [(f(a + h / 2 ** k) - f(a - h / 2 ** k)) / (2 * h / 2 ** k) for k in range(3)]
        e = [(4 * d[k + 1] - d[k]) / 3 for k in range(2)]
        return (16 * e[1] - e[0]) / 15


def beta_inc(a, b, x):
    # x^a (1-x)^b /(a B) · 2F1(a+b, 1; a+1; x): every term positive.
    term = mp.exp(a * mp.log(x) + b * mp.log1p(-x) - mp.loggamma(a) - mp.loggamma(b)
                  + mp.loggamma(a + b)) / a
    total, k = mpf(0), 0
    while term > total * mpf(10) ** -mp.dps:
        total += term
        term *= (a + b + k) * x / (a + 1 + k)
        k += 1
    return total


def beta_inc_any(a, b, x):
    if x > (a + 1) / (a + b + 2):
        with mp.workdps(mp.dps + 20):
            return 1 - beta_inc(b, a, 1 - x)
    return beta_inc(a, b, x)


def shape():
    return log_uniform(1e-2, 300)


def near(a):
    """A point near the bulk of a gamma law of this shape, or in a tail of it."""
    return abs(a + draw.gauss(0, 4) * mp.sqrt(a)) + mpf(10) ** -6 if draw.random() < 0.7 \
        else a * log_uniform(1e-2, 5)


FUNCTIONS = {
    "normal_cdf": (normal_cdf, lambda: (draw.uniform(-38, 8),)),
    "normal_icdf": (normal_icdf, lambda: (
        draw.uniform(0, 1) if draw.random() < 0.5 else log_uniform(1e-305, 0.5),)),
    "normal_log_cdf": (lambda x: mp.log(normal_cdf(x)) if x < 0 else mp.log1p(-normal_cdf(-x)),
                       lambda: (draw.uniform(-60, 9) if draw.random() < 0.8
                                else -log_uniform(1, 1e6),)),
    "erfinv": (erfinv, lambda: (
        signed(draw.uniform(0, 1) if draw.random() < 0.5 else log_uniform(1e-300, 1)),)),
    "erf": (mp.erf, lambda: (signed(log_uniform(1e-10, 6)),)),
    "erfc": (mp.erfc, lambda: (draw.uniform(-3, 26),)),
    "lgamma": (lambda x: mp.re(mp.loggamma(x)), lambda: (
        log_uniform(1e-8, 1e8) if draw.random() < 0.6 else draw.uniform(-20, 3),)),
    "digamma": (mp.digamma, lambda: (
        log_uniform(1e-8, 1e8) if draw.random() < 0.6 else draw.uniform(-20, 3),)),
    "trigamma": (lambda x: mp.polygamma(1, x), lambda: (
        log_uniform(1e-8, 1e8) if draw.random() < 0.6 else draw.uniform(-20, 3),)),
    "polygamma_2": (lambda x: mp.polygamma(2, x), lambda: (
        log_uniform(1e-8, 1e8) if draw.random() < 0.6 else draw.uniform(-20, 3),)),
    "polygamma_7": (lambda x: mp.polygamma(7, x), lambda: (
        log_uniform(1e-8, 1e8) if draw.random() < 0.6 else draw.uniform(-20, 3),)),
    "log_bessel_i0": (lambda x: mp.log(mp.besseli(0, x)), lambda: (signed(log_uniform(1e-6, 1e4)),)),
    "bessel_ratio": (lambda x: mp.besseli(1, x) / mp.besseli(0, x),
                     lambda: (signed(log_uniform(1e-6, 1e4)),)),
    "sigmoid": (lambda x: 1 / (1 + mp.exp(-x)), lambda: (draw.uniform(-700, 40),)),
    "softplus": (lambda x: mp.log1p(mp.exp(x)), lambda: (draw.uniform(-700, 60),)),
    "gamma_p": (gamma_p, lambda: (lambda a: (a, near(a)))(shape())),
    "gamma_q": (gamma_q, lambda: (lambda a: (a, near(a)))(shape())),
    "gamma_p_da": (lambda a, x: derivative(lambda t: gamma_p(t, x), a),
                   lambda: (lambda a: (a, near(a)))(shape())),
    "beta_inc": (beta_inc_any, lambda: (shape(), shape(), draw.random() if draw.random() < 0.8
                                        else log_uniform(1e-20, 1))),
    "beta_inc_da": (lambda a, b, x: derivative(lambda t: beta_inc_any(t, b, x), a),
                    lambda: (shape(), shape(), draw.random())),
    # Large shapes, where series are long and the uniform expansion takes over.
    "gamma_p large": (gamma_p, lambda: (lambda a: (a, a + draw.gauss(0, 3) * mp.sqrt(a)))(
        log_uniform(300, 3e4))),
    "gamma_p_da large": (lambda a, x: derivative(lambda t: gamma_p(t, x), a),
                         lambda: (lambda a: (a, a + draw.gauss(0, 3) * mp.sqrt(a)))(
                             log_uniform(300, 3e4))),
    "beta_inc large": (beta_inc_any, lambda: (lambda a, b: (a, b, a / (a + b)
                       + draw.gauss(0, 3) * mp.sqrt(a * b / (a + b)) / (a + b)))(
                           log_uniform(100, 1e4), log_uniform(100, 1e4))),
}

for name, (function, sample) in FUNCTIONS.items():
    made = 0
    while made < (COUNT if "large" not in name else COUNT // 4 + 1):
        arguments = [float(v) for v in sample()]
        if ("beta" in name and not 0 < arguments[-1] < 1) or arguments[0] == 0:
            continue
        value = function(*[mpf(v) for v in arguments])
        if value == 0 or not mpf(10) ** -200 < abs(value) < mpf(10) ** 300:
            continue
        print(name.split()[0], *map(repr, arguments), mp.nstr(value, 25, strip_zeros=False))
        made += 1
