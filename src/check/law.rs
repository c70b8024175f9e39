//! Draws of g(ε) follow the target: probability integral transforms, tested sequentially.
//!
//! Each component of z whose density is written apart is tested by itself; the distribution
//! function is the integral of the claimed density, tabulated. Discrete laws are tested by counts.

mod sampler;

use super::masses::atoms;
use super::moments::{Law, law, line};
use super::points::{Kind, Space};
use super::univariate::{Line, is_settled, numbers};
use super::{Context, Counterexample, Finding, Verdict};
use crate::distribution::Sampler;
use crate::graph::Id;
use crate::model::{Definition, Model};
use crate::number::Rational;
use crate::stats::{Outcome, Plan, has_masses, is_uniform};
use crate::tape::Tape;
use rand_chacha::ChaCha8Rng;

/// A table whose mass is less certain than this decides nothing.
const HIDDEN: f64 = 1e-6;

/// Parameter values at which draws are made.
const PARAMETERS: usize = 2;

pub(crate) fn run(context: &Context, model: &mut Model) -> Finding {
    let Some(target) = model.target.clone() else {
        return Finding::skipped("no target is claimed");
    };
    let sampled = target.sampler.map(|s| sampler::run(context, model, &s));
    let drawn = if model.definition == Definition::Transform {
        draws(context, model, "g(ε)")
    } else {
        Finding::skipped("there is no transform to draw from")
    };
    match sampled {
        Some(sampled) => sampled.and(drawn),
        None => drawn,
    }
}

/// Draws of the transform; `what` is what they are draws of, in words.
fn draws(context: &Context, model: &mut Model, what: &'static str) -> Finding {
    let Some(target) = model.target.clone() else {
        return Finding::skipped("no target is claimed");
    };
    let Some(claim) = target.log_density.clone().or(target.distribution.clone()) else {
        return Finding::skipped("no density is claimed");
    };
    if target.unnormalized {
        return Finding::skipped("the density is claimed up to a factor only").at(claim.span);
    }
    let law = law(model);
    if !target.discrete && law.components.is_none() {
        let reason = "the components of z depend on one another; density and normalization decide their joint law";
        return Finding::skipped(reason).at(claim.span);
    }
    let space = Space::new(&model.graph, model.givens());
    let mut rng = context.stream("parameters");
    let components = model.output_symbols().len();
    let tests = PARAMETERS * components.max(1);
    let plan = Plan {
        alpha: context.error_rate / tests as f64,
        first: 1024,
        last: context.effort.draws(),
    };
    let mut finding: Option<Finding> = None;
    let wanted = if space.symbols.is_empty() {
        1
    } else {
        PARAMETERS
    };
    let (mut done, mut reason) = (0, "no parameters could be drawn".to_owned());
    // Not simple values: a rate of 1 hides that it stands for a scale.
    for _ in 0..6 * wanted {
        if done >= wanted {
            break;
        }
        let Some(point) = space.draw(Kind::Random, &mut rng) else {
            continue;
        };
        let at = numbers(&point);
        let Some(draws) = Draws::new(context, model, &space, &at, what) else {
            reason = "the noise cannot be drawn".to_owned();
            continue;
        };
        let one = if target.discrete {
            counts(model, &space, &point, &at, claim.elements[0], plan, draws)
        } else {
            transforms(model, &law, &space, &point, &at, plan, draws)
        };

        match one {
            Ok(one) => {
                done += 1;
                finding = Some(match finding {
                    None => one,
                    Some(before) => before.and(one),
                });
            }
            Err(why) => reason = why,
        }
    }
    match finding {
        Some(finding) => finding
            .at(claim.span)
            .with("error_rate", context.error_rate),
        None => Finding::inconclusive(reason).at(claim.span),
    }
}

/// A stream of draws of terms over the noise at fixed parameters.
pub(crate) struct Draws {
    tape: Tape,
    fixed: Vec<f64>,
    samplers: Vec<Sampler>,
    rng: ChaCha8Rng,
    width: usize,
    /// The places of continuous noise among the components, and whether it ends at 1.
    continuous: Vec<(usize, bool)>,
    /// Draws so far in which rounding has decided how far noise is from an end of its support.
    crowded: usize,
    /// What is drawn, in words.
    what: &'static str,
}

/// Closer than this to 1 the distance has lost its digits.
const CROWDED: f64 = 1e-12;

impl Draws {
    /// Draws of z.
    fn new(
        context: &Context,
        model: &Model,
        space: &Space,
        at: &[f64],
        what: &'static str,
    ) -> Option<Draws> {
        let transform = model.transform.as_ref()?;
        let draws = Draws::of(context, model, space, at, &transform.elements, "noise")?;
        Some(Draws { what, ..draws })
    }

