//! What is said about bad formulas and domains: ‹place› message | label | help.

use super::{scope, show_errors, unrolls_to};
use reparam_check::graph::Graph;
use reparam_check::language::{Domain, elaborate_domain, elaborate_shape, parse_applied};

#[test]
fn mistakes_are_explained() {
    unrolls_to(&[
        ("", "‹› empty formula | an expression is expected here"),
        ("  ", "‹  › empty formula | an expression is expected here"),
        (
            "x +",
            "‹› expected an expression, found the end of the formula | an expression belongs here",
        ),
        (
            "x ** 2",
            "‹**› `**` is not an operator | not known here | write `^`",
        ),
        (
            "2x",
            "‹x› missing operator | an operator is expected before this | write `2*x` for a product",
        ),
        (
            "2 (x + y)",
            "‹(› missing operator | an operator is expected before this | write `2*(…)` for a product",
        ),
        (
            "(x)(y)",
            "‹(› missing operator | an operator is expected before this | write `(…)*(…)` for a product",
        ),
        (
            "x × y − 2",
            "‹×› `×` is not an operator | not known here | write `*`\n‹−› `−` is not an operator | not known here | write `-`",
        ),
        (
            "where(x ≤ 1, x, y)",
            "‹≤› `≤` is not an operator | not known here | write `<=`",
        ),
        (
            "x²",
            "‹²› `²` is not an operator | not known here | write `^2`",
        ),
        (
            "x = 2",
            "‹=› unexpected `=` | not an operator | write `==` for a condition",
        ),
        (
            "(x + y",
            "‹(› unclosed `(` | opened here | add `)` before the end of the formula",
        ),
        (
            "exp(x + [y)",
            "‹[› unclosed `[` | opened here | add `]` before `)`",
        ),
        ("x + y)", "‹)› unmatched `)` | nothing is open here"),
        (
            "x $ y",
            "‹$› unexpected character `$` | not part of a formula",
        ),
        (
            "σ₁",
            "‹₁› unexpected character `₁` | not part of a formula | names are made of Latin and Greek letters, digits and `_`",
        ),
        (
            "1e99999",
            "‹1e99999› number out of range | too many digits | use at most 10000 digits, and exponents between -10000 and 10000",
        ),
        (
            "x and y",
            "‹and› `and` is not an operator | not known here | write `all(a, b)`",
        ),
        (
            "where(0 < x < 1, x, y)",
            "‹0 < x < 1› comparisons do not chain | more than one comparison | write `all(a < b, b < c)`",
        ),
        (
            "(x, y)",
            "‹,› unexpected `,` | a list in parentheses | write `[a, b]` for a vector",
        ),
        (
            "+x",
            "‹+› unary `+` | there is nothing to add to | leave out the `+`",
        ),
        (
            "A'",
            "‹'› `'` is not an operator | not known here | write `transpose(A)`",
        ),
        (
            "math.log(x)",
            "‹math.› `math.` before a name | names have no prefix | write `log`",
        ),
        (
            "A.T",
            "‹.T› `.T` is not an operator | not known here | write `transpose(A)`",
        ),
        (
            "v[]",
            "‹[]› empty index | an index is expected here | write `z[0]`, `z[0:k]` or `A[i, :]`",
        ),
        (
            "[x for i of n]",
            "‹of› expected `in`, found `of` | `in` belongs here",
        ),
        (
            "[x for i in n]",
            "‹]› expected `..`, found `]` | an index runs over a range | write `[… for i in 0..n]`; n is not included",
        ),
        (
            "[x for i in 0..n for j in 0..n]",
            "‹for› more than one `for` | only one index in each pair of brackets | write `[[… for j in 0..n] for i in 0..m]`",
        ),
        (
            "sigm + xx + y",
            "‹sigm› unknown name `sigm` | not defined here | did you mean `sigma`?\n‹xx› unknown name `xx` | not defined here | name `xx` under `parameters`, `inputs`, `noise` or `define`",
        ),
        (
            "e^x",
            "‹e› unknown name `e` | not defined here | write `exp(1)` for Euler's number",
        ),
        (
            "eps + exp",
            "‹eps› `eps` is not available here | noise is not available in a domain\n‹exp› `exp` is a function | a quantity is expected here | write `exp(x)`",
        ),
        (
            "epx(x) + ln(y) + gamma(x)",
            "‹epx› unknown function `epx` | not a function | did you mean `exp`?\n‹ln› unknown function `ln` | not a function | write `log(x)`\n‹gamma› `gamma` is not a function | this is a quantity | write `gamma*(…)` for a product",
        ),
        (
            "integral(x, y)",
            "‹integral› `integral` is not available here | known only in a derivation",
        ),
        (
            "p(x)",
            "‹p› `p` is not available here | known only in `expectations` and `derivations`",
        ),
        (
            "exp()",
            "‹exp()› missing argument `x` of `exp` | an argument is missing | write `exp(x)`",
        ),
        (
            "exp(x, y)",
            "‹y› too many arguments for `exp` | not expected | write `exp(x)`",
        ),
        (
            "elu(x, beta=1)",
            "‹beta› `elu` has no argument `beta` | not known | write `elu(x, alpha=1)`",
        ),
        (
            "elu(x, 1, alpha=1)",
            "‹1› argument `alpha` is given twice | given before",
        ),
        (
            "q(x, y)",
            "‹y› unexpected argument of `q` | not expected | write `q(z)`",
        ),
        (
            "q(v)",
            "‹v› argument `z` of `q` expects shape [2], found shape [3] | this is shape [3]",
        ),
        (
            "h(x)",
            "‹h(x)› missing argument `b` of `h` | an argument is missing | write `h(a, b)`",
        ),
        (
            "v + u",
            "‹v + u› shapes [3] and [2] do not match | operands of different shapes | only scalars go with every shape",
        ),
        (
            "M @ u",
            "‹M @ u› shapes [2, 3] and [2] do not match | 3 columns times 2 rows",
        ),
        (
            "x @ A",
            "‹x› `@` expects vectors or matrices | this is a scalar | write `*` for a product with a scalar",
        ),
        (
            "det(M)",
            "‹M› `det` expects a square matrix, found shape [2, 3] | this is shape [2, 3] | write `det(A)`",
        ),
        (
            "diag(A)",
            "‹diag(A)› `diag` expects a vector, found a matrix | this builds a diagonal matrix | write `diagonal(A)` for the diagonal of a matrix",
        ),
        (
            "det(C)",
            "‹det(C)› the determinant of a full 9×9 matrix is not expanded beyond 8×8 | needed here | work with a triangular factor: `lower_cholesky`, `solve_lower`",
        ),
        (
            "softmax(A)",
            "‹A› `softmax` expects a vector, found shape [2, 2] | this is shape [2, 2] | write `softmax(x, [axis])`",
        ),
        (
            "[x, u]",
            "‹u› entries of a scalar and shape [2] in one vector | differs from the first entry | write `concat(a, b)` to join vectors",
        ),
        (
            "[v[0:i] for i in 0..3]",
            "‹v[0:i]› shape [0] for `i` = 0, but shape [1] for `i` = 1 | its shape depends on the index",
        ),
        (
            "v[3] + v[-1]",
            "‹3› index 3 is out of range for size 3 | indices run from 0 to 2\n‹-1› index -1 is out of range for size 3 | indices run from 0 to 2 | count from the beginning: the last component is `z[n - 1]`",
        ),
        (
            "v[2:4]",
            "‹2:4› slice 2:4 is out of range for size 3 | indices run from 0 to 2",
        ),
        (
            "v[0, 1]",
            "‹v[0, 1]› 2 indices for shape [3] | it has 1 axes",
        ),
        (
            "v[x]",
            "‹x› not a size | its value is not known when formulas are unrolled | use numbers, `dimensions` and indices of comprehensions",
        ),
        (
            "v[d/2]",
            "‹d/2› not an integer | this is 3/2 | write `floor(…)` to round down",
        ),
        (
            "[x for x in 0..2]",
            "‹x› `x` is already a name | the index would hide it | choose another name for the index",
        ),
        (
            "x > 0",
            "‹x > 0› a condition is not a number | a number is expected here | write `where(condition, 1, 0)`",
        ),
        (
            "sum(v > 0)",
            "‹v > 0› a condition is not a number | a number is expected here | write `where(condition, 1, 0)`",
        ),
        (
            "where(x, 1, 0)",
            "‹x› a number is not a condition | a condition is expected here | compare it: `x > 0`, `x == 1`",
        ),
        (
            "max([])",
            "‹[]› `max` of no components | this has shape [0]",
        ),
        (
            "sum(A, 2)",
            "‹2› axis 2 of shape [2, 2] | axes run from 0 to 1",
        ),
        (
            "diff(x, x + 1)",
            "‹x + 1› derivative with respect to what is not a variable | a parameter, input, noise or output is expected here",
        ),
        (
            "diff(gamma_p_da(x, y), x)",
            "‹diff(gamma_p_da(x, y), x)› the derivative of ∂gamma_p(a, x)/∂a in a has no closed form | needed here",
        ),
    ]);
}

