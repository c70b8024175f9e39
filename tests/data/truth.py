"""Makes truth.csv: true values of every operator, by mpmath, for tests/rigour.

    python3 truth.py > truth.csv

Arguments are exact (integers, decimals, or fractions). Each value is computed at two working
precisions, the second far above the first, and printed to 40 significant digits only where both
agree to 45; a row on which mpmath does not agree with itself is an error. Derivatives with respect to a
parameter are symmetric difference quotients at a step whose square is below the digits printed.
"""

import sys
from fractions import Fraction

from mpmath import mp, mpf

DIGITS = 40

# Values of larger decimal exponents are left out: the test writes them out as rationals.
LONGEST = 5000


def number(text):
    value = Fraction(text)
    return mpf(value.numerator) / mpf(value.denominator)


def log_abs_gamma(x):
    if x > 0:
        return mp.loggamma(x)
    return mp.log(mp.pi / abs(mp.sinpi(x))) - mp.loggamma(1 - x)


def erf_inverse(x):
    # mpmath's own erfinv is not accurate near 1; Newton on erfc from its answer is.
    if abs(x) < mpf("0.5"):
        return mp.erfinv(x)
    t = 1 - abs(x)
    return mp.sign(x) * erfc_inverse(t)


def erfc_inverse(t):
    """y > 0 with erfc(y) = t, by Newton on log erfc."""
    goal = mp.log(t)
    y = mp.sqrt(max(-goal - mp.log(mp.sqrt(mp.pi) * mp.sqrt(max(-goal, 1))), mpf("0.01")))
    for _ in range(200):
        e = mp.erfc(y)
        step = (mp.log(e) - goal) / (2 / mp.sqrt(mp.pi) * mp.exp(-y * y) / e)
        y += step
        if abs(step) < abs(y) * mp.eps * 100:
            return y
    raise ArithmeticError("no convergence")


def normal_quantile(u):
    if u == mpf("0.5"):
        return mpf(0)
    size = mp.sqrt(2) * erfc_inverse(2 * min(u, 1 - u))
    return -size if u < 0.5 else size


def normal_log_cdf(x):
    if x > 0:
        return mp.log1p(-mp.erfc(x / mp.sqrt(2)) / 2)
    y = -x / mp.sqrt(2)
    if y < 1e4:
        return mp.log(mp.erfc(y) / 2)
    # erfc underflows nowhere in mpmath, but is slow far out: the asymptotic series, term by term.
    term, total, k = mpf(1), mpf(1), 1
    while abs(term) > mp.eps:
        term *= -(2 * k - 1) / (2 * y * y)
        total += term
        k += 1
    return -y * y + mp.log(total / (2 * y * mp.sqrt(mp.pi)))


def gamma_p(a, x):
    if x > a + 60 and x > 30:
        return 1 - gamma_q(a, x)
    return mp.exp(a * mp.log(x) - x - mp.loggamma(a + 1)) * mp.hyp1f1(1, a + 1, x)


def gamma_q(a, x):
    return mp.gammainc(a, x, mp.inf, regularized=True)


def beta_inc(a, b, x):
    front = a * mp.log(x) + b * mp.log1p(-x) - mp.log(a)
    front += mp.loggamma(a + b) - mp.loggamma(a) - mp.loggamma(b)
    return mp.exp(front) * mp.hyp2f1(a + b, 1, a + 1, x)


def beta_inc_da(a, b, x):
    # From the side whose value is small, so that the quotient does not cancel.
    if x * (a + b) > a:
        return -slope(lambda a: beta_inc(b, a, 1 - x), a)
    return slope(lambda a: beta_inc(a, b, x), a)


def slope(f, a):
    """df/da at working precision mp.dps, by symmetric differences at three times it."""
    digits = mp.dps
    with mp.workdps(4 * digits):
        h = abs(a) * mpf(10) ** (-digits)
        return (f(a + h) - f(a - h)) / (2 * h)


