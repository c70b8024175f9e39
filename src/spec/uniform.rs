//! Whether what is proved at some sizes holds at every size.
//!
//! A formula is *uniform* in d when it treats the components alike: elementwise, or a sum or a
//! product of one function of each component, with constants that are linear in d. Two sums
//! a·d + b + Σ r(xᵢ) that agree at two sizes agree at all: the first gives r = −(a + b), the second
//! then b = 0. For products the same holds by logarithms, so their factors have to be positive.

use super::Formula;
use super::raw::RawSpec;
use crate::language::{
    Applied, BinaryOp, Expr, ExprKind, canonical_name, parse_applied, parse_expression,
};
use crate::number::Rational;
use std::collections::BTreeMap;

/// Bytes of a formula that is looked at.
const LONGEST: usize = 2_000;

/// How a formula depends on the size.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Not at all: a scalar.
    Free,
    /// A vector whose components are one function of their own components of other vectors.
    Each,
    /// A sum over components.
    Sum,
    /// A product over components.
    Product,
}

#[derive(Clone, Copy, PartialEq, Eq)]
struct Form {
    kind: Kind,
    /// Whether it is seen to be positive.
    positive: bool,
}

/// The dimension in which everything that a check looks at is uniform; none where that is not seen.
/// The statement then holds for every size, if it is proved for two.
pub fn uniform(raw: &RawSpec, check: &str) -> Option<String> {
    let [(dimension, sizes)] = raw.dimensions.as_slice() else {
        return None;
    };
    let mut sizes: Vec<usize> = sizes.iter().map(|s| s.value).collect();
    sizes.sort_unstable();
    sizes.dedup();
    if sizes.len() < 2 {
        return None;
    }
    let mut reader = Reader {
        dimension: canonical_name(&dimension.value),
        names: BTreeMap::new(),
        has_density: false,
    };
    reader.read(raw)?;
    let target = raw.target.as_ref();
    let is = |form: Form, kinds: &[Kind]| kinds.contains(&form.kind).then_some(());
    match check {
        "support" => {
            let stated = target.and_then(|t| t.support.as_ref());
            for support in stated.iter().flat_map(|s| s.formulas()) {
                reader.domain(support)?;
            }
            // Without one the support is that of the law.
            let law = target.and_then(|t| t.distribution.as_ref());
            let law = law.filter(|_| stated.is_none());
            for law in law.iter().flat_map(|law| law.formulas()) {
                reader.shaped(&parse_applied(&law.text).ok()?)?;
            }
        }
        "inverse" => {
            let [(_, inverse)] = raw.inverse.as_slice() else {
                return None;
            };
            is(reader.formula(inverse)?, &[Kind::Each])?;
        }
        "jacobian" => {
            let claim = raw.log_abs_det_jacobian.as_ref()?;
            is(reader.formula(claim)?, &[Kind::Free, Kind::Sum])?;
        }
        "density" => {
            reader.has_density.then_some(())?;
        }
        "derivations" => {
            for (_, lines) in &raw.derivations {
                let forms: Option<Vec<Form>> =
                    lines.iter().map(|l| reader.formula(&l.expr)).collect();
                let forms = forms?;
                let all = |kinds: &[Kind]| forms.iter().all(|f| kinds.contains(&f.kind));
                let positive = forms.iter().all(|f| f.positive);
                let uniform = all(&[Kind::Each])
                    || all(&[Kind::Free, Kind::Sum])
                    || (all(&[Kind::Free, Kind::Product]) && positive);
                uniform.then_some(())?;
            }
        }
        _ => return None,
    }
    Some(dimension.value.clone())
}

struct Reader {
    dimension: String,
    names: BTreeMap<String, Form>,
    has_density: bool,
}

