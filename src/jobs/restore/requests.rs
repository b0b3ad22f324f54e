//! What one process asks of another that may write the club's files, and what that answers:
//! `RUNTIME/restore/ID.request` and `ID.answer`. Whoever reads one treats it as hostile.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, ErrorKind, Read};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use nix::unistd::geteuid;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::model::{JobId, Preview, RestoreRequest};
use crate::store::{StoreError, replace};

/// The panel's own, made with the package; anybody else's programs make one for themselves.
const FOLDER_MODE: u32 = 0o750;
/// The right of group and others to make files in it.
const OTHERS_WRITE: u32 = 0o022;
/// Names and masked values; the folder keeps others out.
const FILE_MODE: u32 = 0o644;
/// Bytes of a request: a few names.
const LARGEST_REQUEST: u64 = 64 << 10;
/// Bytes of an answer: some hundreds of differences a member.
const LARGEST_ANSWER: u64 = 8 << 20;

/// The folder.
#[derive(Clone, Debug)]
pub struct Requests {
    folder: PathBuf,
}

impl Requests {
    /// The requests below this runtime directory.
    pub fn of(runtime: &Path) -> Self {
        Self { folder: runtime.join("restore") }
    }

    /// Leaves a request for the job of this id.
    pub fn ask(&self, id: &JobId, request: &RestoreRequest) -> Result<(), StoreError> {
        let failed = |error| StoreError::of("create", &self.folder, error);
        if let Some(runtime) = self.folder.parent() {
            crate::store::make_folder(runtime).map_err(failed)?;
        }
        match DirBuilder::new().mode(FOLDER_MODE).create(&self.folder) {
            Err(error) if error.kind() != ErrorKind::AlreadyExists => return Err(failed(error)),
            _ => {}
        }
        // Where others may write, one of them could ask in this one's name.
        let found = fs::symlink_metadata(&self.folder).map_err(failed)?;
        if !found.is_dir() || found.uid() != geteuid().as_raw() || found.mode() & OTHERS_WRITE != 0 {
            return Err(StoreError::Denied { action: "trust", path: self.folder.clone() });
        }
        write(&self.request(id), request)
    }

    /// Takes the request of this id.
    ///
    /// # Errors
    /// `NotFound` where there is none, `InvalidData` where it is no request.
    pub fn take(&self, id: &JobId) -> io::Result<RestoreRequest> {
        let request = read(&self.request(id), LARGEST_REQUEST);
        // It is answered once.
        let _ = fs::remove_file(self.request(id));
        request
    }

    /// Leaves the answer to a question.
    pub fn answer(&self, id: &JobId, preview: &Preview) -> Result<(), StoreError> {
        write(&self.file(id, "answer"), preview)
    }

    /// Takes the answer of this id.
    ///
    /// # Errors
    /// `NotFound` where there is none.
    pub fn answered(&self, id: &JobId) -> io::Result<Preview> {
        let answer = read(&self.file(id, "answer"), LARGEST_ANSWER);
        let _ = fs::remove_file(self.file(id, "answer"));
        answer
    }

    /// Takes a request back that nobody has taken.
    pub fn withdraw(&self, id: &JobId) {
        let _ = fs::remove_file(self.request(id));
    }

    fn request(&self, id: &JobId) -> PathBuf {
        self.file(id, "request")
    }

    fn file(&self, id: &JobId, kind: &str) -> PathBuf {
        self.folder.join(format!("{id}.{kind}"))
    }
}

fn write(path: &Path, value: &impl Serialize) -> Result<(), StoreError> {
    replace(path, &serde_json::to_vec(value).expect("names and texts are JSON"), FILE_MODE)
}

/// One value of a file that anybody may have put there.
fn read<T: DeserializeOwned>(path: &Path, largest: u64) -> io::Result<T> {
    let mut options = OpenOptions::new();
    let file = options.read(true).custom_flags(nix::libc::O_NOFOLLOW | nix::libc::O_NONBLOCK).open(path)?;
    let found = file.metadata()?;
    if !found.is_file() || found.nlink() != 1 || found.len() > largest {
        return Err(ErrorKind::InvalidData.into());
    }
    let mut text = Vec::new();
    file.take(largest).read_to_end(&mut text)?;
    serde_json::from_slice(&text).map_err(|_| ErrorKind::InvalidData.into())
}

#[cfg(test)]
mod tests {
    use std::fs::Permissions;
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;
    use crate::jobs;
    use crate::model::JobKind;

    #[test]
    fn a_request_is_taken_once_as_it_was_left() {
        let runtime = tempfile::tempdir().unwrap();
        let (requests, id) = (Requests::of(runtime.path()), jobs::new_id(JobKind::Restore));
        requests.ask(&id, &RestoreRequest::Undo).unwrap();
        assert_eq!(requests.take(&id).unwrap(), RestoreRequest::Undo);
        assert_eq!(requests.take(&id).unwrap_err().kind(), ErrorKind::NotFound);
    }

    #[test]
    fn nobody_asks_in_a_folder_in_which_others_write() {
        let runtime = tempfile::tempdir().unwrap();
        let (requests, id) = (Requests::of(runtime.path()), jobs::new_id(JobKind::Restore));
        requests.ask(&id, &RestoreRequest::Undo).unwrap();
        fs::set_permissions(&requests.folder, Permissions::from_mode(0o770)).unwrap();
        let refused = requests.ask(&id, &RestoreRequest::Undo);
        assert!(matches!(refused, Err(StoreError::Denied { .. })), "{refused:?}");
        fs::rename(&requests.folder, runtime.path().join("elsewhere")).unwrap();
        symlink(runtime.path().join("elsewhere"), &requests.folder).unwrap();
        assert!(requests.ask(&id, &RestoreRequest::Undo).is_err(), "a link");
    }

    #[test]
    fn what_is_no_request_is_not_taken_for_one() {
        let runtime = tempfile::tempdir().unwrap();
        let (requests, id) = (Requests::of(runtime.path()), jobs::new_id(JobKind::Restore));
        requests.ask(&id, &RestoreRequest::Undo).unwrap();
        let path = requests.request(&id);
        let good = fs::read_to_string(&path).unwrap();
        let long = format!("{good}{}", " ".repeat(70_000));
        let archive = r#"{"action":"preview","archive":"../../etc/shadow"}"#;
        let more = r#"{"action":"restore","archive":"backup-20241218-030000.tar.gz","path":"/etc"}"#;
        for bad in ["", "{}", "null", r#"{"action":"delete"}"#, archive, more, &long] {
            fs::write(&path, bad).unwrap();
            assert_eq!(requests.take(&id).unwrap_err().kind(), ErrorKind::InvalidData, "{bad:.80}");
        }
        let elsewhere = runtime.path().join("elsewhere");
        fs::write(&elsewhere, &good).unwrap();
        symlink(&elsewhere, &path).unwrap();
        assert!(requests.take(&id).is_err(), "a link");
        fs::hard_link(&elsewhere, &path).unwrap();
        assert!(requests.take(&id).is_err(), "a second name of some file");
        assert!(elsewhere.exists());
        nix::unistd::mkfifo(&path, nix::sys::stat::Mode::S_IRWXU).unwrap();
        assert!(requests.take(&id).is_err(), "a pipe, which is not waited for");
    }
}
