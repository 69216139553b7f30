//! Which names may be left after a cut, where there are directories.

use super::*;

/// A file in a directory that was made for it, both new.
fn made() -> Volume {
    let mut volume = Volume::default();
    volume.apply(&Op::Link { name: "kept/".into(), file: 1 });
    volume.apply(&Op::Link { name: "kept/copy".into(), file: 2 });
    volume.apply(&Op::Write { file: 2, at: 0, bytes: Arc::from(*b"all of it") });
    volume
}

fn sync(volume: &mut Volume, directory: &str) {
    volume.apply(&Op::SyncNames { directory: directory.into() });
}

/// What may be left of names in 200 cuts, each set once.
fn left(volume: &Volume) -> std::collections::BTreeSet<Vec<OsString>> {
    let mut chance = Chance::new(1);
    let fates = [Fate::Lost, Fate::Kept, Fate::Drawn];
    let images = (0..200).map(|nth| volume.image(fates[nth % 3], &mut chance));
    images.map(|image| image.into_iter().map(|(name, _)| name).collect()).collect()
}

#[test]
fn a_name_is_durable_once_its_own_directory_is_synced() {
    let (nothing, empty) = (Vec::<OsString>::new(), vec![OsString::from("kept/")]);
    let both = vec![OsString::from("kept/"), OsString::from("kept/copy")];
    let mut volume = made();
    assert_eq!(left(&volume), [nothing.clone(), empty.clone(), both.clone()].into());
    // Of the strict disk, the directory itself may still be lost, and all in it.
    sync(&mut volume, "kept/");
    assert_eq!(left(&volume), [nothing, both.clone()].into());
    sync(&mut volume, "");
    assert_eq!(left(&volume), [both].into());
    // The other way round the directory is there, and may be empty.
    let mut volume = made();
    sync(&mut volume, "");
    let both = vec![OsString::from("kept/"), OsString::from("kept/copy")];
    assert_eq!(left(&volume), [empty, both].into());
}

#[test]
fn with_ordered_metadata_any_sync_makes_earlier_names_durable() {
    let mut volume = made();
    volume.apply(&Op::Sync { file: 3 });
    assert_eq!(volume.ordered, 2);
    sync(&mut volume, "elsewhere/");
    assert_eq!(volume.ordered, 2);
    volume.apply(&Op::Unlink { name: "kept/copy".into() });
    sync(&mut volume, "");
    // What is left are the names in the other directory.
    assert_eq!((volume.ordered, volume.renamings.len()), (2, 2));
}