impl Reader {
    fn read(&mut self, raw: &RawSpec) -> Option<()> {
        let size = Form {
            kind: Kind::Sum,
            positive: true,
        };
        self.names.insert(self.dimension.clone(), size);
        for (name, variable) in raw.parameters.iter().chain(&raw.inputs) {
            let form = self.domain(&variable.domain)?;
            self.names.insert(canonical_name(&name.value), form);
        }
        // One noise and one output with as many components, each from its own: J is diagonal.
        let ([(noise, law)], [(output, transform)]) =
            (raw.noise.as_slice(), raw.transform.as_slice())
        else {
            return None;
        };
        let law = parse_applied(&law.text).ok()?;
        if matches!(
            law.name.as_str(),
            "dirichlet" | "multivariate_normal" | "categorical"
        ) {
            return None;
        }
        let law_form = self.shaped(&law)?;
        (law_form.kind == Kind::Each).then_some(())?;
        self.names.insert(canonical_name(&noise.value), law_form);
        for (name, formula) in &raw.define {
            let form = self.formula(formula)?;
            self.names.insert(canonical_name(&name.value), form);
        }
        let z = self.formula(transform)?;
        (z.kind == Kind::Each).then_some(())?;
        self.names.insert(canonical_name(&output.value), z);
        if let Some(target) = &raw.target {
            let density = match (&target.log_density, &target.distribution) {
                (Some(formula), None) => self.formula(formula),
                _ => None,
            };
            self.has_density = density.is_some_and(|f| f.kind == Kind::Sum);
        }
        Some(())
    }

    fn formula(&self, formula: &Formula) -> Option<Form> {
        // Longer ones nest deeper than this reader goes.
        (formula.text.len() <= LONGEST).then_some(())?;
        self.form(&parse_expression(&formula.text).ok()?)
    }

    /// The form of a quantity with a domain of components.
    fn domain(&self, formula: &Formula) -> Option<Form> {
        let applied = parse_applied(&formula.text).ok()?;
        let form = self.shaped(&applied)?;
        let (componentwise, positive) = match applied.name.as_str() {
            "positive" | "unit_interval" => (true, true),
            "real" | "nonnegative" | "negative" | "nonzero" | "interval" | "greater_than"
            | "less_than" => (true, false),
            _ => (false, false),
        };
        componentwise.then_some(Form { positive, ..form })
    }

    /// By the shape: a scalar, or `[d]`.
    fn shaped(&self, applied: &Applied) -> Option<Form> {
        for argument in &applied.arguments {
            let form = self.form(&argument.value)?;
            matches!(form.kind, Kind::Free | Kind::Each).then_some(())?;
        }
        let kind = match applied.shape.as_slice() {
            [] => Kind::Free,
            [axis] => match &axis.kind {
                ExprKind::Name(name) if *name == self.dimension => Kind::Each,
                _ => return None,
            },
            _ => return None,
        };
        Some(Form {
            kind,
            positive: false,
        })
    }

    fn form(&self, expr: &Expr) -> Option<Form> {
        use Kind::{Each, Free, Product, Sum};
        match &expr.kind {
            ExprKind::Number(value) => Some(Form {
                kind: Free,
                positive: *value > Rational::ZERO,
            }),
            ExprKind::Name(name) if name == "pi" => Some(Form {
                kind: Free,
                positive: true,
            }),
            ExprKind::Name(name) => self.names.get(name).copied(),
            ExprKind::Negate(inner) => Some(Form {
                positive: false,
                ..self.form(inner)?
            }),
            ExprKind::Binary(BinaryOp::Power, base, exponent) => self.power(base, exponent),
            ExprKind::Binary(operator, left, right) => {
                let (a, b) = (self.form(left)?, self.form(right)?);
                let positive = a.positive && b.positive;
                let kind = match (operator, a.kind, b.kind) {
                    (BinaryOp::MatrixMultiply | BinaryOp::Power, ..) => return None,
                    (_, Free, Free) => Free,
                    (_, Each, Free | Each) | (_, Free, Each) => Each,
                    (BinaryOp::Add | BinaryOp::Subtract, Sum, Free | Sum)
                    | (BinaryOp::Add | BinaryOp::Subtract, Free, Sum)
                    | (BinaryOp::Multiply | BinaryOp::Divide, Sum, Free)
                    | (BinaryOp::Multiply, Free, Sum) => Sum,
                    (BinaryOp::Multiply | BinaryOp::Divide, Product, Free | Product)
                    | (BinaryOp::Multiply | BinaryOp::Divide, Free, Product) => Product,
                    _ => return None,
                };
                let positive = positive && *operator != BinaryOp::Subtract;
                Some(Form { kind, positive })
            }
            ExprKind::Call {
                function,
                arguments,
                ..
            } => {
                let arguments: Vec<&Expr> = arguments.iter().map(|a| &a.value).collect();
                self.call(function, &arguments)
            }
            ExprKind::Compare(..)
            | ExprKind::Vector(_)
            | ExprKind::Comprehension { .. }
            | ExprKind::Index { .. } => None,
        }
    }

