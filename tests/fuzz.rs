//! No input makes the readers of files and of formulas panic, stall or point outside the file.
//!
//! Inputs are mutated specs, token soup, random bytes, nesting and alias bombs, drawn from a fixed
//! seed. `REPARAM_FUZZ=1000000 cargo test --release --test fuzz` tries that many of each kind of
//! reader; otherwise a few thousand.

use reparam_check::diagnostic::Diagnostic;
use reparam_check::language::{parse_applied, parse_expression};
use reparam_check::report::diagnostics::render;
use reparam_check::spec::raw::PerOutput;
use reparam_check::spec::{Formula, RawSpec, read, text};
use std::time::Instant;

/// A spec with every key and every style of scalar.
const SPEC: &str = r#"name: normal
summary: >-
  Diagonal normal
  by location and scale.
references: ["Kingma & Welling 2014", 'it''s section 2.4']
dimensions: {d: [1, 3]}        # every check runs at each of these sizes
parameters:
  μ: real[d]
  sigma: {domain: "positive[d]", range: [0.1, 1e-6], description: scale}
inputs: {x: &dom "real[\u0064]"}
noise:
  eps: &n normal(0, 1)[d]
define:
  s: |
    mu +
      sigma
transform:
  z: mu + sigma*eps
  w: [[a, b], [c, 1]]
inverse:
  eps: "(z - mu)\
    /sigma"
log_abs_det_jacobian: sum(log(sigma))
velocity:
  mu:
    - 1
    - 2 + σ
target:
  support: {z: *dom, w: real}
  log_density: sum(-log(2*pi)/2 - log(sigma)
    - ((z - mu)/sigma)^2/2)
  mean: {z: mu}
  whole_line: true
  measure: hausdorff
expectations:
  - f: sum(z^2)
    value: >
      sum(mu^2 + sigma^2)
    estimator: none
  - {f: z, estimator: {mu: 1}, name: first, gradient: {mu: *n}}
derivations:
  density preservation:
    - q(z) * abs(det(J))
    - expr: p(eps)
      because: it is
expect: {density: proved, law: refuted}
"#;

/// What YAML and specs are made of.
const TOKENS: [&str; 72] = [
    " ",
    " ",
    "  ",
    "\n",
    "\n",
    "\n  ",
    "\n    ",
    "\r\n",
    "\t",
    ":",
    ": ",
    "- ",
    "-",
    "? ",
    ", ",
    ",",
    "[",
    "]",
    "{",
    "}",
    "&a ",
    "*a",
    "&b ",
    "*b ",
    "!",
    "!!str ",
    "!x ",
    "%",
    "@",
    "`",
    "|\n",
    "|2-\n",
    ">\n",
    ">-\n",
    ">+\n",
    "\"",
    "'",
    "''",
    "\\",
    "\\\n",
    "\\u03c3",
    "\\x",
    "#",
    " # ",
    "---\n",
    "...\n",
    "~",
    "null",
    "true",
    "0x10",
    "1_000",
    "1e-6",
    "σ",
    "\u{feff}",
    "\u{85}",
    "\u{2028}",
    "\u{a0}",
    "<<",
    "(",
    ")",
    "a",
    "b c",
    "name",
    "transform",
    "z: ",
    "target:",
    "noise:",
    "parameters:\n",
    "expect:",
    "derivations:",
    "\n- ",
    "é",
];

/// xorshift64*: enough for choosing inputs, and the same everywhere.
struct Choices(u64);

impl Choices {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let high = self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33;
        usize::try_from(high).expect("31 bits fit") % bound
    }

    fn token(&mut self) -> &'static str {
        TOKENS[self.below(TOKENS.len())]
    }
}

fn soup(choices: &mut Choices, length: usize) -> Vec<u8> {
    let count = choices.below(length) + 1;
    (0..count).flat_map(|_| choices.token().bytes()).collect()
}

fn mutated(choices: &mut Choices, valid: &str) -> Vec<u8> {
    let mut bytes = valid.as_bytes().to_vec();
    for _ in 0..=choices.below(4) {
        let at = choices.below(bytes.len() + 1);
        let length = choices.below(12).min(bytes.len() - at);
        match choices.below(6) {
            0 => drop(bytes.drain(at..at + length)),
            1 => drop(bytes.splice(at..at, soup(choices, 3))),
            2 => drop(bytes.splice(at..at + length, soup(choices, 2))),
            3 => {
                let copy = bytes[at..at + length].to_vec();
                let to = choices.below(bytes.len() + 1);
                drop(bytes.splice(to..to, copy));
            }
            4 => bytes.truncate(at.max(1)),
            _ => {
                if at < bytes.len() {
                    bytes[at] = u8::try_from(choices.below(256)).expect("below 256");
                }
            }
        }
        if bytes.is_empty() {
            bytes.push(b'a');
        }
    }
    bytes
}

