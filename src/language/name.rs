//! Names: Greek letters are other spellings of their Latin names.
//!
//! Law: [`canonical_name`] is idempotent, and leaves ASCII names alone.

/// Greek letters and the names they stand for; variant forms share the name of the letter.
const GREEK: &[(char, &str)] = &[
    ('α', "alpha"),
    ('β', "beta"),
    ('γ', "gamma"),
    ('δ', "delta"),
    ('ε', "epsilon"),
    ('ϵ', "epsilon"),
    ('ζ', "zeta"),
    ('η', "eta"),
    ('θ', "theta"),
    ('ϑ', "theta"),
    ('ι', "iota"),
    ('κ', "kappa"),
    ('ϰ', "kappa"),
    ('λ', "lambda"),
    ('μ', "mu"),
    ('µ', "mu"), // the micro sign, which keyboards have
    ('ν', "nu"),
    ('ξ', "xi"),
    ('ο', "omicron"),
    ('π', "pi"),
    ('ϖ', "pi"),
    ('ρ', "rho"),
    ('ϱ', "rho"),
    ('σ', "sigma"),
    ('ς', "sigma"),
    ('τ', "tau"),
    ('υ', "upsilon"),
    ('φ', "phi"),
    ('ϕ', "phi"),
    ('χ', "chi"),
    ('ψ', "psi"),
    ('ω', "omega"),
    ('Α', "Alpha"),
    ('Β', "Beta"),
    ('Γ', "Gamma"),
    ('Δ', "Delta"),
    ('Ε', "Epsilon"),
    ('Ζ', "Zeta"),
    ('Η', "Eta"),
    ('Θ', "Theta"),
    ('ϴ', "Theta"),
    ('Ι', "Iota"),
    ('Κ', "Kappa"),
    ('Λ', "Lambda"),
    ('Μ', "Mu"),
    ('Ν', "Nu"),
    ('Ξ', "Xi"),
    ('Ο', "Omicron"),
    ('Π', "Pi"),
    ('Ρ', "Rho"),
    ('Σ', "Sigma"),
    ('Τ', "Tau"),
    ('Υ', "Upsilon"),
    ('Φ', "Phi"),
    ('Χ', "Chi"),
    ('Ψ', "Psi"),
    ('Ω', "Omega"),
    ('\u{2126}', "Omega"), // the ohm sign
];

/// The name of a Greek letter; none for any other character.
pub(super) fn greek(letter: char) -> Option<&'static str> {
    GREEK
        .iter()
        .find(|&&(greek, _)| greek == letter)
        .map(|&(_, name)| name)
}

/// The one spelling of a name: each Greek letter, wherever it stands in it, by its name
/// (`σ` is `sigma`, `ε0` is `epsilon0`, `λ_1` is `lambda_1`); other characters as they are.
pub fn canonical_name(name: &str) -> String {
    let mut canonical = String::with_capacity(name.len());
    for letter in name.chars() {
        match greek(letter) {
            Some(latin) => canonical.push_str(latin),
            None => canonical.push(letter),
        }
    }
    canonical
}

/// Whether a name may begin with this character.
pub(super) fn begins_name(c: char) -> bool {
    c.is_ascii_alphabetic() || c == '_' || greek(c).is_some()
}

/// Whether a name may go on with this character.
pub(super) fn continues_name(c: char) -> bool {
    begins_name(c) || c.is_ascii_digit()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn greek_letters_are_their_names() {
        for (written, name) in [
            ("σ", "sigma"),
            ("σ_1", "sigma_1"),
            ("ε0", "epsilon0"),
            ("ϵ", "epsilon"),
            ("ϕ", "phi"),
            ("λ", "lambda"),
            ("Σ", "Sigma"),
            ("x_φ", "x_phi"),
            ("plain", "plain"),
        ] {
            assert_eq!(canonical_name(written), name);
            assert_eq!(canonical_name(name), name);
        }
    }
}
