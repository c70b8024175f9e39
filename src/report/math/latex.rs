//! LaTeX, with amsmath and amssymb.

use super::Math;
use super::names::GREEK;

/// A formula for math mode.
pub(in crate::report) fn latex(math: &Math) -> String {
    let mut out = String::new();
    write(&mut out, math);
    out
}

/// Text outside formulas: what LaTeX takes for commands is escaped.
pub(in crate::report) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\\' => out.push_str("\\textbackslash{}"),
            '~' => out.push_str("\\textasciitilde{}"),
            '^' => out.push_str("\\textasciicircum{}"),
            '&' | '%' | '$' | '#' | '_' | '{' | '}' => {
                out.push('\\');
                out.push(c);
            }
            c if c.is_control() => out.push(' '),
            c => match symbol(c) {
                Some(command) => {
                    out.push('$');
                    out.push_str(command);
                    out.push('$');
                }
                // What the font does not have would stop the compiler.
                None if c > LAST_LATIN => out.push_str(&format!("[U+{:04X}]", u32::from(c))),
                None => out.push(c),
            },
        }
    }
    out
}

/// The last letter of the Latin alphabets that a T1 font has.
const LAST_LATIN: char = '\u{17f}';

/// Characters that text fonts lack.
fn symbol(c: char) -> Option<&'static str> {
    if let Some((_, _, command)) = GREEK.iter().find(|(_, letter, _)| *letter == c) {
        return Some(command);
    }
    Some(match c {
        '∂' => "\\partial ",
        '∇' => "\\nabla ",
        '−' => "-",
        '≤' => "\\le ",
        '≥' => "\\ge ",
        '≠' => "\\ne ",
        '∞' => "\\infty ",
        '√' => "\\surd ",
        '∫' => "\\int ",
        '∑' => "\\sum ",
        '∏' => "\\prod ",
        '·' => "\\cdot ",
        '×' => "\\times ",
        '∈' => "\\in ",
        '∼' => "\\sim ",
        '≈' => "\\approx ",
        '→' => "\\to ",
        '⊤' => "\\top ",
        'ℝ' => "\\mathbb{R}",
        '𝔼' => "\\mathbb{E}",
        '⁻' => "^{-}",
        '¹' => "^{1}",
        '²' => "^{2}",
        '³' => "^{3}",
        'ᵀ' => "^{\\top}",
        '′' => "'",
        '±' => "\\pm ",
        '⌊' => "\\lfloor ",
        '⌋' => "\\rfloor ",
        '⌈' => "\\lceil ",
        '⌉' => "\\rceil ",
        '‖' => "\\Vert ",
        '…' => "\\dots ",
        '✓' => "\\checkmark ",
        '✗' => "\\times ",
        _ => return None,
    })
}

fn sign(out: &mut String, text: &str) {
    for c in text.chars() {
        match symbol(c) {
            Some(command) => out.push_str(command),
            None => out.push(c),
        }
    }
}

fn group(out: &mut String, math: &Math) {
    out.push('{');
    write(out, math);
    out.push('}');
}

fn write(out: &mut String, math: &Math) {
    match math {
        Math::Row(parts) => parts.iter().for_each(|part| write(out, part)),
        Math::Number(text) => out.push_str(text),
        Math::Letter(letter) => {
            match GREEK.iter().find(|(_, greek, _)| greek == letter) {
                Some((_, _, command)) => {
                    out.push_str(command);
                    out.push(' ');
                }
                None => out.push(*letter),
            };
        }
        Math::Word(text) => match text.as_str() {
            _ if !text.is_ascii() => {
                out.push_str("\\text{");
                out.push_str(&escape(text));
                out.push('}');
            }
            "log" | "exp" | "sin" | "cos" | "tan" | "min" | "max" | "det" => {
                out.push('\\');
                out.push_str(text);
                out.push(' ');
            }
            _ if text.contains(' ') => {
                out.push_str("\\text{");
                out.push_str(&escape(text));
                out.push('}');
            }
            _ => {
                out.push_str("\\mathrm{");
                out.push_str(&text.replace('_', "\\_"));
                out.push('}');
            }
        },
        Math::Sign(text) => {
            out.push(' ');
            sign(out, text);
            out.push(' ');
        }
        Math::Tight("d") => out.push_str("\\mathrm{d}"),
        Math::Tight(text) => sign(out, text),
        Math::Times => out.push_str("\\,"),
        Math::Fraction(top, bottom) => {
            out.push_str("\\frac");
            group(out, top);
            group(out, bottom);
        }
        Math::Root(x) => {
            out.push_str("\\sqrt");
            group(out, x);
        }
        Math::Sub(x, index) => {
            group(out, x);
            out.push('_');
            group(out, index);
        }
        Math::Power(x, exponent) => {
            group(out, x);
            out.push('^');
            group(out, exponent);
        }
        Math::Big(text, limits) => {
            sign(out, text);
            if let Some(limits) = limits {
                out.push('_');
                group(out, &limits.0);
                out.push('^');
                group(out, &limits.1);
            }
        }
        Math::Fenced(open, x, close) => {
            out.push_str("\\left");
            sign(out, open);
            write(out, x);
            out.push_str("\\right");
            sign(out, close);
        }
        Math::Table(open, rows, close) => {
            let delimiter = |text: &str| match text {
                "" => ".".to_owned(),
                "{" => "\\{".to_owned(),
                other => other.to_owned(),
            };
            let columns = rows.iter().map(Vec::len).max().unwrap_or(1);
            out.push_str(&format!("\\left{}", delimiter(open)));
            out.push_str(&format!("\\begin{{array}}{{{}}}", "l".repeat(columns)));
            for (i, row) in rows.iter().enumerate() {
                if i > 0 {
                    out.push_str(" \\\\ ");
                }
                for (j, entry) in row.iter().enumerate() {
                    if j > 0 {
                        out.push_str(" & ");
                    }
                    write(out, entry);
                }
            }
            out.push_str("\\end{array}");
            out.push_str(&format!("\\right{}", delimiter(close)));
        }
    }
}