#[test]
fn domains_are_read() {
    let mut graph = Graph::new();
    let scope = scope(&mut graph);
    let mut read = |text: &str| {
        let found =
            parse_applied(text).and_then(|applied| elaborate_domain(&applied, &scope, &mut graph));
        match found {
            Ok((Domain::Interval(a, b), shape)) => {
                format!("{}..{} {shape:?}", graph.display(a), graph.display(b))
            }
            Ok((domain, shape)) => format!("{domain:?} {shape:?}"),
            Err(errors) => show_errors(text, &errors),
        }
    };
    for (text, expected) in [
        ("real", "Real []"),
        ("real[d]", "Real [3]"),
        ("positive[n, d + 1]", "Positive [2, 4]"),
        ("interval(x, 2*y)[n]", "x..2*y [2]"),
        ("interval(b=1, a=0)", "0..1 []"),
        ("simplex[d]", "Simplex [3]"),
        ("lower_cholesky[n]", "LowerCholesky [2, 2]"),
        ("positive_definite[d]", "PositiveDefinite [3, 3]"),
        ("boolean", "Boolean []"),
        (
            "positve",
            "‹positve› unknown domain `positve` | not a domain | did you mean `positive`?",
        ),
        (
            "simplex",
            "‹simplex› `simplex` expects one size, found 0 | the shape does not fit | write `simplex[k]`",
        ),
        (
            "simplex[2, 2]",
            "‹simplex[2, 2]› `simplex` expects one size, found 2 | the shape does not fit | write `simplex[k]`",
        ),
        (
            "unit_vector[d - 3]",
            "‹d - 3› `unit_vector` of size 0 | this is 0 | use a size of at least 1",
        ),
        ("real[m]", "‹m› unknown name `m` | not defined here"),
        (
            "real[d - 4]",
            "‹d - 4› negative size | this is -1 | use a size of at least 0",
        ),
        (
            "real[x]",
            "‹x› not a size | its value is not known when formulas are unrolled | use numbers, `dimensions` and indices of comprehensions",
        ),
        (
            "real[100000, 100000]",
            "‹100000, 100000› more than 10000000 nodes | this unrolls to more scalar operations than the limit | choose smaller `dimensions`",
        ),
        (
            "lower_cholesky[1000000]",
            "‹1000000› more than 10000000 nodes | this unrolls to more scalar operations than the limit | choose smaller `dimensions`",
        ),
        (
            "interval(0)",
            "‹interval(0)› missing bound of `interval` | a bound is missing | write `interval(a, b)`",
        ),
        (
            "real(0)",
            "‹0› unexpected bound of `real` | not expected | write `real`",
        ),
        (
            "greater_than(v)",
            "‹v› a bound has to be a scalar, found shape [3] | this is shape [3]",
        ),
        (
            "interval(eps, zz)",
            "‹eps› `eps` is not available here | noise is not available in a domain\n‹zz› unknown name `zz` | not defined here | name `zz` under `parameters`, `inputs`, `noise` or `define`",
        ),
        (
            "real[]",
            "‹[]› empty shape | a size is expected here | leave out the brackets for a scalar",
        ),
        (
            "real [2] x",
            "‹x› unexpected `x` | the formula should end here",
        ),
    ] {
        assert_eq!(read(text), expected, "{text}");
    }
    let shape = parse_applied("normal(0, 1)[d, 2*n]").unwrap().shape;
    assert_eq!(elaborate_shape(&shape, &scope).unwrap(), [3, 4]);
}
