//! Solving g(x) = y for one symbol, branch by branch.
//!
//! The formula must be a chain of one-argument maps, each undone in turn; a quotient of linear
//! formulas in one and the same part is such a map too. Where a map is two-to-one (`abs`, even
//! powers, `cosh`) both branches are kept. Law: where no divisor is 0 the branches are all the
//! solutions, each valid where its conditions hold (test `branches_solve_and_are_complete`); where
//! one is, the formula does not vary with x, and nothing is said.

mod mobius;

use crate::graph::{Graph, Id, Node};
use crate::number::{Binary, Rational, Unary};

/// One solution.
#[derive(Clone, Debug)]
pub struct Branch {
    /// x as a formula in y.
    pub solution: Id,
    /// Truth values that must all be 1 for the branch to exist.
    pub conditions: Vec<Id>,
    /// Terms free of x at whose zeros the formula does not vary with x.
    pub divisors: Vec<Id>,
}

/// Branches above this number are not pursued.
const MOST_BRANCHES: usize = 16;

/// Every x with `term` = `value`, where `term` is a formula in the symbol `x`; none when the
/// formula cannot be undone step by step.
pub fn invert(graph: &mut Graph, term: Id, symbol: Id, value: Id) -> Option<Vec<Branch>> {
    let mut open = vec![(
        term,
        Branch {
            solution: value,
            conditions: Vec::new(),
            divisors: Vec::new(),
        },
    )];
    let mut done = Vec::new();
    while let Some((at, branch)) = open.pop() {
        if at == symbol {
            done.push(branch);
            continue;
        }
        if open.len() + done.len() > MOST_BRANCHES {
            return None;
        }
        let (inner, preimages) = step(graph, at, symbol, branch.solution)?;
        let divisor = divisor(graph, at, inner);
        for (solution, conditions) in preimages {
            let mut all = branch.conditions.clone();
            all.extend(conditions);
            open.push((
                inner,
                Branch {
                    solution,
                    conditions: all,
                    divisors: branch.divisors.iter().copied().chain(divisor).collect(),
                },
            ));
        }
    }
    done.reverse();
    Some(done)
}

type Preimages = Vec<(Id, Vec<Id>)>;

fn contains(graph: &Graph, term: Id, symbol: Id) -> bool {
    graph.reachable(&[term]).binary_search(&symbol).is_ok()
}

fn less(graph: &mut Graph, a: Id, b: Id) -> Id {
    graph.binary(Binary::Less, a, b)
}

/// The argument of the outermost operator that holds the symbol, and what it must be for the
/// operator to give y.
fn step(graph: &mut Graph, at: Id, symbol: Id, y: Id) -> Option<(Id, Preimages)> {
    match graph.node(at) {
        Node::Unary(operator, x) => Some((x, undo(graph, operator, y)?)),
        Node::Binary(operator, a, b) => {
            let (left, right) = (contains(graph, a, symbol), contains(graph, b, symbol));
            if left && right {
                let (part, solution) = mobius::solved(graph, at, symbol, y)?;
                return Some((part, vec![(solution, vec![])]));
            }
            let x = if left { a } else { b };
            let solutions = match (operator, left) {
                (Binary::Add, true) => vec![(graph.sub(y, b), vec![])],
                (Binary::Add, false) => vec![(graph.sub(y, a), vec![])],
                (Binary::Sub, true) => vec![(graph.add(y, b), vec![])],
                (Binary::Sub, false) => vec![(graph.sub(a, y), vec![])],
                (Binary::Mul, true) => vec![(graph.div(y, b), vec![])],
                (Binary::Mul, false) => vec![(graph.div(y, a), vec![])],
                (Binary::Div, true) => vec![(graph.mul(y, b), vec![])],
                (Binary::Div, false) => vec![(graph.div(a, y), vec![])],
                (Binary::Pow, true) => undo_power(graph, b, y),
                (Binary::Pow, false) => {
                    let zero = graph.integer(0);
                    let (top, bottom) = (graph.log(y), graph.log(a));
                    vec![(graph.div(top, bottom), vec![less(graph, zero, y)])]
                }
                (
                    Binary::Min
                    | Binary::Max
                    | Binary::Mod
                    | Binary::Atan2
                    | Binary::GammaP
                    | Binary::GammaQ
                    | Binary::GammaPDa
                    | Binary::Less
                    | Binary::LessEqual
                    | Binary::Equal
                    | Binary::And
                    | Binary::Or,
                    _,
                ) => return None,
            };
            Some((x, solutions))
        }
        Node::Constant(_) | Node::Pi | Node::Infinity | Node::Symbol(_) | Node::Ternary(..) => None,
    }
}