fn bomb(choices: &mut Choices) -> Vec<u8> {
    let mut bomb = String::new();
    let part = format!("{}{}", choices.token(), choices.token());
    match choices.below(3) {
        0 => bomb = part.repeat(choices.below(2000)),
        1 => {
            for i in 0..choices.below(30) {
                let item = format!("*a{}, ", i.saturating_sub(1));
                let items = item.repeat(choices.below(12));
                bomb.push_str(&format!("a{i}: &a{i} [{items} {part}]\n"));
            }
        }
        _ => {
            let (open, close) =
                [("[", "]"), ("{a: ", "}"), ("- ", ""), ("? ", "")][choices.below(4)];
            let depth = choices.below(150);
            bomb = format!("{}{part}{}", open.repeat(depth), close.repeat(depth));
        }
    }
    bomb.into_bytes()
}

fn input(choices: &mut Choices) -> Vec<u8> {
    match choices.below(20) {
        0 => bomb(choices),
        1 => {
            let count = choices.below(200);
            (0..count)
                .map(|_| u8::try_from(choices.below(256)).expect("below 256"))
                .collect()
        }
        2..=6 => soup(choices, 40),
        7..=9 => {
            let value = soup(choices, 12);
            let mut bytes = b"name: a\ntarget: {mode: 1}\ndefine:\n  a: ".to_vec();
            bytes.extend(value);
            bytes
        }
        _ => mutated(choices, SPEC),
    }
}

fn named<'s, T: 's>(
    list: &'s [(reparam_check::spec::Located<String>, T)],
) -> impl Iterator<Item = &'s T> {
    list.iter().map(|(_, value)| value)
}

fn formulas(spec: &RawSpec) -> Vec<&Formula> {
    let mut found: Vec<&Formula> = Vec::new();
    for variable in named(&spec.parameters).chain(named(&spec.inputs)) {
        found.push(&variable.domain);
        found.extend(variable.range.iter().flatten());
    }
    for section in [
        &spec.noise,
        &spec.define,
        &spec.transform,
        &spec.inverse,
        &spec.velocity,
    ] {
        found.extend(named(section));
    }
    if let Some(target) = &spec.target {
        found.extend(target.log_density.iter().chain(&target.entropy));
        for claim in [&target.support, &target.mean, &target.mode] {
            match claim {
                Some(PerOutput::One(formula)) => found.push(formula),
                Some(PerOutput::Each(each)) => found.extend(named(each)),
                None => {}
            }
        }
    }
    for expectation in &spec.expectations {
        found.push(&expectation.f);
        found.extend(expectation.value.iter().chain(named(&expectation.gradient)));
    }
    found.extend(named(&spec.derivations).flatten().map(|line| &line.expr));
    found
}

/// Each character that is not white space lies on itself, on an escape, or for the brackets and
/// commas of a sequence anywhere between its neighbours; in order, unless an alias is among them.
fn check_places(source: &str, formula: &Formula) {
    let whole = formula.span();
    assert!(source.get(whole.clone()).is_some(), "{whole:?}");
    for (at, character) in formula.text.char_indices() {
        let place = formula.locate(at..at + character.len_utf8());
        let spelled = source
            .get(place.clone())
            .expect("a place is a slice of the file");
        let joins = matches!(character, '[' | ']' | ',');
        assert!(
            character.is_whitespace()
                || joins
                || spelled.starts_with([character, '\\'])
                || character.is_control(),
            "`{character}` at {at} of {:?} lies on {spelled:?}",
            formula.text
        );
    }
}

fn check_diagnostics(source: &str, found: &[Diagnostic]) {
    assert!(found.len() <= 100);
    for diagnostic in found {
        let span = &diagnostic.span;
        assert!(source.get(span.clone()).is_some(), "{diagnostic:?}");
        assert!(!diagnostic.message.is_empty());
    }
    for diagnostic in found.iter().take(2) {
        let shown = render(diagnostic, "a.yaml", source, false);
        assert!(shown.ends_with('\n'));
    }
}

/// Whether the input is a spec.
fn check_spec(bytes: &[u8]) -> bool {
    let source = match text(bytes) {
        Ok(source) => source,
        Err(error) => {
            check_diagnostics(
                &String::from_utf8_lossy(bytes).replace('\u{fffd}', "?"),
                &[Diagnostic {
                    span: 0..0,
                    ..error
                }],
            );
            return false;
        }
    };
    match read(source) {
        Ok((spec, warnings)) => {
            check_diagnostics(source, &warnings);
            for formula in formulas(&spec) {
                check_places(source, formula);
            }
            true
        }
        Err(errors) => {
            assert!(!errors.is_empty());
            check_diagnostics(source, &errors);
            false
        }
    }
}

fn count() -> usize {
    let asked = std::env::var("REPARAM_FUZZ").ok();
    asked.map_or(3000, |n| n.parse().expect("REPARAM_FUZZ is a number"))
}

