//! Random expressions with rational values.

use quickcheck::{Arbitrary, Gen, QuickCheck, TestResult};
use reparam_check::number::{
    Binary, Enclosure, Exact, Number, Precision, Rational, Ternary, Unary,
};

/// A small tree of rational operations.
#[derive(Clone, Debug)]
enum Tree {
    Leaf(i16, u8),
    Unary(u8, Box<Tree>),
    Binary(u8, Box<Tree>, Box<Tree>),
    Select(Box<Tree>, Box<Tree>, Box<Tree>, Box<Tree>),
}

const UNARY: [Unary; 8] = [
    Unary::Neg,
    Unary::Abs,
    Unary::Sign,
    Unary::Floor,
    Unary::Ceil,
    Unary::Round,
    Unary::Sqrt,
    Unary::StopGradient,
];

const BINARY: [Binary; 12] = [
    Binary::Add,
    Binary::Sub,
    Binary::Mul,
    Binary::Div,
    Binary::Add,
    Binary::Mul,
    Binary::Sub,
    Binary::Div,
    Binary::Min,
    Binary::Max,
    Binary::Mod,
    Binary::Pow,
];

impl Arbitrary for Tree {
    fn arbitrary(g: &mut Gen) -> Self {
        fn grow(g: &mut Gen, depth: usize) -> Tree {
            if depth == 0 || u8::arbitrary(g).is_multiple_of(5) {
                return Tree::Leaf(i16::arbitrary(g) % 50, u8::arbitrary(g) % 12 + 1);
            }
            let mut below = || Box::new(grow(g, depth - 1));
            let (a, b, c, d) = (below(), below(), below(), below());
            match u8::arbitrary(g) % 8 {
                0 => Tree::Select(a, b, c, d),
                1 | 2 => Tree::Unary(u8::arbitrary(g), a),
                _ => Tree::Binary(u8::arbitrary(g), a, b),
            }
        }
        grow(g, 4)
    }
}

impl Tree {
    fn evaluate<N: Number>(&self, context: &N::Context) -> N {
        match self {
            Tree::Leaf(n, d) => N::rational(&(Rational::from(*n) / Rational::from(*d)), context),
            Tree::Unary(f, x) => N::unary(
                UNARY[*f as usize % UNARY.len()],
                &x.evaluate(context),
                context,
            ),
            Tree::Binary(f, x, y) => {
                let f = BINARY[*f as usize % BINARY.len()];
                // Exponents are kept small and whole.
                let y = if f == Binary::Pow {
                    let three = N::rational(&Rational::from(3), context);
                    let floor = N::unary(Unary::Floor, &y.evaluate(context), context);
                    N::binary(Binary::Mod, &floor, &three, context)
                } else {
                    y.evaluate(context)
                };
                N::binary(f, &x.evaluate(context), &y, context)
            }
            Tree::Select(x, y, a, b) => {
                let less = N::binary(
                    Binary::Less,
                    &x.evaluate(context),
                    &y.evaluate(context),
                    context,
                );
                N::ternary(
                    Ternary::Select,
                    &less,
                    &a.evaluate(context),
                    &b.evaluate(context),
                    context,
                )
            }
        }
    }
}

#[test]
fn exact_rationals_are_enclosed() {
    fn law(tree: Tree) -> TestResult {
        let exact: Exact = tree.evaluate(&());
        let Some(exact) = exact.value() else {
            return TestResult::discard();
        };
        TestResult::from_bool([32, 128].into_iter().all(|bits| {
            let value: Enclosure = tree.evaluate(&Precision(bits));
            let not_lost = value.is_possibly_undefined() || value.is_finite();
            value.contains_rational(exact) && not_lost
        }))
    }
    QuickCheck::new()
        .tests(10_000)
        .max_tests(100_000)
        .quickcheck(law as fn(Tree) -> TestResult);
}
