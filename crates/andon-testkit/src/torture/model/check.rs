//! Looks at all states that a model can come to. What must hold in each of them is left to
//! stateright; that everything ends well from each of them is found here, on the graph of all
//! steps, because stateright loses sight of what goes round in circles.

use super::Depth;
use stateright::{Checker, HasDiscoveries, Model};
use std::collections::HashMap;
use std::fmt;
use std::hash::Hash;

/// A model whose steps are sorted by whether they may be waited for.
pub(super) trait World:
    Model<
        State: Clone + Eq + Hash + fmt::Debug + Send + Sync,
        Action: Copy + Eq + fmt::Debug + Send + Sync,
    > + Clone
    + Send
    + Sync
    + 'static
{
    /// What it is called.
    const NAME: &'static str;

    /// Worlds as they should be.
    fn sound(depth: Depth) -> Vec<Self>;

    /// Worlds in which somebody does something wrongly: what it is, the rule or the goal that shows
    /// it, and the world.
    fn mistaken() -> Vec<(&'static str, &'static str, Self)>;

    /// Whether a step is sure to be taken, some time, by whoever can take it: what processes do
    /// that are not killed, and the passing of time. Faults and the whims of people are not.
    fn is_fair(&self, step: Self::Action) -> bool;

    /// What must be within reach from everywhere.
    fn goals(&self) -> Vec<Goal<Self>>;
}

/// Something that must be within reach of fair steps alone, from every state.
pub(super) struct Goal<W: World> {
    /// What is reached.
    pub name: &'static str,
    /// Whether it is.
    pub is_reached: fn(&W, &W::State) -> bool,
}

/// What a look at everything came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Explored {
    /// States.
    pub states: usize,
    /// Steps between them.
    pub steps: usize,
    /// Steps of the shortest way to the farthest state.
    pub depth: usize,
}

/// A rule that does not hold, and the shortest way there.
#[derive(Debug, Clone)]
pub(super) struct Broken {
    /// The rule.
    pub rule: &'static str,
    /// The steps, in order.
    pub way: Vec<String>,
    /// Where they lead.
    pub end: String,
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "not so: {}; {} steps:", self.rule, self.way.len())?;
        self.way.iter().try_for_each(|step| write!(f, "\n    {step}"))
    }
}

/// Looks at everything: all rules, in all states, and every goal from each of them.
pub(super) fn everything<W: World>(world: &W, threads: usize) -> Result<Explored, Box<Broken>> {
    let checker = world
        .clone()
        .checker()
        .threads(threads)
        .finish_when(HasDiscoveries::AnyFailures)
        .spawn_bfs()
        .join();
    if let Some(rule) = checker.discoveries().into_keys().next() {
        return Err(rule_broken(world, rule).expect("a rule that was broken is broken again"));
    }
    let states = checker.unique_state_count();
    drop(checker);
    let (graph, _) = Graph::of(world, |_| false);
    assert_eq!(graph.states.len(), states, "two ways of counting agree");
    for goal in world.goals() {
        if let Some(stuck) = graph.stuck(world, &goal) {
            return Err(Box::new(graph.broken(world, goal.name, stuck)));
        }
    }
    Ok(graph.explored())
}

/// The shortest way to break a rule, if there is any. The one that stateright finds is a few steps
/// longer: it looks at some thousand states after the first that breaks it, and keeps the last.
pub(super) fn rule_broken<W: World>(world: &W, rule: &'static str) -> Option<Box<Broken>> {
    let holds = world.property(rule).condition;
    let (graph, broken) = Graph::of(world, |state| !holds(world, state));
    broken.map(|place| Box::new(graph.broken(world, rule, place)))
}

/// The shortest way to a state from which a goal is out of reach, if there is any.
pub(super) fn goal_lost<W: World>(world: &W, name: &'static str) -> Option<Box<Broken>> {
    let (graph, _) = Graph::of(world, |_| false);
    let goal = world.goals().into_iter().find(|goal| goal.name == name)?;
    graph.stuck(world, &goal).map(|stuck| Box::new(graph.broken(world, name, stuck)))
}

