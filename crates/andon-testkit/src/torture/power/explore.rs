//! Cuts the power at every operation of a story, and looks at what is left.

use super::lab::{Found, Lab, Look};
use super::story::{self, Seen, Story};
use super::tally::Tally;
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
/// Second cuts after one image.
const SECOND_CUTS: usize = 8;

/// Looks at everything that a cut may leave of a story.
pub(super) fn explore(
    story: &Story,
    labs: &[Lab; 2],
    chance: &mut Chance,
    tally: &mut Tally,
) -> Result<(), Failure> {
    let mut explorer = Explorer { labs, known: HashMap::new(), tally };
    let mut volume = story.base.clone();
    for nth in 0..=story.log.len() {
        let window = story.log.get(nth).map_or(story.end, |logged| logged.window);
        // Until there is a board, each image is followed by making one, which takes long.
        let has_board = matches!(story.seen.get(window.least), Some(Seen::Board(_)));
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
    labs: &'e [Lab; 2],
    /// What was found on images that were looked at.
    known: HashMap<u64, Found>,
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
        let look = if chance.once_in(IMAGES_PER_WHOLE_LOOK) { Look::Whole } else { Look::Quick };
        self.tally.images += 1;
        let found =
            self.labs[0].look(&image, look).map_err(|failure| described(failure, &image))?;
        self.tally.note(&found);
        // By its sum, which is as good as drawn and leaves the seeds what they are.
        if name.is_multiple_of(IMAGES_PER_FIRST_LOOK) {
            self.labs[0].first_look(&image).map_err(|failure| described(failure, &image))?;
            self.tally.first_looks += 1;
        }
        let seen = allowed(story, window, &found, &image, &self.labs[0])?;
        if chance.once_in(IMAGES_PER_SECOND_CUT) {
            self.cut_again(&image, seen, chance)
                .map_err(|failure| described(format!("second cut: {failure}").into(), &image))?;
        }
        self.known.insert(name, found);
        Ok(())
    }

    /// Goes on after a cut, and cuts that again at some of its operations.
    fn cut_again(&mut self, image: &Image, seen: Seen, chance: &mut Chance) -> Result<(), Failure> {
        let [first, second] = self.labs;
        let story = {
            let _here = first.bench.stay();
            first.load(image)?;
            story::go_on(&first.bench, seen, chance)?
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
            let found = second.look(&image, Look::Quick).map_err(|f| described(f, &image))?;
            allowed(&story, window, &found, &image, second)?;
        }
        Ok(())
    }
}

/// Whether a cut may leave this, and as what the board goes on.
fn allowed(
    story: &Story,
    window: Window,
    found: &Found,
    image: &Image,
    lab: &Lab,
) -> Result<Seen, Failure> {
    let least = window.least.min(story.seen.len() - 1);
    let most = window.most.min(story.seen.len() - 1);
    let matching = (least..=most).find(|state| found.is(&story.seen[*state]));
    // The switch to the log may have to be made again, which is a write to the first page: a board
    // that was adopted then has other pages, and the same on them.
    if let (Found::Board(_), Seen::Foreign(whole) | Seen::Unswitched(whole), 0 | 1) =
        (found, &story.seen[0], matching.unwrap_or(least))
        && (matching.is_some() || lab.whole(image)? == **whole)
    {
        return Ok(Seen::Unswitched(whole.clone()));
    }
    if matching.is_some() {
        return Ok(found.clone().into());
    }
    let elsewhere = story.seen.iter().position(|seen| found.is(seen));
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

fn shown(op: &crate::disk::Op) -> String {
    use crate::disk::Op;
    match op {
        Op::Write { file, at, bytes } => format!("write {} bytes at {at} of {file}", bytes.len()),
        other => format!("{other:?}"),
    }
}