    fn power(&self, base: &Expr, exponent: &Expr) -> Option<Form> {
        use Kind::{Each, Free, Product, Sum};
        if let (
            ExprKind::Call {
                function,
                arguments,
                ..
            },
            ExprKind::Number(n),
        ) = (&base.kind, &exponent.kind)
            && function == "norm"
            && *n == Rational::from(2)
            && let [argument] = arguments.as_slice()
        {
            let form = self.form(&argument.value)?;
            return (form.kind == Each).then_some(Form {
                kind: Sum,
                positive: false,
            });
        }
        let (a, b) = (self.form(base)?, self.form(exponent)?);
        let kind = match (a.kind, b.kind) {
            (Free, Free) => Free,
            (Each, Free | Each) | (Free, Each) => Each,
            (Free, Sum) if a.positive => Product,
            (Product, Free) if a.positive => Product,
            _ => return None,
        };
        Some(Form {
            kind,
            positive: a.positive,
        })
    }

    fn call(&self, function: &str, arguments: &[&Expr]) -> Option<Form> {
        use Kind::{Each, Free, Product, Sum};
        let is_jacobian = |e: &Expr| matches!(&e.kind, ExprKind::Name(name) if name == "J");
        if let [only] = arguments
            && is_jacobian(only)
        {
            return match function {
                "det" => Some(Form {
                    kind: Product,
                    positive: false,
                }),
                "log_abs_det" => Some(Form {
                    kind: Sum,
                    positive: false,
                }),
                _ => None,
            };
        }
        // The variable of an integral is no term of it.
        let terms = match function {
            "E" | "integral" => &arguments[..1.min(arguments.len())],
            _ => arguments,
        };
        let forms: Option<Vec<Form>> = terms.iter().map(|e| self.form(e)).collect();
        let forms = forms?;
        let first = *forms.first()?;
        let form = |kind, positive| Some(Form { kind, positive });
        match (function, first.kind) {
            ("sum", Each) => form(Sum, first.positive),
            ("prod", Each) => form(Product, first.positive),
            ("dot", Each) if forms.len() == 2 && forms[1].kind == Each => form(Sum, false),
            ("exp", Sum) => form(Product, true),
            ("log", Product) if first.positive => form(Sum, false),
            ("sqrt", Product) if first.positive => form(Product, true),
            ("abs", Product) => form(Product, true),
            ("q", Each) if self.has_density => form(Product, true),
            ("p", Each) => form(Product, true),
            ("g", Each) => form(Each, false),
            // One unknown factor, the same in every line.
            ("f", Each) => form(Product, true),
            ("E" | "integral", Product) => form(Product, first.positive),
            _ => {
                COMPONENTWISE.contains(&function).then_some(())?;
                let all_free = forms.iter().all(|f| f.kind == Free);
                let simple = forms.iter().all(|f| matches!(f.kind, Free | Each));
                let kind = if all_free { Free } else { Each };
                let positive = POSITIVE.contains(&function)
                    || (matches!(function, "sqrt" | "square" | "reciprocal") && first.positive);
                simple.then_some(Form { kind, positive })
            }
        }
    }
}

/// Functions of components; reductions are none.
const COMPONENTWISE: &[&str] = &[
    "exp",
    "log",
    "log1p",
    "expm1",
    "sqrt",
    "abs",
    "sign",
    "pow",
    "square",
    "reciprocal",
    "sin",
    "cos",
    "tan",
    "asin",
    "acos",
    "atan",
    "atan2",
    "sinh",
    "cosh",
    "tanh",
    "asinh",
    "acosh",
    "atanh",
    "sigmoid",
    "logit",
    "softplus",
    "log_sigmoid",
    "relu",
    "softsign",
    "erf",
    "erfc",
    "erfinv",
    "normal_cdf",
    "normal_icdf",
    "normal_log_cdf",
    "lgamma",
    "digamma",
    "trigamma",
    "lbeta",
    "gamma_p",
    "gamma_q",
    "beta_inc",
    "log_bessel_i0",
    "bessel_ratio_i1_i0",
    "clamp",
];

/// Those that have positive values only.
const POSITIVE: &[&str] = &["exp", "cosh", "sigmoid", "softplus", "normal_cdf"];
