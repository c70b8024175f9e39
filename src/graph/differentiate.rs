//! Symbolic derivatives.
//!
//! The derivative is the one that holds almost everywhere: steps (`sign`, `floor`, comparisons)
//! have derivative zero, `abs`, `min`, `max` and `where` that of the branch taken. What this
//! leaves out at the jumps is the business of the `path` check.
//!
//! Law: at random points the value agrees with dual numbers (test
//! `symbolic_derivatives_are_the_dual_ones` in `tests/laws.rs`).

use super::{Graph, Id, Node};
use crate::number::{Binary, Rational, Ternary, Unary};
use rustc_hash::FxHashMap;

/// A derivative that has no closed form in the language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotDifferentiable {
    /// What cannot be differentiated, in words.
    pub what: &'static str,
}

impl std::fmt::Display for NotDifferentiable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "the derivative of {} has no closed form", self.what)
    }
}

impl std::error::Error for NotDifferentiable {}

/// What each node is an argument of, among those that some roots are made of.
struct Users {
    /// Where the users of each node begin in `list`.
    starts: Vec<u32>,
    list: Vec<Id>,
}

impl Users {
    fn new(graph: &Graph, roots: &[Id]) -> Users {
        let nodes = graph.reachable(roots);
        let top = nodes.last().map_or(0, |id| id.index() + 1);
        let mut starts = vec![0u32; top + 1];
        for &id in &nodes {
            for argument in graph.node(id).arguments() {
                starts[argument.index() + 1] += 1;
            }
        }
        for i in 0..top {
            starts[i + 1] += starts[i];
        }
        let mut next = starts.clone();
        let mut list = nodes.first().map_or_else(Vec::new, |&id| {
            vec![id; starts.last().map_or(0, |n| *n as usize)]
        });
        for &id in &nodes {
            for argument in graph.node(id).arguments() {
                let place = &mut next[argument.index()];
                list[*place as usize] = id;
                *place += 1;
            }
        }
        Users { starts, list }
    }

    /// A node and everything that depends on it, each after its arguments.
    fn above(&self, node: Id) -> Vec<Id> {
        let mut seen = rustc_hash::FxHashSet::default();
        let mut open = vec![node];
        while let Some(id) = open.pop() {
            if seen.insert(id)
                && let [start, end] = [id.index(), id.index() + 1]
                    .map(|i| self.starts.get(i).map_or(0, |n| *n as usize))
                && start < end
            {
                open.extend(&self.list[start..end]);
            }
        }
        let mut above: Vec<Id> = seen.into_iter().collect();
        above.sort_unstable();
        above
    }
}

impl Graph {
    /// ∂root/∂variable for each root.
    pub fn differentiate(
        &mut self,
        roots: &[Id],
        variable: Id,
    ) -> Result<Vec<Id>, NotDifferentiable> {
        let nodes = self.reachable(roots);
        self.along(nodes.into_iter(), roots, variable)
    }

    /// ∂root/∂variable, through those of `nodes` (each after its arguments) that depend on it.
    fn along(
        &mut self,
        nodes: impl Iterator<Item = Id>,
        roots: &[Id],
        variable: Id,
    ) -> Result<Vec<Id>, NotDifferentiable> {
        let zero = self.integer(0);
        let one = self.integer(1);
        // Only nodes that depend on the variable have an entry.
        let mut derivative: FxHashMap<Id, Id> = FxHashMap::default();
        for id in nodes {
            let node = self.node(id);
            if id == variable {
                derivative.insert(id, one);
            } else if node.arguments().any(|x| derivative.contains_key(&x)) {
                let of = |x: Id| derivative.get(&x).copied().unwrap_or(zero);
                let d = match node {
                    Node::Constant(_) | Node::Pi | Node::Infinity | Node::Symbol(_) => zero,
                    Node::Unary(operator, x) => {
                        let dx = of(x);
                        self.unary_derivative(operator, id, x, dx)
                    }
                    Node::Binary(operator, x, y) => {
                        let (dx, dy) = (of(x), of(y));
                        self.binary_derivative(operator, id, (x, dx), (y, dy))?
                    }
                    Node::Ternary(operator, x, y, z) => {
                        let (dx, dy, dz) = (of(x), of(y), of(z));
                        match operator {
                            Ternary::Select => self.select(x, dy, dz),
                            Ternary::BetaInc => self.beta_inc_derivative([x, y, z], [dx, dy, dz]),
                            Ternary::BetaIncDa => {
                                self.beta_inc_da_derivative([x, y, z], [dx, dy, dz])?
                            }
                        }
                    }
                };
                if d != zero {
                    derivative.insert(id, d);
                }
            }
        }
        Ok(roots
            .iter()
            .map(|root| derivative.get(root).copied().unwrap_or(zero))
            .collect())
    }