    /// Draws of terms in parameters, inputs and noise, from the stream for a purpose.
    pub(crate) fn of(
        context: &Context,
        model: &Model,
        space: &Space,
        at: &[f64],
        terms: &[Id],
        purpose: &str,
    ) -> Option<Draws> {
        let mut inputs = space.symbols.clone();
        inputs.extend(model.noise_symbols());
        let tape = Tape::new(&model.graph, &inputs, terms).ok()?;
        let mut samplers = Vec::new();
        let mut continuous = Vec::new();
        let mut place = 0;
        for noise in &model.noise {
            let ends_at_one = matches!(noise.law_name(), "beta" | "dirichlet");
            for _ in &noise.variable.symbols {
                if !noise.is_discrete() {
                    continuous.push((place, ends_at_one));
                }
                place += 1;
            }
            samplers.extend(noise.samplers(&model.graph, &space.symbols, at)?);
        }
        Some(Draws {
            tape,
            fixed: at.to_vec(),
            samplers,
            rng: context.stream(purpose),
            width: terms.len(),
            continuous,
            crowded: 0,
            what: "g(ε)",
        })
    }

    /// The next `count` draws, a column for each term.
    pub(crate) fn next(&mut self, count: usize) -> Vec<Vec<f64>> {
        let mut noise: Vec<Vec<f64>> = Vec::new();
        for sampler in &self.samplers {
            let mut columns = vec![Vec::with_capacity(count); sampler.length()];
            let mut event = vec![0.0; sampler.length()];
            for _ in 0..count {
                sampler.draw(&mut self.rng, &mut event);
                for (column, value) in columns.iter_mut().zip(&event) {
                    column.push(*value);
                }
            }
            noise.extend(columns);
        }
        for &(place, ends_at_one) in &self.continuous {
            let is_crowded = |v: &&f64| **v == 0.0 || (ends_at_one && 1.0 - **v < CROWDED);
            self.crowded += noise[place].iter().filter(is_crowded).count();
        }
        let mut columns: Vec<&[f64]> = self.fixed.iter().map(std::slice::from_ref).collect();
        columns.extend(noise.iter().map(Vec::as_slice));
        let mut out = vec![Vec::new(); self.width];
        self.tape.evaluate_batch(&columns, &mut out);
        // A term that is the same for every draw comes once.
        for column in &mut out {
            if let [value] = column[..] {
                column.resize(count, value);
            }
        }
        out
    }
}

/// Tests each component by its probability integral transform.
fn transforms(
    model: &mut Model,
    law: &Law,
    space: &Space,
    point: &[Rational],
    at: &[f64],
    plan: Plan,
    mut draws: Draws,
) -> Result<Finding, String> {
    let what = draws.what;
    let pilot = draws.next(2048);
    if draws.crowded > 2 {
        return Err(
            "draws of the noise crowd at an end of its support, where binary64 rounds them".into(),
        );
    }
    let mut tables = Vec::new();
    for (i, column) in pilot.into_iter().enumerate() {
        let line = line(model, law, space, at, i)
            .ok_or("the support is no interval, or no integral of the density over it is known")?;
        tables.push(Table::new(&line, column).ok_or("the density could not be integrated")?);
    }
    // All components are drawn together; each keeps what the others' tests have drawn.
    let mut kept: Vec<Vec<f64>> = vec![Vec::new(); tables.len()];
    let (mut resolution, mut least) = (0.0f64, 1.0f64);
    let mut total = 0;
    for i in 0..tables.len() {
        let mut used = 0;
        let outcome = is_uniform(plan, |out| {
            while kept[i].len() < used + out.len() {
                for (store, column) in kept.iter_mut().zip(draws.next(out.len())) {
                    store.extend(column);
                }
            }
            for value in out.iter_mut() {
                *value = tables[i].transform(kept[i][used]);
                used += 1;
            }
        });
        match outcome {
            Outcome::Refuted {
                draws,
                p_value,
                at: level,
                observed,
                expected,
            } => {
                let name = model.graph.display(model.output_symbols()[i]);
                let message = format!("draws of {} do not follow the target", what);
                let mut finding = Finding::new(Verdict::Refuted, message);
                finding.counterexample = Some(
                    Counterexample::at_point(model, space, point)
                        .sides(
                            (
                                &format!("share of {draws} draws with F({name}) ≤ {level:.4}"),
                                format!("{observed:.4}"),
                            ),
                            ("under the claimed law", format!("{expected:.4}")),
                        )
                        .explained(format!(
                            "the probability of this under the claim is below {:.0e}",
                            p_value.max(1e-300)
                        )),
                );
                return Ok(finding.with("p_value", p_value));
            }
            Outcome::NotRefuted {
                draws,
                p_value,
                resolution: r,
            } => {
                least = least.min(p_value);
                resolution = resolution.max(r);
                total = total.max(draws);
            }
            Outcome::Invalid { value, .. } => return Err(format!("a draw has F(z) = {value}")),
        }
    }
    Ok(Finding::new(
        Verdict::Tested,
        format!("{total} draws follow the claimed law; a CDF off by {resolution:.3} would have been seen"),
    )
    .with("draws", total)
    .with("p_value", (least * tables.len() as f64).min(1.0))
    .with("resolution", resolution))
}