/// All states and the fair steps between them.
struct Graph<W: World> {
    states: Vec<W::State>,
    /// From where each state was first come to, and how many steps away it is.
    first: Vec<(u32, u32)>,
    /// Fair steps, as where to and where from, in order.
    fair: Vec<(u32, u32)>,
    steps: usize,
}

impl<W: World> Graph<W> {
    /// Breadth first, until there is nothing new or a state is one that was looked for.
    fn of(world: &W, is_wanted: impl Fn(&W::State) -> bool) -> (Self, Option<u32>) {
        let mut graph = Self { states: Vec::new(), first: Vec::new(), fair: vec![], steps: 0 };
        let mut places = HashMap::new();
        for state in world.init_states() {
            graph.place(&mut places, state, None);
        }
        let mut next = 0;
        let mut actions = Vec::new();
        while let Some(state) = graph.states.get(next).cloned() {
            let from = number(next);
            if is_wanted(&state) {
                return (graph, Some(from));
            }
            world.actions(&state, &mut actions);
            for action in actions.drain(..) {
                let Some(then) = world.next_state(&state, action) else { continue };
                let to = graph.place(&mut places, then, Some(from));
                graph.steps += 1;
                if to != from && world.is_fair(action) {
                    graph.fair.push((to, from));
                }
            }
            next += 1;
        }
        graph.fair.sort_unstable();
        graph.fair.dedup();
        (graph, None)
    }

    fn place(
        &mut self,
        places: &mut HashMap<W::State, u32>,
        state: W::State,
        from: Option<u32>,
    ) -> u32 {
        if let Some(place) = places.get(&state) {
            return *place;
        }
        let place = number(self.states.len());
        let away = from.map_or(0, |from| self.first[from as usize].1 + 1);
        self.first.push((from.unwrap_or(place), away));
        self.states.push(state.clone());
        places.insert(state, place);
        place
    }

    /// The first state from which fair steps alone never lead to the goal.
    fn stuck(&self, world: &W, goal: &Goal<W>) -> Option<u32> {
        let mut is_safe: Vec<bool> =
            self.states.iter().map(|state| (goal.is_reached)(world, state)).collect();
        let mut open: Vec<u32> =
            (0..number(is_safe.len())).filter(|place| is_safe[*place as usize]).collect();
        while let Some(to) = open.pop() {
            let begin = self.fair.partition_point(|step| step.0 < to);
            let steps = self.fair[begin..].iter().take_while(|step| step.0 == to);
            for (_, from) in steps {
                if !is_safe[*from as usize] {
                    is_safe[*from as usize] = true;
                    open.push(*from);
                }
            }
        }
        is_safe.iter().position(|is_safe| !is_safe).map(number)
    }

    /// The way to a state.
    fn broken(&self, world: &W, rule: &'static str, place: u32) -> Broken {
        let mut way = Vec::new();
        let mut at = place;
        while self.first[at as usize].1 > 0 {
            let from = self.first[at as usize].0;
            let (before, after) = (&self.states[from as usize], &self.states[at as usize]);
            let taken = world.next_steps(before).into_iter().find(|(_, state)| state == after);
            way.extend(taken.map(|(action, _)| format!("{action:?}")));
            at = from;
        }
        way.reverse();
        Broken { rule, way, end: format!("{:?}", self.states[place as usize]) }
    }

    fn explored(&self) -> Explored {
        let depth = self.first.iter().map(|(_, away)| *away as usize).max().unwrap_or(0);
        Explored { states: self.states.len(), steps: self.steps, depth }
    }
}

/// States are counted in 32 bits: more would not fit into memory.
fn number(place: usize) -> u32 {
    u32::try_from(place).expect("fewer than four thousand million states")
}