/// What must not be 0 for an operator to vary with the one of its arguments that holds the symbol.
fn divisor(graph: &mut Graph, at: Id, inner: Id) -> Option<Id> {
    let of = match graph.node(at) {
        Node::Binary(Binary::Mul, a, b) => [a, b].into_iter().find(|&x| x != inner)?,
        Node::Binary(Binary::Div, a, b) if b == inner => a,
        Node::Binary(Binary::Pow, a, b) if a == inner => b,
        Node::Binary(Binary::Pow, a, _) => graph.log(a),
        Node::Unary(..)
        | Node::Binary(..)
        | Node::Constant(_)
        | Node::Pi
        | Node::Infinity
        | Node::Symbol(_)
        | Node::Ternary(..) => return None,
    };
    graph.as_constant(of).is_none().then_some(of)
}

fn undo(graph: &mut Graph, operator: Unary, y: Id) -> Option<Preimages> {
    let (zero, one) = (graph.integer(0), graph.integer(1));
    let minus_one = graph.integer(-1);
    let one_branch = |solution: Id| vec![(solution, vec![])];
    let through = |graph: &mut Graph, f: Unary| vec![(graph.unary(f, y), vec![])];
    let above = |graph: &mut Graph, bound: Id| less(graph, bound, y);
    Some(match operator {
        Unary::Neg => one_branch(graph.neg(y)),
        Unary::Exp => {
            let condition = above(graph, zero);
            vec![(graph.log(y), vec![condition])]
        }
        Unary::Log => one_branch(graph.exp(y)),
        Unary::Log1p => through(graph, Unary::Expm1),
        Unary::Expm1 => {
            let condition = above(graph, minus_one);
            vec![(graph.unary(Unary::Log1p, y), vec![condition])]
        }
        Unary::Sqrt => {
            let condition = graph.binary(Binary::LessEqual, zero, y);
            vec![(graph.square(y), vec![condition])]
        }
        Unary::Abs => {
            let condition = graph.binary(Binary::LessEqual, zero, y);
            vec![(y, vec![condition]), (graph.neg(y), vec![condition])]
        }
        Unary::Sinh => through(graph, Unary::Asinh),
        Unary::Asinh => through(graph, Unary::Sinh),
        Unary::Cosh => {
            let condition = graph.binary(Binary::LessEqual, one, y);
            let positive = graph.unary(Unary::Acosh, y);
            vec![
                (positive, vec![condition]),
                (graph.neg(positive), vec![condition]),
            ]
        }
        Unary::Acosh => {
            let condition = graph.binary(Binary::LessEqual, zero, y);
            vec![(graph.unary(Unary::Cosh, y), vec![condition])]
        }
        Unary::Tanh => {
            let conditions = vec![above(graph, minus_one), less(graph, y, one)];
            vec![(graph.unary(Unary::Atanh, y), conditions)]
        }
        Unary::Atanh => through(graph, Unary::Tanh),
        Unary::Atan => {
            let (pi, two) = (graph.pi(), graph.integer(2));
            let half = graph.div(pi, two);
            let size = graph.unary(Unary::Abs, y);
            let condition = less(graph, size, half);
            vec![(graph.unary(Unary::Tan, y), vec![condition])]
        }
        Unary::Sigmoid => {
            let conditions = vec![above(graph, zero), less(graph, y, one)];
            let negative = graph.neg(y);
            let (a, b) = (graph.log(y), graph.unary(Unary::Log1p, negative));
            vec![(graph.sub(a, b), conditions)]
        }
        Unary::Softplus => {
            let condition = above(graph, zero);
            // log(e^y − 1) = y + log(1 − e^(−y)), which does not overflow.
            let negative = graph.neg(y);
            let small = graph.unary(Unary::Expm1, negative);
            let small = graph.neg(small);
            let log = graph.log(small);
            vec![(graph.add(y, log), vec![condition])]
        }
        Unary::Erf => {
            let conditions = vec![above(graph, minus_one), less(graph, y, one)];
            vec![(graph.unary(Unary::ErfInv, y), conditions)]
        }
        Unary::ErfInv => through(graph, Unary::Erf),
        Unary::NormalCdf => {
            let conditions = vec![above(graph, zero), less(graph, y, one)];
            vec![(graph.unary(Unary::NormalIcdf, y), conditions)]
        }
        Unary::NormalIcdf => through(graph, Unary::NormalCdf),
        Unary::StopGradient => one_branch(y),
        Unary::Sign
        | Unary::Floor
        | Unary::Ceil
        | Unary::Round
        | Unary::Sin
        | Unary::Cos
        | Unary::Tan
        | Unary::Asin
        | Unary::Acos
        | Unary::Erfc
        | Unary::NormalLogCdf
        | Unary::Lgamma
        | Unary::Polygamma(_)
        | Unary::LogBesselI0
        | Unary::BesselRatio
        | Unary::Not => return None,
    })
}