    /// The matrix ∂roots/∂variables, row by row.
    ///
    /// For each variable only the nodes above it are visited, so that a sparse matrix of size n costs
    /// what its entries do and not n times the formulas (`benches/jacobian.rs`).
    pub fn jacobian(
        &mut self,
        roots: &[Id],
        variables: &[Id],
    ) -> Result<Vec<Vec<Id>>, NotDifferentiable> {
        let users = Users::new(self, roots);
        let columns = variables
            .iter()
            .map(|&variable| {
                let above = users.above(variable);
                self.along(above.into_iter(), roots, variable)
            })
            .collect::<Result<Vec<_>, _>>()?;
        Ok((0..roots.len())
            .map(|i| columns.iter().map(|column| column[i]).collect())
            .collect())
    }

    fn rational(&mut self, numerator: i64, denominator: u64) -> Id {
        self.constant(Rational::from_parts(numerator.into(), denominator.into()))
    }

    /// c·e^(−x²/2) with c = 1/√(2π), divided by nothing.
    fn standard_normal_density(&mut self, exponent: Id) -> Id {
        let (two, pi) = (self.integer(2), self.pi());
        let two_pi = self.mul(two, pi);
        let root = self.unary(Unary::Sqrt, two_pi);
        let bell = self.exp(exponent);
        self.div(bell, root)
    }

    /// −x²/2.
    fn half_square(&mut self, x: Id) -> Id {
        let (square, two) = (self.square(x), self.integer(2));
        let half = self.div(square, two);
        self.neg(half)
    }

    /// f′(x)·dx; `y` is f(x).
    fn unary_derivative(&mut self, operator: Unary, y: Id, x: Id, dx: Id) -> Id {
        let one = self.integer(1);
        let factor = match operator {
            Unary::Neg => return self.neg(dx),
            Unary::Exp => y,
            Unary::Log => return self.div(dx, x),
            Unary::Log1p => {
                let below = self.add(one, x);
                return self.div(dx, below);
            }
            Unary::Expm1 => self.exp(x),
            Unary::Sqrt => {
                let two = self.integer(2);
                let below = self.mul(two, y);
                return self.div(dx, below);
            }
            Unary::Abs => self.unary(Unary::Sign, x),
            Unary::Sign | Unary::Floor | Unary::Ceil | Unary::Round => return self.integer(0),
            Unary::Sin => self.unary(Unary::Cos, x),
            Unary::Cos => {
                let sine = self.unary(Unary::Sin, x);
                self.neg(sine)
            }
            Unary::Tan => {
                let square = self.square(y);
                self.add(one, square)
            }
            Unary::Asin | Unary::Acos => {
                let square = self.square(x);
                let rest = self.sub(one, square);
                let root = self.unary(Unary::Sqrt, rest);
                let quotient = self.div(dx, root);
                return if operator == Unary::Asin {
                    quotient
                } else {
                    self.neg(quotient)
                };
            }
            Unary::Atan => {
                let square = self.square(x);
                let below = self.add(one, square);
                return self.div(dx, below);
            }
            Unary::Sinh => self.unary(Unary::Cosh, x),
            Unary::Cosh => self.unary(Unary::Sinh, x),
            Unary::Tanh => {
                let square = self.square(y);
                self.sub(one, square)
            }
            Unary::Asinh => {
                let square = self.square(x);
                let below = self.add(square, one);
                let root = self.unary(Unary::Sqrt, below);
                return self.div(dx, root);
            }
            Unary::Acosh => {
                let (minus, plus) = (self.sub(x, one), self.add(x, one));
                let product = self.mul(minus, plus);
                let root = self.unary(Unary::Sqrt, product);
                return self.div(dx, root);
            }
            Unary::Atanh => {
                let square = self.square(x);
                let below = self.sub(one, square);
                return self.div(dx, below);
            }
            Unary::Sigmoid => {
                let negative = self.neg(x);
                let complement = self.unary(Unary::Sigmoid, negative);
                self.mul(y, complement)
            }
            Unary::Softplus => self.unary(Unary::Sigmoid, x),
            Unary::Erf | Unary::Erfc => {
                let square = self.square(x);
                let exponent = self.neg(square);
                let bell = self.exp(exponent);
                let pi = self.pi();
                let root = self.unary(Unary::Sqrt, pi);
                let two = self.integer(if operator == Unary::Erf { 2 } else { -2 });
                let constant = self.div(two, root);
                self.mul(constant, bell)
            }
            Unary::ErfInv => {
                let square = self.square(y);
                let growth = self.exp(square);
                let pi = self.pi();
                let root = self.unary(Unary::Sqrt, pi);
                let two = self.integer(2);
                let constant = self.div(root, two);
                self.mul(constant, growth)
            }
            Unary::NormalCdf => {
                let exponent = self.half_square(x);
                self.standard_normal_density(exponent)
            }
            Unary::NormalIcdf => {
                let exponent = self.half_square(y);
                let density = self.standard_normal_density(exponent);
                return self.div(dx, density);
            }
            Unary::NormalLogCdf => {
                let exponent = self.half_square(x);
                let exponent = self.sub(exponent, y);
                self.standard_normal_density(exponent)
            }
            Unary::Lgamma => self.unary(Unary::Polygamma(0), x),
            Unary::Polygamma(n) => self.unary(Unary::Polygamma(n.saturating_add(1)), x),
            Unary::LogBesselI0 => self.unary(Unary::BesselRatio, x),
            Unary::BesselRatio => {
                // r′ = 1 − r/x − r², and r/x → 1/2 at 0.
                let (zero, half) = (self.integer(0), self.rational(1, 2));
                let at_zero = self.binary(Binary::Equal, x, zero);
                let quotient = self.div(y, x);
                let quotient = self.select(at_zero, half, quotient);
                let square = self.square(y);
                let rest = self.sub(one, quotient);
                self.sub(rest, square)
            }
            Unary::Not | Unary::StopGradient => return self.integer(0),
        };
        self.mul(factor, dx)
    }

