//! The colours of the page against what they stand on, as the Web Content Accessibility Guidelines
//! measure it (WCAG 2.2, success criteria 1.4.3 and 1.4.11): 4.5 for text, 3 for what is drawn.

use std::collections::BTreeMap;

const STYLE: &str = include_str!("style.css");

/// Text stands on the page or on a card; what is drawn stands on the page.
const TEXT: [&str; 5] = ["ink", "quiet", "good", "bad", "open"];
const DRAWN: [&str; 6] = ["c0", "c1", "c2", "c3", "edge", "quiet"];

/// The colours of the n-th `:root`: 0 light, 1 dark.
fn theme(place: usize) -> BTreeMap<String, String> {
    let block = STYLE.split(":root {").nth(place + 1).expect("a theme");
    let block = block.split('}').next().expect("it ends");
    let pairs = block.split(';').filter_map(|line| line.split_once(':'));
    let named = pairs.filter_map(|(name, value)| {
        let name = name.trim().strip_prefix("--")?;
        Some((name.to_owned(), value.trim().to_owned()))
    });
    named.collect()
}

/// Relative luminance of `#rgb` or `#rrggbb`.
fn luminance(colour: &str) -> f64 {
    let digits = colour.strip_prefix('#').expect("a hexadecimal colour");
    let wide: String = match digits.len() {
        3 => digits.chars().flat_map(|d| [d, d]).collect(),
        _ => digits.to_owned(),
    };
    let channel = |i: usize| {
        let value = u8::from_str_radix(&wide[2 * i..2 * i + 2], 16).expect("two digits");
        let share = f64::from(value) / 255.0;
        if share <= 0.04045 {
            share / 12.92
        } else {
            ((share + 0.055) / 1.055).powf(2.4)
        }
    };
    0.2126 * channel(0) + 0.7152 * channel(1) + 0.0722 * channel(2)
}

fn contrast(a: &str, b: &str) -> f64 {
    let (a, b) = (luminance(a), luminance(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

#[test]
fn contrast_is_that_of_the_guidelines() {
    assert!((contrast("#fff", "#000000") - 21.0).abs() < 1e-9);
    assert!((contrast("#777777", "#fff") - 4.478).abs() < 1e-3);
}

#[test]
fn text_and_curves_stand_out_in_both_themes() {
    for place in 0..2 {
        let theme = theme(place);
        let pairs = TEXT
            .iter()
            .flat_map(|text| [(*text, "paper", 4.5), (*text, "card", 4.5)])
            .chain(DRAWN.iter().map(|drawn| (*drawn, "paper", 3.0)))
            .chain([("c0", "bar", 3.0)]);
        for (front, back, least) in pairs {
            let found = contrast(&theme[front], &theme[back]);
            assert!(
                found >= least,
                "{front} on {back}, theme {place}: {found:.2}"
            );
        }
    }
    // Each colour that a rule names is one of a theme.
    for name in STYLE.split("var(--").skip(1) {
        let name = name.split(')').next().expect("it ends");
        assert!(theme(0).contains_key(name), "{name}");
        assert!(theme(1).contains_key(name), "{name}");
    }
}
