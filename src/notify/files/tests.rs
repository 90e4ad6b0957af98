//! Files on a real disk, and what hostile names, links and a full disk make of them.

use std::collections::BTreeMap;
use std::os::unix::fs::symlink;

use super::*;
use crate::notify::fixture::letter;
use crate::notify::{Attempt, Channel, ChannelOptions};

const ATTEMPT: Attempt = Attempt {
    now_ms: 1_795_770_000_000,
    is_last: false,
};

fn channel(dir: &Path) -> Channel {
    let options = FilesOptions {
        dir: dir.to_owned(),
    };
    Channel::open(ChannelOptions::Files(options)).expect("a folder")
}

async fn deliver(dir: &Path, letter: &Letter) -> Result<Delivered, DeliveryError> {
    channel(dir).deliver(letter, ATTEMPT).await
}

/// Every file below a folder with its content, by its path.
fn files(dir: &Path) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut folders = vec![dir.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let name = path.strip_prefix(dir).expect("below").display().to_string();
            found.insert(name, std::fs::read_to_string(&path).expect("a file"));
        }
    }
    found
}

#[tokio::test]
async fn a_letter_is_eight_files_and_the_same_letter_gives_the_same_files() {
    let home = tempfile::tempdir().expect("a folder");
    let delivered = deliver(home.path(), &letter()).await.expect("delivered");
    assert_eq!(delivered.note, "written to shop/standup/2026-11-27.*");
    let first = files(home.path());
    let names: Vec<&str> = first.keys().map(String::as_str).collect();
    assert_eq!(
        names,
        [
            "shop/standup/2026-11-27.html",
            "shop/standup/2026-11-27.json",
            "shop/standup/2026-11-27.md",
            "shop/standup/2026-11-27.txt",
            "shop/standup/latest.html",
            "shop/standup/latest.json",
            "shop/standup/latest.md",
            "shop/standup/latest.txt",
        ]
    );
    assert_eq!(first["shop/standup/latest.md"], letter().markdown);
    deliver(home.path(), &letter())
        .await
        .expect("delivered again");
    assert_eq!(files(home.path()), first);
}

#[tokio::test]
async fn another_letter_of_the_same_day_keeps_its_own_files() {
    let home = tempfile::tempdir().expect("a folder");
    let mut second = letter();
    second.id = "shop/rep-13/ops".to_owned();
    second.text = "second".to_owned();
    deliver(home.path(), &letter()).await.expect("the first");
    deliver(home.path(), &second).await.expect("the second");
    deliver(home.path(), &second).await.expect("and again");
    let files = files(home.path());
    assert_eq!(files.len(), 12);
    assert_eq!(files["shop/standup/2026-11-27.txt"], letter().text);
    assert_eq!(files["shop/standup/latest.txt"], "second");
}

#[tokio::test]
async fn a_letter_that_comes_late_is_not_the_latest() {
    let home = tempfile::tempdir().expect("a folder");
    let mut late = letter();
    late.id = "shop/rep-11/ops".to_owned();
    late.file_stem = "2026-11-26".to_owned();
    late.at_ms -= 86_400_000;
    late.text = "late".to_owned();
    deliver(home.path(), &letter()).await.expect("the newer");
    deliver(home.path(), &late).await.expect("the older");
    let files = files(home.path());
    assert_eq!(files["shop/standup/2026-11-26.txt"], "late");
    assert_eq!(files["shop/standup/latest.txt"], letter().text);
}

#[tokio::test]
async fn hostile_names_stay_inside_the_folder() {
    let home = tempfile::tempdir().expect("a folder");
    let dir = home.path().join("letters");
    let long = "ä/".repeat(5_000);
    let hostile = [
        "../../etc",
        "..",
        ".",
        "",
        "/etc/passwd",
        "a\0b",
        "a\nb",
        "latest",
        ".hidden",
        "con\u{202e}txt",
        &long,
    ];
    for (number, name) in hostile.into_iter().enumerate() {
        let mut letter = letter();
        letter.id = format!("shop/rep-{number}/ops");
        letter.project = name.to_owned();
        letter.file_stem = name.to_owned();
        deliver(&dir, &letter).await.expect("it is harmless");
    }
    let found = files(home.path());
    assert_eq!(found.len(), hostile.len() * 8);
    for path in found.keys() {
        let parts: Vec<&str> = path.split('/').collect();
        assert_eq!(parts.len(), 4, "{path}");
        assert_eq!((parts[0], parts[2]), ("letters", "standup"), "{path}");
        assert!(parts.iter().all(|part| !part.starts_with('.')), "{path}");
    }
}

#[test]
fn different_names_stay_different() {
    assert_eq!(file_name("2026-11-27"), "2026-11-27");
    assert_eq!(file_name("Büro_1.2"), "Büro_1.2");
    assert_ne!(file_name("a/b"), file_name("a-b"));
    assert_ne!(file_name("a/b"), file_name("a\\b"));
    let long = |end: char| file_name(&format!("{}{end}", "x".repeat(300)));
    assert_ne!(long('a'), long('b'));
    assert!(long('a').len() < 130);
}

