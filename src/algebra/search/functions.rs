//! Functions at special arguments, of their inverses, and at arguments brought to a common one.

use super::Search;
use crate::algebra::coefficient::Coefficient;
use crate::algebra::definedness::minus;
use crate::algebra::polynomial::Polynomial;
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
        if let Some(t) = self.half_turns(graph, &form)
            && self.apply(graph, Rule::HalfTurns(t), id)
        {
            return;
        }
        if form.terms.first().is_some_and(|t| t.1.signum() < 0) {
            self.apply(graph, Rule::Reflection, id);
            return;
        }
        if let Some((l, r)) = self.parts(graph, &form)
            && let Node::Unary(operator, _) = graph.node(id)
        {
            let to = rules::angles(graph, operator, l, r);
            self.visit(graph, to);
            self.take(graph, Rule::Angles(l, r), id, to);
        }
    }

    /// How many half turns of an angle are certainly whole ones.
    fn half_turns(&mut self, graph: &mut Graph, form: &Polynomial) -> Option<Id> {
        let pi = self.checker.ring.pi()?.as_atom()?;
        let mut turns = Vec::new();
        for (monomial, c) in &form.terms {
            if monomial.power(pi) == 1 {
                let turn = Polynomial::term(monomial.without(pi), c.clone());
                if self
                    .checker
                    .facts
                    .is_whole_form(&self.checker.ring, graph, &turn)
                {
                    turns.extend(turn.terms);
                }
            }
        }
        let turns = Polynomial::collect(turns);
        (!turns.is_zero()).then(|| self.checker.ring.term(graph, &turns))
    }

    /// An angle as a sum of two: a multiple of one that is there, and the rest; or two that are
    /// there, either way round. Both parts are smaller, so that this comes to an end.
    fn parts(&mut self, graph: &mut Graph, form: &Polynomial) -> Option<(Id, Id)> {
        let angles = self.met.angles.clone();
        let ring = &mut self.checker.ring;
        let mut known = Vec::new();
        for &angle in angles.iter() {
            known.extend(ring.form(graph, angle).ok());
        }
        for part in &known {
            for n in [2i64, 3, 4] {
                if *form == part.scale(&Coefficient::integer(n)) {
                    let (l, r) = if n == 4 { (2, 2) } else { (n - 1, 1) };
                    let mut times =
                        |n: i64| ring.term(graph, &part.scale(&Coefficient::integer(n)));
                    return Some((times(l), times(r)));
                }
            }
        }
        for part in &known {
            let rest = form.sub(part);
            let is_smaller = |p: &Polynomial| p.terms.len() < form.terms.len() && !p.is_zero();
            if is_smaller(part)
                && is_smaller(&rest)
                && known.iter().any(|k| **k == rest || **k == rest.neg())
            {
                return Some((ring.term(graph, part), ring.term(graph, &rest)));
            }
        }
        None
    }

    /// atan2 by the half plane that its point is known to lie in.
    pub(super) fn half_plane(&mut self, graph: &mut Graph, id: Id) {
        for which in [0, 1, -1] {
            if self.apply(graph, Rule::HalfPlane(which), id) {
                return;
            }
        }
    }

    /// Step functions of integers, and of what lies between two.
    pub(super) fn step(&mut self, graph: &mut Graph, id: Id) {
        if self.special(graph, id) || self.apply(graph, Rule::Whole, id) {
            return;
        }
        if matches!(graph.node(id), Node::Unary(Unary::Ceil, _)) {
            self.apply(graph, Rule::Definition, id);
            return;
        }
        for n in -1..=1 {
            if self.apply(graph, Rule::Step(n), id) {
                return;
            }
        }
    }

    /// (−1)ⁿ, taken apart as far as it goes.
    pub(super) fn parity(&mut self, graph: &mut Graph, id: Id) -> bool {
        let found = rules::parity(graph, &mut self.checker.ring, id);
        let Ok(Some((to, _))) = found else {
            return false;
        };
        if to == id {
            return true;
        }
        self.visit(graph, to);
        self.take(graph, Rule::Parity, id, to);
        true
    }

    /// The gamma family at x through what is there at 1 − x, or near x/2.
    fn reflect_or_halve(&mut self, graph: &mut Graph, id: Id, form: &Polynomial) {
        let arguments = self.met.gammas.clone();
        let ring = &mut self.checker.ring;
        let mut known = Vec::new();
        for &argument in arguments.iter() {
            known.extend(ring.form(graph, argument).ok());
        }
        let other = Polynomial::one().sub(form);
        let falls = form
            .terms
            .iter()
            .find(|t| !t.0.is_one())
            .is_some_and(|t| t.1.signum() < 0);
        let is_other = |k: &Polynomial| {
            let apart = k.sub(&other).as_constant();
            apart.is_some_and(|c| c.as_integer().is_some())
        };
        if falls && known.iter().any(|k| is_other(k)) {
            self.apply(graph, Rule::Reflection, id);
            return;
        }
        let half = form.scale(&Coefficient::fraction(1, 2));
        let two = Coefficient::integer(2);
        let is_near = |k: &Polynomial| {
            let apart = k.sub(&half).as_constant();
            apart.is_some_and(|c| c.mul(&two).as_integer().is_some())
        };
        if known.iter().any(|k| is_near(k)) {
            self.apply(graph, Rule::Duplication, id);
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
        if matches!(graph.node(id), Node::Unary(..)) {
            self.reflect_or_halve(graph, id, &form);
        }
    }
}
