//! What an engine of power cuts has done.

use super::lab::Found;
use super::scene::Scene;
use std::time::Duration;

/// Figures of a run, or of one thread of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    /// Stories that were told.
    pub stories: u64,
    /// Operations of the disk at which the power was cut.
    pub operations: u64,
    /// Images that were made; many are equal to one that was looked at before.
    pub built: u64,
    /// Different images of a story that were opened and looked at.
    pub images: u64,
    /// Of these, images after a second cut.
    pub compound: u64,
    /// Of these, images without a board, on which one was made.
    pub without_board: u64,
    /// Of these, images with a board that was adopted anew.
    pub adopted: u64,
    /// Of these, images whose log was looked at before SQLite read it.
    pub first_looks: u64,
    /// Of these, images on which a board was refused, and came back as the refusal said.
    pub brought: u64,
    /// Images by scene, in the order of [`Scene::ALL`].
    pub images_of: [u64; Scene::ALL.len()],
}

impl Tally {
    pub(super) fn note(&mut self, found: &Found, scene: Scene) {
        self.images_of[scene as usize] += 1;
        match found {
            Found::Nothing => self.without_board += 1,
            Found::Adopted(_) => self.adopted += 1,
            Found::Brought(_) => self.brought += 1,
            Found::Board(_) => {}
        }
    }

    /// Adds the figures of another thread.
    pub fn add(&mut self, other: &Self) {
        self.stories += other.stories;
        self.operations += other.operations;
        self.built += other.built;
        self.images += other.images;
        self.compound += other.compound;
        self.without_board += other.without_board;
        self.adopted += other.adopted;
        self.first_looks += other.first_looks;
        self.brought += other.brought;
        for (sum, other) in self.images_of.iter_mut().zip(other.images_of) {
            *sum += other;
        }
    }

    /// The figures for people, with how long a hundred and a thousand million images would take.
    pub fn report(&self, took: Duration) -> String {
        let rate = self.images as f64 / took.as_secs_f64().max(f64::MIN_POSITIVE);
        let of = |scene: Scene| self.images_of[scene as usize];
        let hours = |images: f64| images / rate / 3_600.0;
        format!(
            "power cuts: {} images opened and checked, {} of them after a second cut; {} built\n  \
             in {} stories with {} operations of the disk; {} images without a board yet, {} \
             adopted anew; {} logs looked at first\n  {} in backups, {} in restores, {} in repairs; \
             {} refused and brought back\n  0 acknowledged lost, 0 half done, 0 damaged, 0 false \
             alarms\n  {:.0} s, {rate:.0} images/s; 100 million: {:.1} h, 1,000 million: {:.0} h",
            self.images,
            self.compound,
            self.built,
            self.stories,
            self.operations,
            self.without_board,
            self.adopted,
            self.first_looks,
            of(Scene::Backup),
            of(Scene::Restore),
            of(Scene::Repair),
            self.brought,
            took.as_secs_f64(),
            hours(1e8),
            hours(1e9),
        )
    }
}