/// The distribution function of a line, tabulated at places where draws fall.
struct Table {
    places: Vec<f64>,
    masses: Vec<f64>,
    densities: Vec<f64>,
}

impl Table {
    fn new(line: &Line, mut pilot: Vec<f64>) -> Option<Table> {
        // Mass that rounding hides at an end of the support cannot be told from an atom there.
        let total = line.integrate(&mut |x| vec![1.0; x.len()], None);
        if !is_settled(&total) || total.error > HIDDEN {
            return None;
        }
        let inside = |z: f64| z.is_finite() && z > line.lower && z < line.upper;
        pilot.retain(|z| inside(*z));
        pilot.sort_by(f64::total_cmp);
        pilot.dedup();
        let n = pilot.len();
        let (first, last) = (*pilot.first()?, *pilot.last()?);
        let step = (n / 160).max(1);
        let mut places: Vec<f64> = pilot.iter().copied().step_by(step).collect();
        // Every extreme of the pilot, and beyond it ever longer steps: tails are looked at closely.
        places.extend(pilot.iter().take(40).chain(pilot.iter().rev().take(40)));
        let (left, right) = (pilot[n / 8] - first, last - pilot[n - 1 - n / 8]);
        for k in -3..12 {
            let growth = 2f64.powi(k);
            places.extend([first - left * growth, last + right * growth]);
            // Towards a finite end, which doubling would jump over.
            let share = 0.5f64.powi(k + 4);
            places.push(line.lower + (first - line.lower) * share);
            places.push(line.upper - (line.upper - last) * share);
        }
        places.extend(&line.hints);
        places.retain(|z| inside(*z));
        places.sort_by(f64::total_cmp);
        places.dedup();
        let below = line.integrate(&mut |x| vec![1.0; x.len()], Some((line.lower, places[0])));
        if !below.value.is_finite() {
            return None;
        }
        let middles: Vec<f64> = places
            .windows(2)
            .map(|p| f64::midpoint(p[0], p[1]))
            .collect();
        let wholes = gauss(line, places.windows(2).map(|p| (p[0], p[1])));
        let lefts = gauss(line, places.iter().copied().zip(middles.iter().copied()));
        let rights = gauss(
            line,
            middles.iter().copied().zip(places.iter().skip(1).copied()),
        );
        let mut masses = vec![below.value];
        for (i, pair) in places.windows(2).enumerate() {
            let halves = lefts[i] + rights[i];
            let mass = if (wholes[i] - halves).abs() <= 1e-9 {
                halves
            } else {
                line.integrate(&mut |x| vec![1.0; x.len()], Some((pair[0], pair[1])))
                    .value
            };
            masses.push(masses[i] + mass);
        }
        let densities = line
            .log_density
            .values(&places)
            .into_iter()
            .map(f64::exp)
            .collect();
        let finite = masses.iter().all(|m| m.is_finite());
        finite.then_some(Table {
            places,
            masses,
            densities,
        })
    }

    /// F(z), by cubic interpolation with the density as slope. A draw beyond the table gets half of
    /// the mass left there, which is below the resolution of any test.
    fn transform(&self, z: f64) -> f64 {
        if z.is_nan() {
            return f64::NAN;
        }
        let n = self.places.len();
        let right = self.places.partition_point(|p| *p < z);
        if right == 0 {
            return self.masses[0] / 2.0;
        }
        if right == n {
            return f64::midpoint(1.0, self.masses[n - 1]);
        }
        let (x0, x1) = (self.places[right - 1], self.places[right]);
        let (y0, y1) = (self.masses[right - 1], self.masses[right]);
        let (d0, d1) = (self.densities[right - 1], self.densities[right]);
        let h = x1 - x0;
        let t = (z - x0) / h;
        let cubic = y0 * (1.0 + 2.0 * t) * (1.0 - t).powi(2)
            + d0 * h * t * (1.0 - t).powi(2)
            + y1 * t * t * (3.0 - 2.0 * t)
            + d1 * h * t * t * (t - 1.0);
        // Next to a kink the cubic may overshoot; the table itself is right.
        if cubic >= y0 && cubic <= y1 {
            cubic
        } else {
            y0 + (y1 - y0) * t
        }
    }
}