    fn binary_derivative(
        &mut self,
        operator: Binary,
        value: Id,
        (x, dx): (Id, Id),
        (y, dy): (Id, Id),
    ) -> Result<Id, NotDifferentiable> {
        Ok(match operator {
            Binary::Add => self.add(dx, dy),
            Binary::Sub => self.sub(dx, dy),
            Binary::Mul => {
                let (left, right) = (self.mul(dx, y), self.mul(x, dy));
                self.add(left, right)
            }
            Binary::Div => {
                let left = self.div(dx, y);
                if self.is_integer(dy, 0) {
                    return Ok(left);
                }
                let (numerator, denominator) = (self.mul(x, dy), self.square(y));
                let right = self.div(numerator, denominator);
                self.sub(left, right)
            }
            Binary::Pow => self.pow_derivative(value, (x, dx), (y, dy)),
            Binary::Min => {
                let condition = self.binary(Binary::LessEqual, x, y);
                self.select(condition, dx, dy)
            }
            Binary::Max => {
                let condition = self.binary(Binary::LessEqual, y, x);
                self.select(condition, dx, dy)
            }
            Binary::Mod => {
                let quotient = self.div(x, y);
                let whole = self.unary(Unary::Floor, quotient);
                let shift = self.mul(whole, dy);
                self.sub(dx, shift)
            }
            Binary::Atan2 => {
                // d atan2(y, x) = (x dy − y dx)/(x² + y²); the first argument is the ordinate.
                let (left, right) = (self.mul(y, dx), self.mul(x, dy));
                let numerator = self.sub(left, right);
                let (xx, yy) = (self.square(x), self.square(y));
                let below = self.add(xx, yy);
                self.div(numerator, below)
            }
            Binary::GammaP | Binary::GammaQ => {
                let (shape, at) = (
                    self.binary(Binary::GammaPDa, x, y),
                    self.gamma_density(x, y),
                );
                let (left, right) = (self.mul(shape, dx), self.mul(at, dy));
                let sum = self.add(left, right);
                if operator == Binary::GammaP {
                    sum
                } else {
                    self.neg(sum)
                }
            }
            Binary::GammaPDa => {
                if !self.is_integer(dx, 0) {
                    return Err(NotDifferentiable {
                        what: "∂gamma_p(a, x)/∂a in a",
                    });
                }
                // ∂ₐ of the density x^(a−1) e^(−x)/Γ(a).
                let density = self.gamma_density(x, y);
                let log = self.log(y);
                let digamma = self.unary(Unary::Polygamma(0), x);
                let score = self.sub(log, digamma);
                let product = self.mul(density, score);
                self.mul(product, dy)
            }
            Binary::Less | Binary::LessEqual | Binary::Equal | Binary::And | Binary::Or => {
                self.integer(0)
            }
        })
    }

