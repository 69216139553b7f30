//! Cuts the power at every operation of a story, and looks at what is left.

use super::back::Back;
use super::lab::{Found, Lab, Look};
use super::scene::Scene;
use super::shelf::Shelf;
use super::story::{self, Left};
use super::tally::Tally;
use super::teller::{Seen, Story};
use super::volume::{Fate, Image, Volume};
use crate::disk::Window;
use crate::disk::content::{digest, mix};
use crate::torture::Failure;
use crate::torture::chance::Chance;
use std::collections::HashMap;

/// Images that are drawn after one operation at most. More mostly repeat each other.
const DRAWS_MAX: usize = 24;
/// The same, where there is no board of ours yet.
const DRAWS_MAX_BEFORE: usize = 4;
/// One image in so many is looked at as a whole.
const IMAGES_PER_WHOLE_LOOK: usize = 200;
/// One image in so many is written to, and cut again.
const IMAGES_PER_SECOND_CUT: usize = 100;
/// One image in so many is looked at before SQLite sees it.
const IMAGES_PER_FIRST_LOOK: u64 = 8;
/// The same, where files take the place of others.
const IMAGES_PER_SECOND_CUT_BESIDE: usize = 40;
/// One image in so many is looked at that differs from another in nothing but an unfinished file.
const IMAGES_PER_UNFINISHED: usize = 8;
/// Second cuts after one image.
const SECOND_CUTS: usize = 8;

/// Looks at everything that a cut may leave of a story.
pub(super) fn explore(
    (scene, story): (Scene, &Story),
    labs: &[Lab; 2],
    chance: &mut Chance,
    tally: &mut Tally,
) -> Result<(), Failure> {
    let mut explorer = {
        let (known, but_unfinished) = (HashMap::new(), HashMap::new());
        Explorer { scene, labs, known, but_unfinished, tally }
    };
    let mut volume = story.base.clone();
    for nth in 0..=story.log.len() {
        let window = story.log.get(nth).map_or(story.end, |logged| logged.window);
        // Until there is a board, each image is followed by making one, which takes long.
        let before = story.states.get(window.least).map(|state| &state.seen);
        let has_board = matches!(before, Some(Seen::Board(_) | Seen::Away(_)));
        let most = if has_board { DRAWS_MAX } else { DRAWS_MAX_BEFORE };
        let draws = volume.uncertainty().min(most);
        let fates = [Fate::Lost, Fate::Kept].into_iter();
        for fate in fates.chain(std::iter::repeat_n(Fate::Drawn, draws)) {
            let image = volume.image(fate, chance);
            explorer.judge(story, window, image, chance).map_err(|failure| {
                let next = story.log.get(nth).map(|logged| shown(&logged.op));
                format!("cut before operation {nth} of {} ({next:?}): {failure}", story.log.len())
            })?;
        }
        if let Some(logged) = story.log.get(nth) {
            volume.apply(&logged.op);
        }
    }
    explorer.tally.operations += story.log.len() as u64;
    explorer.tally.stories += 1;
    Ok(())
}

struct Explorer<'e> {
    scene: Scene,
    labs: &'e [Lab; 2],
    /// What was found on images that were looked at.
    known: HashMap<u64, Found>,
    /// The same, whatever was in files that were not finished.
    but_unfinished: HashMap<u64, Found>,
    tally: &'e mut Tally,
}

