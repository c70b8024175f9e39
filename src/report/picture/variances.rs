//! The variance of one draw of each estimator beside that of the score function, on one axis of
//! powers of ten: each parameter is a row, and a point further left is a better estimator.

use super::plot::{WIDTH, short};
use crate::report::SpecReport;
use maud::{Markup, html};

const LEFT: f64 = 92.0;
const ROW: f64 = 20.0;
/// More rows than this are not read.
const MOST: usize = 12;

/// A row: the parameter, the variance of the estimator, and that of the score function.
type Row = (String, f64, f64);

/// The picture, where the check of gradients has measured variances.
pub(in crate::report) fn variances(report: &SpecReport) -> Option<Markup> {
    let check = report.checks.iter().find(|c| c.check == "gradient")?;
    let measured = check
        .finding
        .evidence
        .get("variance_of_a_draw")?
        .as_object()?;
    let rows: Vec<Row> = measured
        .iter()
        .filter_map(|(name, pair)| {
            let of = |key| pair.get(key)?.as_f64().filter(|v| *v > 0.0);
            Some((name.clone(), of("estimator")?, of("score")?))
        })
        .take(MOST)
        .collect();
    (!rows.is_empty()).then(|| draw(&rows))
}

fn draw(rows: &[Row]) -> Markup {
    let all = rows.iter().flat_map(|(_, a, b)| [a.log10(), b.log10()]);
    let (low, high) = all.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), v| {
        (low.min(v), high.max(v))
    });
    let (low, high) = (low.floor(), high.ceil().max(low.floor() + 1.0));
    let across = |v: f64| LEFT + (v.log10() - low) / (high - low) * (WIDTH - LEFT - 12.0);
    let height = ROW * (rows.len() as f64 + 1.5);
    let bottom = ROW * (rows.len() as f64 + 0.25);
    html! {
        svg viewBox=(format!("0 0 {WIDTH} {height}")) role="img"
            aria-label="variance of a draw of each estimator beside the score function" {
            @for (i, (name, estimator, score)) in rows.iter().enumerate() {
                @let y = ROW * (i as f64 + 0.7);
                text x=(LEFT - 8.0) y=(y + 4.0) text-anchor="end" { (name) }
                path class="axis" d=(format!(
                    "M{:.1} {y}H{:.1}", across(*estimator), across(*score)
                )) {}
                circle class="dot c0" cx=(format!("{:.1}", across(*estimator))) cy=(y) r="4" {
                    title { "estimator: " (short(*estimator)) }
                }
                circle class="dot c1" cx=(format!("{:.1}", across(*score))) cy=(y) r="4" {
                    title { "score function: " (short(*score)) }
                }
            }
            path class="axis" d=(format!("M{LEFT} {bottom}H{WIDTH}")) {}
            text x=(LEFT) y=(bottom + 14.0) { (short(10f64.powf(low))) }
            text x=(WIDTH - 4.0) y=(bottom + 14.0) text-anchor="end" { (short(10f64.powf(high))) }
        }
    }
}
