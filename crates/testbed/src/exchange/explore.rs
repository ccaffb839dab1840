//! The search: every state that can be reached, nearest first, so that what is found is a shortest
//! story.

use super::step::{Step, after, steps};
use super::{Bounds, World, judge};
use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

/// A state that must not be, and how it came about.
#[derive(Clone, Debug)]
pub struct Found {
    /// What is broken.
    pub fault: String,
    /// The steps from the start.
    pub story: Vec<Step>,
}

/// What a search came to.
#[derive(Clone, Debug)]
pub struct Report {
    /// Different states.
    pub states: usize,
    /// Steps from the start to the farthest of them.
    pub depth: usize,
    /// The first fault.
    pub found: Option<Found>,
}

/// Searches everything within the bounds, or up to the first fault.
pub fn explore(bounds: &Bounds) -> Report {
    let start = World::new(bounds);
    let mut met: HashMap<u128, Option<(u128, Step)>> = HashMap::from([(print(&start), None)]);
    let mut edge = vec![start];
    let mut depth = 0;
    while !edge.is_empty() {
        let mut beyond = Vec::new();
        for world in &edge {
            let from = print(world);
            for step in steps(world, bounds) {
                let next = after(world, step, bounds.bug);
                let to = print(&next);
                let new = !met.contains_key(&to);
                // A step back leads to a state that was met before: it is looked at all the same.
                let between = judge::broken_between(world, step, &next);
                let broken = || judge::broken(&next, bounds).filter(|_| new);
                if let Some(fault) = between.or_else(broken) {
                    let story = story(&met, from, step);
                    let found = Some(Found { fault, story });
                    return Report { states: met.len(), depth: depth + 1, found };
                }
                if new {
                    met.insert(to, Some((from, step)));
                    beyond.push(next);
                }
            }
        }
        depth += usize::from(!beyond.is_empty());
        edge = beyond;
    }
    Report { states: met.len(), depth, found: None }
}

/// 128 bits of a state: in a million states two are alike with a chance of one in 10^26.
fn print(world: &World) -> u128 {
    let half = |salt: u8| {
        let mut hasher = DefaultHasher::new();
        salt.hash(&mut hasher);
        world.hash(&mut hasher);
        u128::from(hasher.finish())
    };
    half(0) << 64 | half(1)
}

/// The way to a state, and a step from there.
fn story(met: &HashMap<u128, Option<(u128, Step)>>, from: u128, last: Step) -> Vec<Step> {
    let (mut story, mut at) = (vec![last], from);
    while let Some(Some((from, step))) = met.get(&at) {
        story.push(*step);
        at = *from;
    }
    story.reverse();
    story
}