impl Explorer<'_> {
    fn judge(
        &mut self,
        story: &Story,
        window: Window,
        image: Image,
        chance: &mut Chance,
    ) -> Result<(), Failure> {
        self.tally.built += 1;
        let name = sum(&image);
        if let Some(found) = self.known.get(&name) {
            return allowed(story, window, found, &image, &self.labs[0]).map(drop);
        }
        // Whoever comes next makes an unfinished file anew, so what is in it hardly matters.
        let but_unfinished = sum_but_unfinished(&image);
        if self.scene != Scene::Commands
            && let Some(found) = self.but_unfinished.get(&but_unfinished)
            && !chance.once_in(IMAGES_PER_UNFINISHED)
        {
            return allowed(story, window, found, &image, &self.labs[0]).map(drop);
        }
        let look = if chance.once_in(IMAGES_PER_WHOLE_LOOK) { Look::Whole } else { Look::Quick };
        self.tally.images += 1;
        let back = back(story, window);
        let found = self.labs[0]
            .look_with(&image, look, back)
            .map_err(|failure| described(failure, &image))?;
        self.tally.note(&found, self.scene);
        // By its sum, which is as good as drawn and leaves the seeds what they are. What is refused
        // is so at every look.
        if name.is_multiple_of(IMAGES_PER_FIRST_LOOK) && !matches!(found, Found::Brought(_)) {
            self.labs[0].first_look(&image).map_err(|failure| described(failure, &image))?;
            self.tally.first_looks += 1;
        }
        let seen = allowed(story, window, &found, &image, &self.labs[0])?;
        let per_second_cut = match self.scene {
            Scene::Commands => IMAGES_PER_SECOND_CUT,
            Scene::Backup | Scene::Restore | Scene::Repair => IMAGES_PER_SECOND_CUT_BESIDE,
        };
        if chance.once_in(per_second_cut) {
            let left = Left { now: seen, scene: self.scene, back };
            self.cut_again(&image, left, chance)
                .map_err(|failure| described(format!("second cut: {failure}").into(), &image))?;
        }
        self.but_unfinished.insert(but_unfinished, found.clone());
        self.known.insert(name, found);
        Ok(())
    }

    /// Goes on after a cut, and cuts that again at some of its operations.
    fn cut_again(
        &mut self,
        image: &Image,
        left: Left<'_>,
        chance: &mut Chance,
    ) -> Result<(), Failure> {
        let [first, second] = self.labs;
        let story = {
            let _here = first.bench.stay();
            first.load(image)?;
            story::go_on(&first.bench, left, chance)?
        };
        let mut cuts: Vec<usize> =
            (0..SECOND_CUTS).map(|_| chance.below(story.log.len() + 1)).collect();
        cuts.sort_unstable();
        let mut volume: Volume = story.base.clone();
        let mut done = 0;
        for cut in cuts {
            story.log[done..cut].iter().for_each(|logged| volume.apply(&logged.op));
            done = cut;
            let window = story.log.get(cut).map_or(story.end, |logged| logged.window);
            let image = volume.image(Fate::Drawn, chance);
            self.tally.images += 1;
            self.tally.built += 1;
            self.tally.compound += 1;
            self.tally.images_of[self.scene as usize] += 1;
            let back = back(&story, window);
            let found = second
                .look_with(&image, Look::Quick, back)
                .map_err(|failure| described(failure, &image))?;
            allowed(&story, window, &found, &image, second)?;
        }
        Ok(())
    }
}

/// What brings the board back in a window, where it may be refused.
fn back(story: &Story, window: Window) -> Option<&Back> {
    story.states.get(window.most).and_then(|state| state.back.as_ref())
}

/// Whether a cut may leave this, and as what the board goes on.
fn allowed(
    story: &Story,
    window: Window,
    found: &Found,
    image: &Image,
    lab: &Lab,
) -> Result<Seen, Failure> {
    let states = &story.states;
    let (least, most) = (window.least.min(states.len() - 1), window.most.min(states.len() - 1));
    let matching = (least..=most).find(|state| found.is(&states[*state].seen));
    // Where the next board is in its place, everything that belongs to it is.
    let from = if matching == Some(most) { most } else { least };
    Shelf::of(image)
        .require(states, &states[from].shelf, &states[most].shelf)
        .map_err(|failure| described(failure, image))?;
    // The switch to the log may have to be made again, which is a write to the first page: a board
    // that was adopted then has other pages, and the same on them.
    let now = matching.unwrap_or(least);
    let is_as_adopted = now == 0 || states[now].seen.is_board_of(&states[1].seen);
    if let (Found::Board(_), Seen::Foreign(whole) | Seen::Unswitched(whole), true) =
        (found, &states[0].seen, is_as_adopted)
        && (matching.is_some() || lab.whole(image)? == **whole)
    {
        return Ok(Seen::Unswitched(whole.clone()));
    }
    if matching.is_some() {
        return Ok(found.clone().into());
    }
    // On the way the board may be refused, if that way can be gone to its end.
    if let (Found::Brought(then), Seen::Board(next)) = (found, &states[most].seen)
        && least < most
        && then == next
    {
        return Ok(Seen::Away(*then));
    }
    let elsewhere = states.iter().position(|state| found.is(&state.seen));
    let found = match elsewhere {
        Some(state) => format!("state {state}"),
        None => format!("{found:?}, which nobody ever saw"),
    };
    let why = format!("{found} instead of one from {least} to {most}");
    Err(described(why.into(), image))
}

fn described(failure: Failure, image: &Image) -> Failure {
    let files: Vec<String> = image
        .iter()
        .map(|(name, content)| format!("{} ({} bytes)", name.display(), content.size()))
        .collect();
    format!("{failure}; on the disk: {}", files.join(", ")).into()
}

/// What an image adds up to.
fn sum(image: &Image) -> u64 {
    image.iter().fold(1, |sum, (name, content)| {
        mix(mix(sum, digest(name.as_encoded_bytes())), content.digest())
    })
}

/// The same, but for what is in files that were not finished.
fn sum_but_unfinished(image: &Image) -> u64 {
    image.iter().fold(2, |sum, (name, content)| {
        let is_unfinished = name.to_string_lossy().contains(UNFINISHED);
        let content = if is_unfinished { 0 } else { content.digest() };
        mix(mix(sum, digest(name.as_encoded_bytes())), content)
    })
}

/// What the names of files contain that take the place of others once they are finished.
const UNFINISHED: &str = "andon.new";

fn shown(op: &crate::disk::Op) -> String {
    use crate::disk::Op;
    match op {
        Op::Write { file, at, bytes } => format!("write {} bytes at {at} of {file}", bytes.len()),
        other => format!("{other:?}"),
    }
}
