//! Laws over random formulas and random text.

use super::{read, scope, show_errors};
use quickcheck::{Arbitrary, Gen, QuickCheck};
use reparam_check::graph::{Graph, Id};
use reparam_check::language::{Value, elaborate_domain, parse_applied};
use reparam_check::number::{Binary, Rational, Ternary, Unary};
use std::sync::atomic::{AtomicUsize, Ordering};

/// A random formula of the graph, such as elaboration makes.
#[derive(Clone, Debug)]
struct Seeds(Vec<u32>);

impl Arbitrary for Seeds {
    fn arbitrary(g: &mut Gen) -> Self {
        Seeds((0..60).map(|_| u32::arbitrary(g)).collect())
    }
    fn shrink(&self) -> Box<dyn Iterator<Item = Self>> {
        Box::new(self.0.shrink().map(Seeds))
    }
}

/// Operators of numbers; signs and conditions are put by themselves.
fn unary() -> Vec<Unary> {
    let is_put_elsewhere = |operator: &Unary| matches!(operator, Unary::Neg | Unary::Not);
    let more = [Unary::Polygamma(1), Unary::Polygamma(7)];
    let all = Unary::ALL.into_iter().filter(|o| !is_put_elsewhere(o));
    all.chain(more).collect()
}

fn binary() -> Vec<Binary> {
    let is_of_conditions = |operator: &Binary| {
        use Binary::{And, Equal, Less, LessEqual, Or};
        matches!(operator, Less | LessEqual | Equal | And | Or)
    };
    let all = Binary::ALL.into_iter();
    all.filter(|o| !is_of_conditions(o)).collect()
}

fn random_formula(graph: &mut Graph, seeds: &[u32]) -> Id {
    let scope = scope(graph);
    let mut numbers: Vec<Id> = ["x", "v", "A"]
        .iter()
        .map(|name| *scope.values[*name].elements.last().unwrap())
        .collect();
    numbers.extend([graph.pi(), graph.infinity()]);
    let mut conditions = Vec::new();
    let (unary, binary) = (unary(), binary());
    for &seed in seeds {
        let pick = |from: &[Id], salt: u32| from[(seed / salt) as usize % from.len()];
        let (x, y) = (pick(&numbers, 64), pick(&numbers, 1024));
        // Values that parsing folds are written folded, as elaboration does.
        let is_number = |id: Id| graph.as_constant(id).is_some();
        let is_integer = |id: Id| graph.as_constant(id).is_some_and(Rational::is_int);
        match seed % 8 {
            0 => {
                let numerator = i64::from(seed / 8 % 41) - 20;
                let denominator = u64::from(seed / 512 % 12 + 1);
                numbers.push(
                    graph.constant(Rational::from_parts(numerator.into(), denominator.into())),
                );
            }
            1 if !is_number(x) => numbers.push(graph.unary(Unary::Neg, x)),
            1 | 2 => {
                let operator = unary[(seed / 8) as usize % unary.len()];
                numbers.push(graph.unary(operator, x));
            }
            3..=5 => {
                let operator = binary[(seed / 8) as usize % binary.len()];
                if operator != Binary::Div || !is_integer(x) || !is_integer(y) {
                    numbers.push(graph.binary(operator, x, y));
                }
            }
            6 => {
                let operator =
                    [Binary::Less, Binary::LessEqual, Binary::Equal][(seed / 8) as usize % 3];
                conditions.push(graph.binary(operator, x, y));
            }
            _ => {
                if !conditions.is_empty() {
                    let (c, b) = (pick(&conditions, 64), pick(&conditions, 1024));
                    let condition = match seed / 8 % 4 {
                        0 => graph.binary(Binary::And, c, b),
                        1 => graph.binary(Binary::Or, c, b),
                        2 => graph.unary(Unary::Not, c),
                        _ => c,
                    };
                    conditions.push(condition);
                    numbers.push(graph.ternary(Ternary::Select, condition, x, y));
                }
                let operator = [Ternary::BetaInc, Ternary::BetaIncDa][(seed / 8) as usize % 2];
                let z = pick(&numbers, 4096);
                numbers.push(graph.ternary(operator, x, y, z));
            }
        }
    }
    *numbers.last().unwrap()
}

#[test]
fn printing_then_parsing_gives_the_formula_back() {
    // Formulas too long to print in full show nothing; most have to be shorter.
    static COMPARED: AtomicUsize = AtomicUsize::new(0);
    fn law(seeds: Seeds) -> bool {
        let mut graph = Graph::new();
        let id = random_formula(&mut graph, &seeds.0);
        let text = graph.display(id);
        if text.contains('…') {
            return true;
        }
        COMPARED.fetch_add(usize::from(text.len() > 20), Ordering::Relaxed);
        let scope = scope(&mut graph);
        let value = read(&text, &scope, &mut graph)
            .unwrap_or_else(|errors| panic!("{text}\n{}", show_errors(&text, &errors)));
        let same = value == Value::scalar(id);
        if !same {
            println!("{text}\n{}", graph.display(value.elements[0]));
        }
        same
    }
    QuickCheck::new()
        .tests(3000)
        .quickcheck(law as fn(Seeds) -> bool);
    let compared = COMPARED.load(Ordering::Relaxed);
    assert!(compared > 1000, "only {compared} formulas of some length");
}

#[test]
fn no_text_makes_the_parser_panic() {
    const PIECES: &[&str] = &[
        "x",
        "v",
        "A",
        "σ",
        "2",
        "0.5",
        "1e3",
        "1e",
        "(",
        ")",
        "[",
        "]",
        ",",
        ":",
        "..",
        "+",
        "-",
        "*",
        "/",
        "@",
        "^",
        "<",
        "<=",
        "==",
        "!=",
        "=",
        " ",
        "for",
        "in",
        "i",
        "0",
        "exp(",
        "sum(",
        "where(",
        "q(",
        "diff(",
        "axis=",
        "**",
        "×",
        "²",
        "'",
        "\u{0}",
        "🙂",
        "é",
        "\n",
        ".",
        "_",
        "solve(",
        "det(",
        "[i for i in 0..3]",
        "concat(",
        "zeros(",
        "n",
        "d",
    ];
    fn law(pieces: Vec<u8>, raw: String) {
        let mut graph = Graph::new();
        let mut scope = scope(&mut graph);
        scope.node_limit = 10_000;
        let text: String = pieces
            .iter()
            .map(|&p| PIECES[p as usize % PIECES.len()])
            .collect();
        for text in [text, raw] {
            match read(&text, &scope, &mut graph) {
                Ok(value) => {
                    assert_eq!(value.shape.iter().product::<usize>(), value.elements.len());
                }
                Err(errors) => {
                    assert!((1..=20).contains(&errors.len()));
                    show_errors(&text, &errors);
                }
            }
            if let Ok(applied) = parse_applied(&text) {
                let _ = elaborate_domain(&applied, &scope, &mut graph);
            }
        }
    }
    QuickCheck::new()
        .tests(5000)
        .quickcheck(law as fn(Vec<u8>, String));
}
