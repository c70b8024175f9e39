//! MathML, in the core that browsers know.

use super::Math;
use maud::{Markup, html};

/// A formula of its own element, on a line of text.
pub(in crate::report) fn mathml(math: &Math) -> Markup {
    html! { math displaystyle="true" { (node(math)) } }
}

fn node(math: &Math) -> Markup {
    html! {
        @match math {
            Math::Row(parts) => mrow {
                @for (i, part) in parts.iter().enumerate() {
                    (node(part))
                    @if applies(part, parts.get(i + 1)) { mspace width="0.17em" {} }
                }
            },
            Math::Number(text) => mn { (text) },
            Math::Letter(letter) => mi { (letter) },
            Math::Word(text) => {
                @if text.contains(' ') { mtext { (text.replace(' ', "\u{a0}")) } }
                @else { mi mathvariant="normal" { (text) } }
            },
            Math::Sign(sign) => mo { (sign) },
            Math::Tight(sign) => mo lspace="0" rspace="0" { (sign) },
            Math::Times => mo lspace="0.1em" rspace="0.1em" { "\u{2062}" },
            Math::Fraction(top, bottom) => mfrac { (node(top)) (node(bottom)) },
            Math::Root(x) => msqrt { (node(x)) },
            Math::Sub(x, index) => msub { (node(x)) mrow { (node(index)) } },
            Math::Power(x, exponent) => msup { (node(x)) mrow { (node(exponent)) } },
            Math::Big(sign, None) => mo { (sign) },
            Math::Big(sign, Some(limits)) => munderover {
                mo { (sign) } mrow { (node(&limits.0)) } mrow { (node(&limits.1)) }
            },
            Math::Fenced(open, x, close) => mrow {
                @let stretchy = if is_tall(x) { "true" } else { "false" };
                mo fence="true" stretchy=(stretchy) lspace="0" rspace="0" { (open) }
                (node(x))
                mo fence="true" stretchy=(stretchy) lspace="0" rspace="0" { (close) }
            },
            Math::Table(open, rows, close) => mrow {
                @if !open.is_empty() { mo fence="true" stretchy="true" lspace="0" rspace="0" { (open) } }
                mtable {
                    @for row in rows { mtr { @for entry in row { mtd { (node(entry)) } } } }
                }
                @if !close.is_empty() { mo fence="true" stretchy="true" lspace="0" rspace="0" { (close) } }
            },
        }
    }
}

/// A word before anything but its parentheses would run into it.
fn applies(part: &Math, next: Option<&Math>) -> bool {
    match next {
        None | Some(Math::Fenced("(" | "[", ..) | Math::Sign(_) | Math::Times | Math::Word(_)) => {
            false
        }
        Some(_) => matches!(part, Math::Word(text) if !text.contains(' ')),
    }
}

/// Whether a formula is higher than a line of text. Around one that is not, a fence that may stretch
/// would stand as far off as a large one.
fn is_tall(math: &Math) -> bool {
    match math {
        Math::Row(parts) => parts.iter().any(is_tall),
        Math::Number(_)
        | Math::Letter(_)
        | Math::Word(_)
        | Math::Sign(_)
        | Math::Tight(_)
        | Math::Times => false,
        Math::Sub(x, _) | Math::Fenced(_, x, _) => is_tall(x),
        Math::Power(x, exponent) => is_tall(x) || is_tall(exponent),
        Math::Fraction(..) | Math::Root(_) | Math::Big(..) | Math::Table(..) => true,
    }
}
