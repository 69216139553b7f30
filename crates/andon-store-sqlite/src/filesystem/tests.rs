//! Network file systems and missing rights, without either.

use super::*;

fn board() -> &'static Path {
    Path::new("/home/a/kanban.db")
}

fn judge(probe: Probe) -> Result<(), StoreError> {
    require_local(board(), Path::new("/home/a"), probe)
}

#[test]
fn each_network_file_system_is_refused_with_the_way_out() {
    let cases: [(Probe, &str); 5] = [
        (|_| Ok(0x6969), "NFS"),
        (|_| Ok(0xFF53_4D42), "CIFS"),
        (|_| Ok(0x6573_5546), "FUSE"),
        (|_| Ok(0x0102_1997), "9P"),
        (|_| Ok(0x00C3_6400), "Ceph"),
    ];
    for (probe, name) in cases {
        let Err(StoreError::Refused { why, hint, .. }) = judge(probe) else {
            panic!("{name} was accepted");
        };
        assert!(why.contains(name), "{why}");
        assert!(hint.unwrap().0.contains("PostgreSQL"));
    }
}

#[test]
fn a_sign_extended_magic_number_is_recognised() {
    let error = judge(|_| Ok(0xFF53_4D42_u32 as i32 as FsWord)).unwrap_err();
    assert!(error.to_string().contains("CIFS"), "{error}");
}

#[test]
fn local_file_systems_are_accepted() {
    // ext4, XFS, Btrfs, tmpfs, overlayfs.
    let local: [Probe; 5] = [
        |_| Ok(0xEF53),
        |_| Ok(0x5846_5342),
        |_| Ok(0x9123_683E),
        |_| Ok(0x0102_1994),
        |_| Ok(0x794C_7630),
    ];
    for probe in local {
        judge(probe).unwrap();
    }
}

#[test]
fn what_this_process_lacks_is_no_fault_of_the_board() {
    for errno in [Errno::MFILE, Errno::NFILE, Errno::NOMEM] {
        let error = denied(board(), board(), errno);
        assert!(matches!(error, StoreError::Unavailable { .. }), "{error:?}");
    }
    let error = denied(board(), board(), Errno::IO);
    assert!(matches!(error, StoreError::Refused { .. }), "{error:?}");
}

#[test]
fn a_missing_right_and_a_read_only_disk_read_differently() {
    let right = denied(board(), board(), Errno::ACCESS).to_string();
    let disk = denied(board(), board(), Errno::ROFS).to_string();
    assert!(right.contains("may not read and write"), "{right}");
    assert!(disk.contains("read-only file system"), "{disk}");
}
