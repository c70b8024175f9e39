//! Functions at special arguments, of their inverses, and at arguments brought to a common one.

use super::Search;
use crate::algebra::coefficient::Coefficient;
use crate::algebra::definedness::minus;
use crate::algebra::proof::Rule;
use crate::algebra::ring::{Head, Stop};
use crate::algebra::rules;
use crate::graph::{Graph, Id, Node};
use crate::number::{Binary, Unary};

impl Search {
    /// Whether an equal term has been met before.
    pub(super) fn is_known(&mut self, graph: &mut Graph, id: Id) -> bool {
        self.seen.contains(&id) || {
            let arguments: Result<Vec<_>, Stop> = graph
                .node(id)
                .arguments()
                .map(|x| self.checker.ring.form(graph, x))
                .collect();
            let head = match graph.node(id) {
                Node::Unary(operator, _) => Head::Unary(operator),
                Node::Binary(operator, ..) => Head::Binary(operator),
                Node::Ternary(operator, ..) => Head::Ternary(operator),
                Node::Constant(_) | Node::Pi | Node::Infinity | Node::Symbol(_) => return true,
            };
            arguments.is_ok_and(|arguments| {
                let ring = &self.checker.ring;
                ring.with_head(head)
                    .iter()
                    .any(|&atom| ring.meaning(atom).arguments == arguments)
            })
        }
    }

    pub(super) fn special(&mut self, graph: &mut Graph, id: Id) -> bool {
        let Ok(Some(to)) = rules::value(graph, &mut self.checker.ring, id) else {
            return false;
        };
        self.visit(graph, to);
        self.take(graph, Rule::Value, id, to)
    }

    /// f(x) through f(−x) or f(1 − x), where that one has the first term of x positive.
    pub(super) fn orient(&mut self, graph: &mut Graph, id: Id, x: Id) {
        let Ok(form) = self.checker.ring.form(graph, x) else {
            return;
        };
        let negative = match graph.node(id) {
            // Of u and 1 − u the one without the constant.
            Node::Unary(Unary::NormalIcdf, _) => {
                let first = form.terms.iter().find(|t| !t.0.is_one());
                first.is_some_and(|t| t.1.signum() < 0)
            }
            _ => form.terms.first().is_some_and(|t| t.1.signum() < 0),
        };
        if negative {
            self.apply(graph, Rule::Reflection, id);
        }
    }

    /// f(f⁻¹(t)) = t.
    pub(super) fn undo(&mut self, graph: &mut Graph, id: Id, operator: Unary, x: Id) -> bool {
        let inner = match operator {
            Unary::NormalCdf => Unary::NormalIcdf,
            Unary::NormalIcdf => Unary::NormalCdf,
            Unary::Asin | Unary::Atan => Unary::Sin,
            Unary::Acos => Unary::Cos,
            _ => return false,
        };
        let Ok(form) = self.checker.ring.form(graph, x) else {
            return false;
        };
        let candidates: Vec<_> = form
            .atoms()
            .into_iter()
            .filter(|&atom| self.checker.ring.meaning(atom).head == Head::Unary(inner))
            .collect();
        for atom in candidates {
            let argument = self.checker.ring.meaning(atom).arguments[0].clone();
            let t = self.checker.ring.term(graph, &argument);
            let mut candidates = vec![t, graph.neg(t)];
            if operator == Unary::NormalCdf {
                candidates.push(minus(graph, 1, t));
            } else if operator != Unary::NormalIcdf {
                let (pi, two) = (graph.pi(), graph.integer(2));
                let quarter = graph.div(pi, two);
                candidates.extend([graph.sub(t, quarter), graph.sub(quarter, t)]);
            }
            for t in candidates {
                let image = graph.unary(inner, t);
                self.visit(graph, image);
                if operator == Unary::Atan {
                    let cosine = graph.unary(Unary::Cos, t);
                    self.visit(graph, cosine);
                }
                if self.take(graph, Rule::Undone(t), id, t) {
                    return true;
                }
            }
        }
        false
    }

    pub(super) fn trigonometric(&mut self, graph: &mut Graph, id: Id, x: Id) {
        if self.special(graph, id) {
            return;
        }
        let Ok(form) = self.checker.ring.form(graph, x) else {
            return;
        };
        if let Some(atom) = form.as_atom() {
            let meaning = self.checker.ring.meaning(atom).clone();
            if matches!(meaning.head, Head::Unary(Unary::Asin | Unary::Acos)) {
                let t = self.checker.ring.term(graph, &meaning.arguments[0]);
                if self.take(graph, Rule::Undone(t), id, t) {
                    return;
                }
            }
        }
        let pi = graph.pi();
        let turns = self.checker.ring.form(graph, pi).ok().and_then(|pi| {
            let (monomial, _) = pi.terms.first()?;
            let (_, c) = form.terms.iter().find(|t| t.0 == *monomial)?;
            let quarters = c.mul(&Coefficient::integer(2));
            // To the nearest, at a tie to the lower: one of −π/4 and π/4 has to stay where it is, or
            // they would be turned into each other for ever.
            let half = Coefficient::fraction(1, 2);
            quarters.neg().add(&half).floor().map(|k| -k)
        });
        if let Some(k) = turns
            && k != 0
            && let Ok(k) = i32::try_from(k)
            && self.apply(graph, Rule::Turn(k), id)
        {
            return;
        }
        if form.terms.first().is_some_and(|t| t.1.signum() < 0) {
            self.apply(graph, Rule::Reflection, id);
            return;
        }
        // Twice an angle that is there, too.
        let half = form.scale(&Coefficient::fraction(1, 2));
        let is_double = self.angles.clone().iter().any(|&angle| {
            let form = self.checker.ring.form(graph, angle);
            form.is_ok_and(|form| *form == half)
        });
        if is_double {
            let h = self.checker.ring.term(graph, &half);
            if let Node::Unary(operator, _) = graph.node(id) {
                let to = rules::angles(graph, operator, h, h);
                self.visit(graph, to);
                self.take(graph, Rule::Angles(h, h), id, to);
            }
        }
    }

    /// To the smallest argument that differs by an integer and is positive: one that is there
    /// already, or for constants one in (0, 1].
    pub(super) fn shift(&mut self, graph: &mut Graph, id: Id) {
        let x = match graph.node(id) {
            Node::Unary(Unary::Lgamma | Unary::Polygamma(0 | 1), x) => x,
            Node::Binary(Binary::GammaP, a, _) => a,
            _ => return,
        };
        let Ok(form) = self.checker.ring.form(graph, x) else {
            return;
        };
        if let Some(c) = form.as_constant() {
            let steps = c.add(&Coefficient::integer(-1)).neg().floor().map(|n| -n);
            if let Some(n) = steps
                && n > 0
                && let Ok(n) = u32::try_from(n)
            {
                self.apply(graph, Rule::Shift(n), id);
            }
            return;
        }
        // Down by whole numbers while the argument is known to stay positive.
        let whole = form.constant_term().floor().unwrap_or(0);
        for n in (1..=whole.clamp(0, i64::from(rules::LONGEST_SHIFT))).rev() {
            if let Ok(n) = u32::try_from(n)
                && self.apply(graph, Rule::Shift(n), id)
            {
                return;
            }
        }
    }
}