FUNCTIONS = {
    "exp": mp.exp,
    "log": mp.log,
    "log1p": mp.log1p,
    "expm1": mp.expm1,
    "sqrt": mp.sqrt,
    "sin": mp.sin,
    "cos": mp.cos,
    "tan": mp.tan,
    "asin": mp.asin,
    "acos": mp.acos,
    "atan": mp.atan,
    "sinh": mp.sinh,
    "cosh": mp.cosh,
    "tanh": mp.tanh,
    "asinh": mp.asinh,
    "acosh": mp.acosh,
    "atanh": mp.atanh,
    "sigmoid": lambda x: 1 / (1 + mp.exp(-x)),
    "softplus": lambda x: mp.log1p(mp.exp(x)),
    "erf": mp.erf,
    "erfc": mp.erfc,
    "erfinv": erf_inverse,
    "normal_cdf": lambda x: mp.erfc(-x / mp.sqrt(2)) / 2,
    "normal_icdf": normal_quantile,
    "normal_log_cdf": normal_log_cdf,
    "lgamma": log_abs_gamma,
    "polygamma0": lambda x: mp.psi(0, x),
    "polygamma1": lambda x: mp.psi(1, x),
    "polygamma2": lambda x: mp.psi(2, x),
    "polygamma3": lambda x: mp.psi(3, x),
    "polygamma6": lambda x: mp.psi(6, x),
    "log_bessel_i0": lambda x: mp.log(mp.besseli(0, x)),
    "bessel_ratio": lambda x: mp.besseli(1, x) / mp.besseli(0, x),
    "pow": mp.power,
    "atan2": lambda y, x: mp.atan2(y, x),
    "gamma_p": gamma_p,
    "gamma_q": gamma_q,
    "gamma_p_da": lambda a, x: slope(lambda a: gamma_p(a, x), a),
    "beta_inc": beta_inc,
    "beta_inc_da": beta_inc_da,
}

SIZES = ["1e-300", "1e-40", "1e-12", "1/1024", "1/7", "0.3", "1/2", "0.9", "1.1", "3/2", "2", "2.7", "4",
         "7.3", "10", "31/3", "40", "100.25", "700"]
FAR = ["1000", "12345.678", "1e6", "1e9"]
NEAR_ONE = ["0.99", "0.999999", "0." + "9" * 15, "0." + "9" * 30, "0." + "9" * 300]
PROBABILITIES = ["1e-300", "1e-40", "1e-15", "1e-6", "0.001", "0.02", "1/7", "0.3", "0.42", "0.499", "0.51", "2/3", "0.8",
                 "0.95"] + NEAR_ONE


def both(sizes):
    return sizes + ["-" + s for s in sizes]


ARGUMENTS = {
    "exp": both(SIZES + FAR),
    "log": SIZES + FAR + NEAR_ONE + ["1." + "0" * 30 + "1", "1." + "0" * 300 + "1", "1e300"],
    "log1p": SIZES + FAR + ["-" + s for s in PROBABILITIES],
    "expm1": both(SIZES) + FAR,
    "sqrt": SIZES + FAR + ["1/3", "1e301"],
    "sin": both(SIZES) + FAR + ["355/113", "1e22", "1e300", "3.14159265358979323846264338327950288419716939937510"],
    "cos": both(SIZES) + FAR + ["355/226", "1e22", "1e300", "1.5707963267948966192313216916397514420985846996875529"],
    "tan": both(SIZES) + FAR + ["355/226", "1e22", "1.5707963267948966192313216916397514420985846996875529"],
    "asin": both(PROBABILITIES),
    "acos": both(PROBABILITIES),
    "atan": both(SIZES) + FAR + ["1e40", "1e300"],
    "sinh": both(SIZES) + FAR,
    "cosh": both(SIZES) + FAR,
    "tanh": both(SIZES),
    "asinh": both(SIZES) + FAR + ["1e300"],
    "acosh": ["1.1", "3/2", "2", "7.3", "40", "700", "1e9", "1e300", "1.0001", "1." + "0" * 20 + "1", "1." + "0" * 300 + "1"],
    "atanh": both(PROBABILITIES),
    "sigmoid": both(SIZES) + ["-1000", "-12345.678"],
    "softplus": both(SIZES) + ["-1000", "-12345.678", "1000"],
    "erf": both(SIZES[:-3]),
    "erfc": both(SIZES[:-2]) + ["26.5", "100.25", "700", "12345.678"],
    "erfinv": both(PROBABILITIES),
    "normal_cdf": both(SIZES[:-2]) + ["-38.5", "-100.25", "-700", "-12345.678"],
    "normal_icdf": PROBABILITIES,
    "normal_log_cdf": both(SIZES[:-2]) + ["-38.5", "-100.25", "-700", "-12345.678", "-1e6", "-1e9"],
    "lgamma": SIZES + FAR + ["1e40", "0.999", "1.001", "1." + "0" * 20 + "1", "1.99", "2." + "0" * 15 + "3", "1.4616321449683623",
                             "-1e-12", "-0.3", "-1/2", "-0.9", "-1.1", "-3/2", "-2.7", "-7.3", "-40.4", "-100.25", "-2.0000000001",
                             "-2.4570247382208006", "-12345.678"],
    "log_bessel_i0": both(SIZES[1:]) + ["1000", "12345.678"],
    "bessel_ratio": both(SIZES[1:]) + ["1000", "12345.678"],
}
POLES = ["-1e-12", "-0.3", "-1/2", "-0.9", "-1.1", "-3/2", "-2.7", "-7.3", "-40.4", "-100.25", "-2.0000000001"]
for order in [0, 1, 2, 3, 6]:
    ARGUMENTS[f"polygamma{order}"] = SIZES[2:] + FAR + POLES
