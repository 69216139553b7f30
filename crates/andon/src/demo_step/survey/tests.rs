//! What a survey counts.

use super::*;

#[test]
fn a_tree_is_counted_without_what_was_built_or_fetched() {
    let dir = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &[u8]| {
        let path = dir.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    write("a.rs", format!("one\n// {}\nthree", OPEN_ENDS[0]).as_bytes());
    write("deep/b.py", b"one\ntwo\n");
    write("deep/picture.bin", b"\0\0");
    write("target/built.rs", b"one\n");
    write(".git/config", b"one\n");
    let tree = survey(dir.path(), Depth::Tree).unwrap();
    assert_eq!((tree.files, tree.lines, tree.open_ends), (3, 5, 1));
    let languages: Vec<_> = tree.languages.iter().map(|(name, n)| (name.as_str(), *n)).collect();
    assert_eq!(languages, [("Python", 2), ("Rust", 3)]);
    assert!(tree.longest[0].0.ends_with("a.rs"), "{:?}", tree.longest);
    let top = survey(dir.path(), Depth::Files).unwrap();
    assert_eq!((top.files, top.lines), (1, 3));
}