/// ∫ q over short intervals by Gauss–Legendre quadrature of eight points (Abramowitz & Stegun
/// 25.4.30), all in one batch.
fn gauss(line: &Line, intervals: impl Iterator<Item = (f64, f64)>) -> Vec<f64> {
    const NODES: [(f64, f64); 4] = [
        (0.183_434_642_495_649_8, 0.362_683_783_378_362),
        (0.525_532_409_916_329, 0.313_706_645_877_887_3),
        (0.796_666_477_413_626_7, 0.222_381_034_453_374_5),
        (0.960_289_856_497_536_3, 0.101_228_536_290_376_26),
    ];
    let mut halves = Vec::new();
    let mut x = Vec::new();
    for (low, high) in intervals {
        let (middle, half) = (f64::midpoint(low, high), (high - low) / 2.0);
        halves.push(half);
        x.extend(
            NODES
                .iter()
                .flat_map(|(node, _)| [middle - half * node, middle + half * node]),
        );
    }
    let logs = line.log_density.values(&x);
    halves
        .iter()
        .zip(logs.chunks(2 * NODES.len()))
        .map(|(half, logs)| {
            let pairs = NODES.iter().zip(logs.chunks(2));
            half * pairs
                .map(|((_, w), pair)| w * (pair[0].exp() + pair[1].exp()))
                .sum::<f64>()
        })
        .collect()
}

/// Whether a draw is an atom but for rounding, as 1 + s − s is 1.
fn is_atom(atom: f64, drawn: f64) -> bool {
    (atom - drawn).abs() <= 16.0 * f64::EPSILON * (1.0 + atom.abs())
}

/// Tests the counts of a discrete z.
fn counts(
    model: &mut Model,
    space: &Space,
    point: &[Rational],
    at: &[f64],
    log_mass: Id,
    plan: Plan,
    mut draws: Draws,
) -> Result<Finding, String> {
    let what = draws.what;
    let atoms = atoms(model, space, at).ok_or("the discrete support is not listed")?;
    let mut cells = atoms.values;
    if atoms.open.0 {
        // The listed end is as far out as it goes: what is nearest to zero comes first.
        cells.sort_by(|a, b| {
            a[0].abs()
                .total_cmp(&b[0].abs())
                .then(a[0].total_cmp(&b[0]))
        });
    }
    cells.truncate(512);
    let mut inputs = space.symbols.clone();
    inputs.extend(model.output_symbols());
    let tape = Tape::new(&model.graph, &inputs, &[log_mass]).map_err(|e| e.to_string())?;
    let masses: Vec<f64> = cells
        .iter()
        .map(|cell| tape.evaluate(&[at, cell.as_slice()].concat(), &())[0].exp())
        .collect();
    let outcome = has_masses(plan, &masses, |out| {
        let columns = draws.next(out.len());
        for (i, slot) in out.iter_mut().enumerate() {
            let z: Vec<f64> = columns.iter().map(|c| c[i]).collect();
            *slot = cells
                .iter()
                .position(|cell| cell.iter().zip(&z).all(|(a, b)| is_atom(*a, *b)))
                .unwrap_or(usize::MAX);
        }
    });
    match outcome {
        Outcome::Refuted { draws, p_value, at: cell, observed, expected } => {
            let value = cells.get(cell as usize).map_or("elsewhere".to_owned(), |c| format!("{c:?}"));
            let message = format!("draws of {what} do not follow the target");
            let mut finding = Finding::new(Verdict::Refuted, message);
            finding.counterexample = Some(
                Counterexample::at_point(model, space, point)
                    .sides(
                        (&format!("share of {draws} draws at z = {value}"), format!("{observed:.4}")),
                        ("under the claimed law", format!("{expected:.4}")),
                    )
                    .explained(format!("the probability of this under the claim is below {:.0e}", p_value.max(1e-300))),
            );
            Ok(finding.with("p_value", p_value))
        }
        Outcome::NotRefuted { draws, p_value, resolution } => Ok(Finding::new(
            Verdict::Tested,
            format!("{draws} draws follow the claimed masses; a total variation of {resolution:.3} would have been seen"),
        )
        .with("draws", draws)
        .with("p_value", p_value)
        .with("resolution", resolution)),
        Outcome::Invalid { value, .. } => Err(format!("the claimed masses are no probabilities: {value}")),
    }
}