ARGUMENTS["polygamma0"] += ["1.4616321449683623412626595423", "-0.504083008264455409258", "1"]

PAIRS = {
    "pow": [(x, y) for x in ["1e-40", "1/7", "0.9", "1.1", "2", "10", "12345.678"]
            for y in ["1/3", "-1/3", "2.5", "-7.3", "1e-12", "100.25", "-3", "17"]]
    + [("-2.5", "3"), ("-2.5", "-4"), ("-1/7", "17")],
    "atan2": [(y, x) for y in ["1e-12", "0.3", "-0.3", "40", "-1e-12"] for x in ["1e-12", "0.3", "-0.3", "-40", "-1e-12"]],
}
GAMMAS = [(a, x) for a in ["0.001", "0.1", "1/2", "1", "1.7", "3", "12.5", "100"]
          for x in ["1e-12", "0.01", "0.3", "1", "2.2", "7", "30", "100.25", "400"]]
FAR_GAMMAS = [("1000", "900"), ("1000", "1000"), ("1000", "1100"), ("1000", "500"), ("1000", "1700"), ("10000", "10000"),
              ("10000", "9500"), ("10000", "10500"), ("0.001", "1e-300"), ("1e-12", "0.5")]
PAIRS["gamma_p"] = GAMMAS + FAR_GAMMAS
PAIRS["gamma_q"] = GAMMAS + FAR_GAMMAS
PAIRS["gamma_p_da"] = [(a, x) for a in ["0.001", "0.1", "1/2", "1", "1.7", "3", "12.5", "100"]
                       for x in ["1e-12", "0.01", "0.3", "2.2", "7", "30", "100.25"]] + [("1000", "1010"), ("1000", "900")]
TRIPLES = {
    "beta_inc": [(a, b, x) for a in ["0.01", "1/2", "1.7", "12.5", "100"] for b in ["0.01", "1", "3.3", "50"]
                 for x in ["1e-12", "0.1", "1/2", "0.8", "0.999", "0.999999999999"]]
    + [("1000", "1000", "0.49"), ("1000", "2000", "1/3"), ("10000", "10000", "0.503"), ("10000", "10", "0.9999"), ("1e-3", "1e3", "1e-6")],
    "beta_inc_da": [(a, b, x) for a in ["0.01", "1/2", "1.7", "12.5"] for b in ["0.01", "1", "3.3", "50"]
                    for x in ["1e-12", "0.1", "1/2", "0.8", "0.999"]] + [("1000", "1000", "0.49")],
}


def evaluate(name, arguments, digits):
    with mp.workdps(digits):
        return +FUNCTIONS[name](*(number(a) for a in arguments))


def row(name, arguments):
    digits = 90 + max(len(text) for text in arguments)
    low, high = evaluate(name, arguments, digits), evaluate(name, arguments, 4 * digits)
    # Where values underflow against 1, the first precision has to be raised until both agree.
    while abs(low - high) > abs(high) * mpf(10) ** (-DIGITS - 5):
        digits *= 2
        if digits > 20000:
            raise ArithmeticError(f"{name}{arguments}: {low} is not {high}")
        low, high = evaluate(name, arguments, digits), evaluate(name, arguments, 2 * digits + 60)
    with mp.workdps(DIGITS + 20):
        text = mp.nstr(high, DIGITS, strip_zeros=False, min_fixed=0, max_fixed=0)
    if abs(int(text.partition("e")[2] or 0)) > LONGEST:
        return
    print(name, " ".join(arguments), text, sep=",")


def main():
    mp.dps = 1000
    print("operator,arguments,value")
    chosen = sys.argv[1:]
    rows = [(name, (x,)) for name, xs in ARGUMENTS.items() for x in xs]
    rows += [(name, pair) for name, pairs in PAIRS.items() for pair in pairs]
    rows += [(name, triple) for name, triples in TRIPLES.items() for triple in triples]
    for name, arguments in rows:
        if not chosen or name in chosen:
            row(name, arguments)
            sys.stdout.flush()


main()
