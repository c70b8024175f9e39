//! Names as letters: `sigma` is σ, `log_scale` a word, `z1` has an index.

use super::Math;

/// The Greek letters by name, each with its LaTeX command; those that look Latin have none.
pub(super) const GREEK: &[(&str, char, &str)] = &[
    ("alpha", 'α', "\\alpha"),
    ("beta", 'β', "\\beta"),
    ("gamma", 'γ', "\\gamma"),
    ("delta", 'δ', "\\delta"),
    ("epsilon", 'ε', "\\varepsilon"),
    ("eps", 'ε', "\\varepsilon"),
    ("zeta", 'ζ', "\\zeta"),
    ("eta", 'η', "\\eta"),
    ("theta", 'θ', "\\theta"),
    ("iota", 'ι', "\\iota"),
    ("kappa", 'κ', "\\kappa"),
    ("lambda", 'λ', "\\lambda"),
    ("mu", 'μ', "\\mu"),
    ("nu", 'ν', "\\nu"),
    ("xi", 'ξ', "\\xi"),
    ("pi", 'π', "\\pi"),
    ("rho", 'ρ', "\\rho"),
    ("sigma", 'σ', "\\sigma"),
    ("tau", 'τ', "\\tau"),
    ("upsilon", 'υ', "\\upsilon"),
    ("phi", 'φ', "\\varphi"),
    ("chi", 'χ', "\\chi"),
    ("psi", 'ψ', "\\psi"),
    ("omega", 'ω', "\\omega"),
    ("Gamma", 'Γ', "\\Gamma"),
    ("Delta", 'Δ', "\\Delta"),
    ("Theta", 'Θ', "\\Theta"),
    ("Lambda", 'Λ', "\\Lambda"),
    ("Xi", 'Ξ', "\\Xi"),
    ("Pi", 'Π', "\\Pi"),
    ("Sigma", 'Σ', "\\Sigma"),
    ("Upsilon", 'Υ', "\\Upsilon"),
    ("Phi", 'Φ', "\\Phi"),
    ("Psi", 'Ψ', "\\Psi"),
    ("Omega", 'Ω', "\\Omega"),
];

/// A name as it is printed.
pub(in crate::report) fn name(text: &str) -> Math {
    if text == "inf" {
        return Math::Tight("∞");
    }
    if let Some(letter) = letter(text) {
        return letter;
    }
    // `z1` and `eps_2`: a letter with an index.
    let stem = text.trim_end_matches(|c: char| c.is_ascii_digit());
    let index = &text[stem.len()..];
    let stem = stem.strip_suffix('_').unwrap_or(stem);
    match letter(stem) {
        Some(letter) if !index.is_empty() => {
            Math::Sub(Box::new(letter), Box::new(Math::Number(index.to_owned())))
        }
        _ => Math::Word(text.to_owned()),
    }
}

fn letter(text: &str) -> Option<Math> {
    let greek = GREEK.iter().find(|(name, _, _)| *name == text);
    let mut chars = text.chars();
    match (greek, chars.next(), chars.next()) {
        (Some((_, letter, _)), _, _) => Some(Math::Letter(*letter)),
        (None, Some(one), None) if one.is_ascii_alphabetic() => Some(Math::Letter(one)),
        _ => None,
    }
}