/// x with xᵃ = y: both signs for an even integer a, one for an odd one, and only x ≥ 0 otherwise.
fn undo_power(graph: &mut Graph, exponent: Id, y: Id) -> Preimages {
    let (zero, one) = (graph.integer(0), graph.integer(1));
    let reciprocal = graph.div(one, exponent);
    let integer = graph.as_constant(exponent).filter(|e| e.is_int()).cloned();
    let Some(n) = integer.filter(|n| !n.is_zero()) else {
        let condition = graph.binary(Binary::LessEqual, zero, y);
        return vec![(graph.pow(y, reciprocal), vec![condition])];
    };
    let even = (&n / Rational::from(2)).is_int();
    if even {
        let condition = graph.binary(Binary::LessEqual, zero, y);
        let root = graph.pow(y, reciprocal);
        vec![(root, vec![condition]), (graph.neg(root), vec![condition])]
    } else {
        let size = graph.unary(Unary::Abs, y);
        let root = graph.pow(size, reciprocal);
        let sign = graph.unary(Unary::Sign, y);
        vec![(graph.mul(sign, root), vec![])]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tape::Tape;

    /// f(x) evaluated, then every branch at that value: x is among them, and each maps back.
    #[track_caller]
    fn check(build: impl Fn(&mut Graph, Id) -> Id, xs: &[f64], branches: usize) {
        let mut graph = Graph::new();
        let (x, y) = (graph.symbol("x", &[]), graph.symbol("y", &[]));
        let term = build(&mut graph, x);
        let found = invert(&mut graph, term, x, y).expect("it can be undone");
        assert_eq!(found.len(), branches);
        let forward = Tape::new(&graph, &[x], &[term]).unwrap();
        // The solution where all conditions hold, else not a number.
        let nothing = graph.integer(-1);
        let nothing = graph.log(nothing);
        let solutions: Vec<Id> = found
            .iter()
            .map(|b| {
                b.conditions
                    .iter()
                    .fold(b.solution, |s, &c| graph.select(c, s, nothing))
            })
            .collect();
        let backward = Tape::new(&graph, &[y], &solutions).unwrap();
        for &at in xs {
            let value = forward.evaluate(&[at], &())[0];
            let back = backward.evaluate(&[value], &());
            assert!(
                back.iter()
                    .any(|b| (b - at).abs() <= 1e-9 * (1.0 + at.abs())),
                "{at}: {back:?}"
            );
            for b in back.into_iter().filter(|b| !b.is_nan()) {
                let again = forward.evaluate(&[b], &())[0];
                assert!(
                    (again - value).abs() <= 1e-9 * (1.0 + value.abs()),
                    "{at}: {b} gives {again}"
                );
            }
        }
    }

    #[test]
    fn branches_solve_and_are_complete() {
        let reals = [-1.5, -0.25, 0.5, 2.0];
        check(
            |g, x| {
                let two = g.integer(2);
                let a = g.mul(two, x);
                g.exp(a)
            },
            &reals,
            1,
        );
        check(|g, x| g.square(x), &reals, 2);
        check(
            |g, x| {
                let three = g.integer(3);
                g.pow(x, three)
            },
            &reals,
            1,
        );
        check(
            |g, x| {
                let a = g.unary(Unary::Abs, x);
                g.unary(Unary::Tanh, a)
            },
            &reals,
            2,
        );
        check(
            |g, x| {
                let s = g.unary(Unary::Softplus, x);
                let one = g.integer(1);
                g.div(one, s)
            },
            &reals,
            1,
        );
        check(
            |g, x| {
                let c = g.unary(Unary::NormalCdf, x);
                g.log(c)
            },
            &reals,
            1,
        );
        check(
            |g, x| {
                let s = g.square(x);
                g.unary(Unary::Cosh, s)
            },
            &reals,
            4,
        );
    }

    #[test]
    fn a_quotient_of_linear_formulas() {
        let quotient = |g: &mut Graph, s: Id| {
            let (two, three) = (g.integer(2), g.integer(3));
            let twice = g.mul(two, s);
            let (top, bottom) = (g.sub(twice, three), g.add(s, two));
            g.div(top, bottom)
        };
        let reals = [-1.5, -0.25, 0.5, 3.0];
        check(quotient, &reals, 1);
        // In one part that is itself undone, and next to another multiple of it.
        let of_exp = |g: &mut Graph, x: Id| {
            let s = g.exp(x);
            let q = quotient(g, s);
            let five = g.integer(5);
            g.add(five, q)
        };
        check(of_exp, &reals, 1);
        let sum = |g: &mut Graph, x: Id| {
            let three = g.integer(3);
            let thrice = g.mul(three, x);
            g.add(x, thrice)
        };
        check(sum, &reals, 1);
        let mut graph = Graph::new();
        let (x, y) = (graph.symbol("x", &[]), graph.symbol("y", &[]));
        let q = quotient(&mut graph, x);
        let curved = graph.mul(q, x);
        assert!(invert(&mut graph, curved, x, y).is_none());
    }
}
