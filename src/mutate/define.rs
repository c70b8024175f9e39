//! Which definitions a mistake may be planted in: those in which it can show.
//!
//! A definition stands for a part of several formulas. Where a formula that uses it is compared with one
//! that does not, a mistake in it makes the two disagree. Where both use it, the spec with the mistake may
//! be another right one: a mean that g and the density share is any mean.

use super::place::{Place, Role};
use crate::language::{canonical_name, names_used, parse_expression};
use crate::spec::raw::RawSpec;
use std::collections::BTreeSet;

/// Whether a mistake in the definition with this number can show.
pub(super) fn is_compared(spec: &RawSpec, places: &[Place], number: usize) -> bool {
    let names = names_of(spec, |i| i == number);
    let users: Vec<Role> = places
        .iter()
        .filter(|place| !matches!(place.role, Role::Definition(_)) && mentions(place, &names))
        .map(|place| place.role)
        .collect();
    let uses = |wanted: &dyn Fn(Role) -> bool| users.iter().any(|&role| wanted(role));
    let is_density = |role| matches!(role, Role::Density | Role::Distribution);
    // What defines the law of z, which claims are held against.
    let defines = |role| match role {
        Role::Transform => true,
        Role::Inverse => spec.transform.is_empty(),
        _ => spec.transform.is_empty() && spec.inverse.is_empty() && is_density(role),
    };
    // The noise has a law, its support may be used as it stands: nothing is known of a bound.
    if uses(&|role| role == Role::Support) {
        return false;
    }
    let has_density = places.iter().any(|place| is_density(place.role));
    let is_law_claim = |role| {
        !defines(role)
            && matches!(
                role,
                Role::Inverse
                    | Role::LogDet
                    | Role::Velocity
                    | Role::Density
                    | Role::Distribution
                    | Role::Moment(_)
                    | Role::Entropy
            )
    };
    if uses(&defines) {
        return has_density && !uses(&is_density);
    }
    uses(&is_law_claim) || is_one_sided(spec, &users)
}

/// Whether of some f and what is claimed of its mean one uses a definition and the other does not, or of
/// two lines of a derivation.
fn is_one_sided(spec: &RawSpec, users: &[Role]) -> bool {
    let uses = |role: Role| users.contains(&role);
    let of_expectation = (0..spec.expectations.len()).any(|i| {
        let claims = uses(Role::Value(i)) || uses(Role::Gradient(i)) || uses(Role::Estimator(i));
        let is_claimed = Role::Objective(i).is_claimed(spec);
        is_claimed && uses(Role::Objective(i)) != claims
    });
    let of_lines = spec.derivations.iter().enumerate().any(|(i, (_, lines))| {
        (1..lines.len()).any(|j| uses(Role::Line(i, j)) != uses(Role::Line(i, j - 1)))
    });
    of_expectation || of_lines
}

/// The names of some definitions, by their numbers, and of those that rest on them.
pub(super) fn names_of(spec: &RawSpec, is_one: impl Fn(usize) -> bool) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    // In the order of the file: a definition stands below those that it uses.
    for (i, (name, formula)) in spec.define.iter().enumerate() {
        let rests = parse_expression(&formula.text).is_ok_and(|expr| {
            let used = names_used(&expr);
            names.iter().any(|name: &String| used.contains_key(name))
        });
        if rests || is_one(i) {
            names.insert(canonical_name(&name.value));
        }
    }
    names
}

/// Whether a formula uses one of these names.
pub(super) fn mentions(place: &Place, names: &BTreeSet<String>) -> bool {
    super::place::names_in(place)
        .iter()
        .any(|name| names.contains(name))
}