/// Runs `check` on inputs; says which input failed, and how many were accepted.
fn fuzz(
    seed: u64,
    input: impl Fn(&mut Choices) -> Vec<u8>,
    check: impl Fn(&[u8]) -> bool,
) -> usize {
    let mut choices = Choices(seed);
    let mut accepted = 0;
    let mut slowest = (0.0, String::new());
    for _ in 0..count() {
        let bytes = input(&mut choices);
        let start = Instant::now();
        let shown = || String::from_utf8_lossy(&bytes).into_owned();
        let run = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| check(&bytes)));
        match run {
            Ok(good) => accepted += usize::from(good),
            Err(_) => panic!("on the input {:?}", shown()),
        }
        let time = start.elapsed().as_secs_f64();
        if time > slowest.0 {
            slowest = (time, shown());
        }
    }
    assert!(slowest.0 < 1.0, "{} s on {:.2000?}", slowest.0, slowest.1);
    accepted
}

#[test]
fn any_file_is_read_or_refused() {
    assert!(check_spec(SPEC.as_bytes()), "{:?}", read(SPEC));
    let accepted = fuzz(0x9e37_79b9_7f4a_7c15, input, check_spec);
    assert!(
        accepted > count() / 50,
        "only {accepted} inputs reach the end of the reader"
    );
}

/// Formulas and domains that are right.
const FORMULAS: [&str; 8] = [
    "sum(-log(2*pi)/2 - log(σ) - ((z - mu)/σ)^2/2)",
    "[e^i/2 for i in 0..n][1:k, :] @ A",
    "where(x <= 1, -x^2^3, clamp(x, 0, 1)) + [[a, b], [c, d]][0, 1]",
    "normal(loc=0, scale=1e-6)[m, n+1]",
    "interval(-pi, max(a, b))[2*k]",
    "integral(q(z)*f(z), z) == E(f(g(eps)), eps)",
    "diff(log(z), z) - stop_gradient(0.1)",
    "real",
];

const SYMBOLS: [&str; 56] = [
    "+",
    "-",
    "*",
    "/",
    "@",
    "^",
    "<",
    "<=",
    ">",
    ">=",
    "==",
    "!=",
    "=",
    "(",
    ")",
    "[",
    "]",
    ",",
    ":",
    "..",
    ".",
    "**",
    "×",
    "≤",
    "·",
    "−",
    "²",
    "σ",
    "ε_1",
    "x",
    "pi",
    "inf",
    "for",
    "in",
    "if",
    "sum(",
    "where(",
    "f(",
    "normal(",
    "real[",
    "0",
    "1",
    "0.1",
    "1e-6",
    "1e999999999",
    "99999999999999999999",
    "0x10",
    "1_000",
    " ",
    "\n",
    "\t",
    "{",
    "|",
    "é",
    "\u{301}",
    "'",
];

fn formula(choices: &mut Choices) -> Vec<u8> {
    let valid = FORMULAS[choices.below(FORMULAS.len())];
    let symbol = |choices: &mut Choices| SYMBOLS[choices.below(SYMBOLS.len())];
    match choices.below(10) {
        0 => {
            let count = choices.below(3000);
            symbol(choices).repeat(count).into_bytes()
        }
        1 => {
            let part = format!("{}{}", symbol(choices), symbol(choices));
            part.repeat(choices.below(1000)).into_bytes()
        }
        2..=5 => {
            let count = choices.below(30);
            (0..count).flat_map(|_| symbol(choices).bytes()).collect()
        }
        _ => {
            let mut text = valid.to_owned();
            for _ in 0..=choices.below(3) {
                let boundaries: Vec<usize> = text
                    .char_indices()
                    .map(|(at, _)| at)
                    .chain([text.len()])
                    .collect();
                let at = choices.below(boundaries.len());
                let to = (at + choices.below(5)).min(boundaries.len() - 1);
                text.replace_range(boundaries[at]..boundaries[to], symbol(choices));
            }
            text.into_bytes()
        }
    }
}

fn check_formula(bytes: &[u8]) -> bool {
    let text = std::str::from_utf8(bytes).expect("formulas are made of characters");
    let applied = parse_applied(text).map(drop);
    let expression = parse_expression(text).map(drop);
    for result in [&applied, &expression] {
        if let Err(errors) = result {
            assert!(!errors.is_empty());
            check_diagnostics(text, errors);
        }
    }
    applied.is_ok() || expression.is_ok()
}

#[test]
fn any_formula_is_read_or_refused() {
    for text in FORMULAS {
        assert!(check_formula(text.as_bytes()), "{text}");
    }
    let accepted = fuzz(0x2545_f491_4f6c_dd1d, formula, check_formula);
    assert!(
        accepted > count() / 50,
        "only {accepted} inputs are formulas"
    );
}