#[tokio::test]
async fn a_link_in_place_of_a_folder_is_not_followed() {
    let home = tempfile::tempdir().expect("a folder");
    let outside = home.path().join("outside");
    let dir = home.path().join("letters");
    for folder in [&outside, &dir] {
        std::fs::create_dir(folder).expect("a folder");
    }
    symlink(&outside, dir.join("shop")).expect("a link");
    let error = deliver(&dir, &letter()).await.expect_err("it is a link");
    assert!(error.is_permanent(), "{error}");
    std::fs::remove_file(dir.join("shop")).expect("the link");
    std::fs::create_dir(dir.join("shop")).expect("a folder");
    symlink(&outside, dir.join("shop/standup")).expect("a link");
    assert!(deliver(&dir, &letter()).await.is_err());
    assert!(files(&outside).is_empty());
}

#[tokio::test]
async fn a_link_in_place_of_a_file_is_replaced_and_its_target_kept() {
    let home = tempfile::tempdir().expect("a folder");
    let outside = home.path().join("precious");
    std::fs::write(&outside, "precious").expect("a file");
    let dir = home.path().join("letters");
    std::fs::create_dir_all(dir.join("shop/standup")).expect("folders");
    for name in ["2026-11-27.md", "latest.json", "2026-11-27.json"] {
        symlink(&outside, dir.join("shop/standup").join(name)).expect("a link");
    }
    let draft = format!(".latest.md.{}.tmp", digest(&letter().id));
    symlink(&outside, dir.join("shop/standup").join(draft)).expect("a link");
    deliver(&dir, &letter()).await.expect("delivered");
    assert_eq!(
        std::fs::read_to_string(&outside).ok().as_deref(),
        Some("precious")
    );
    let written = dir.join("shop/standup/2026-11-27.md");
    assert!(!written.is_symlink());
    assert_eq!(
        std::fs::read_to_string(written).ok(),
        Some(letter().markdown)
    );
}

#[tokio::test]
async fn the_folder_itself_may_be_a_link() {
    let home = tempfile::tempdir().expect("a folder");
    std::fs::create_dir(home.path().join("real")).expect("a folder");
    symlink(home.path().join("real"), home.path().join("letters")).expect("a link");
    deliver(&home.path().join("letters"), &letter())
        .await
        .expect("delivered");
    assert_eq!(files(&home.path().join("real")).len(), 8);
}

#[test]
fn a_full_disk_is_worth_another_attempt() {
    let Ok(mut full) = std::fs::OpenOptions::new().write(true).open("/dev/full") else {
        println!("skipped: this system has no /dev/full");
        return;
    };
    let error = fill(&mut full, b"letter").expect_err("it is full");
    let judged = judge(Path::new("/letters"), &error);
    assert!(!judged.is_permanent());
    assert!(judged.sentence().contains("no room"), "{judged}");
}

#[tokio::test]
async fn what_cannot_be_replaced_leaves_no_draft_and_the_other_files_whole() {
    let home = tempfile::tempdir().expect("a folder");
    let folder = home.path().join("shop/standup");
    std::fs::create_dir_all(folder.join("2026-11-27.html")).expect("a folder");
    let error = deliver(home.path(), &letter())
        .await
        .expect_err("a folder is in the way");
    assert!(error.is_permanent(), "{error}");
    let names: Vec<String> = files(home.path()).into_keys().collect();
    assert_eq!(names, ["shop/standup/2026-11-27.md"]);
}

#[tokio::test]
async fn a_folder_that_went_away_is_worth_another_attempt() {
    let home = tempfile::tempdir().expect("a folder");
    let channel = channel(&home.path().join("letters"));
    std::fs::remove_dir(home.path().join("letters")).expect("the folder");
    let error = channel.deliver(&letter(), ATTEMPT).await;
    assert!(error.is_err_and(|error| !error.is_permanent()));
}

#[tokio::test]
async fn one_write_that_hangs_does_not_make_others_hang() {
    let home = tempfile::tempdir().expect("a folder");
    let files = Files::open(FilesOptions {
        dir: home.path().to_owned(),
    })
    .expect("a folder");
    let writing = Arc::clone(&files.writing);
    let (held, is_held) = std::sync::mpsc::channel();
    let (let_go, may_go) = std::sync::mpsc::channel::<()>();
    let hanging = std::thread::spawn(move || {
        let _guard = writing.lock();
        let _ = held.send(());
        let _ = may_go.recv();
    });
    is_held.recv().expect("the thread runs");
    let error = tokio::time::timeout(Duration::from_secs(30), files.deliver(&letter()))
        .await
        .expect("nobody waits")
        .expect_err("it is busy");
    assert!(!error.is_permanent());
    drop(let_go);
    hanging.join().expect("it ended");
    assert!(files.deliver(&letter()).await.is_ok());
}

#[test]
fn a_relative_folder_is_refused() {
    let options = FilesOptions {
        dir: PathBuf::from("letters"),
    };
    let error = Files::open(options).map(drop);
    assert!(error.is_err_and(|error| error.field == "dir"));
}