    fn pow_derivative(&mut self, value: Id, (x, dx): (Id, Id), (y, dy): (Id, Id)) -> Id {
        let mut terms = Vec::new();
        if !self.is_integer(dx, 0) {
            let one = self.integer(1);
            let lower = self.sub(y, one);
            let power = self.pow(x, lower);
            let slope = self.mul(y, power);
            terms.push(self.mul(slope, dx));
        }
        if !self.is_integer(dy, 0) {
            let log = self.log(x);
            let slope = self.mul(value, log);
            terms.push(self.mul(slope, dy));
        }
        self.sum(&terms)
    }

    /// x^(a−1) e^(−x)/Γ(a), through its logarithm.
    fn gamma_density(&mut self, a: Id, x: Id) -> Id {
        let one = self.integer(1);
        let power = self.sub(a, one);
        let log = self.log(x);
        let first = if self.is_integer(power, 0) {
            power
        } else {
            self.mul(power, log)
        };
        let normalizer = self.unary(Unary::Lgamma, a);
        let exponent = self.sub(first, x);
        let exponent = self.sub(exponent, normalizer);
        self.exp(exponent)
    }

    /// x^(a−1) (1−x)^(b−1)/B(a, b), through its logarithm.
    fn beta_density(&mut self, a: Id, b: Id, x: Id) -> Id {
        let one = self.integer(1);
        let (a1, b1) = (self.sub(a, one), self.sub(b, one));
        let log = self.log(x);
        let negative = self.neg(x);
        let log1m = self.unary(Unary::Log1p, negative);
        let (first, second) = (self.mul(a1, log), self.mul(b1, log1m));
        let sum = self.add(a, b);
        let (ga, gb) = (self.unary(Unary::Lgamma, a), self.unary(Unary::Lgamma, b));
        let gab = self.unary(Unary::Lgamma, sum);
        let exponent = self.add(first, second);
        let exponent = self.add(exponent, gab);
        let exponent = self.sub(exponent, ga);
        let exponent = self.sub(exponent, gb);
        self.exp(exponent)
    }

    fn beta_inc_derivative(&mut self, [a, b, x]: [Id; 3], [da, db, dx]: [Id; 3]) -> Id {
        let mut terms = Vec::new();
        if !self.is_integer(da, 0) {
            let slope = self.ternary(Ternary::BetaIncDa, a, b, x);
            terms.push(self.mul(slope, da));
        }
        if !self.is_integer(db, 0) {
            // I_x(a, b) = 1 − I_{1−x}(b, a).
            let one = self.integer(1);
            let rest = self.sub(one, x);
            let slope = self.ternary(Ternary::BetaIncDa, b, a, rest);
            let product = self.mul(slope, db);
            terms.push(self.neg(product));
        }
        if !self.is_integer(dx, 0) {
            let density = self.beta_density(a, b, x);
            terms.push(self.mul(density, dx));
        }
        self.sum(&terms)
    }

    fn beta_inc_da_derivative(
        &mut self,
        [a, b, x]: [Id; 3],
        [da, db, dx]: [Id; 3],
    ) -> Result<Id, NotDifferentiable> {
        if !self.is_integer(da, 0) || !self.is_integer(db, 0) {
            return Err(NotDifferentiable {
                what: "∂beta_inc(a, b, x)/∂a in a or b",
            });
        }
        let density = self.beta_density(a, b, x);
        let sum = self.add(a, b);
        let log = self.log(x);
        let (of_a, of_sum) = (
            self.unary(Unary::Polygamma(0), a),
            self.unary(Unary::Polygamma(0), sum),
        );
        let score = self.sub(log, of_a);
        let score = self.add(score, of_sum);
        let product = self.mul(density, score);
        Ok(self.mul(product, dx))
    }
}
